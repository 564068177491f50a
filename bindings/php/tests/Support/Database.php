<?php

declare(strict_types=1);

namespace OoWebhooks\Tests\Support;

/** A database with the tables of the outbox on a real server, which ends with this process. */
final class Database
{
    /** @var array<string, self> */
    private static array $servers = [];

    private static int $databases = 0;

    public readonly string $socket;
    private readonly Folder $folder;
    private bool $hasUser = false;

    /** @var resource */
    private $process;

    /** @var array<int, resource> */
    private array $pipes = [];

    /** @param string $kind "mariadb" or "postgresql" */
    public static function server(string $kind): self
    {
        return self::$servers[$kind] ??= new self($kind);
    }

    private function __construct(private readonly string $kind)
    {
        $this->folder = new Folder();
        $command = [Build::root() . '/tests/servers/serve', $kind, $this->folder->path];
        $this->process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], STDERR], $this->pipes);
        [$said, $this->socket] = explode(' ', trim((string) fgets($this->pipes[1])), 2) + [1 => ''];
        if ($said !== 'socket') {
            throw new \RuntimeException("$kind does not start");
        }
    }

    public function __destruct()
    {
        array_map('fclose', $this->pipes);
        proc_close($this->process);
    }

    /** A new database with the tables and with a user `app`, who may INSERT into the outbox; its name. */
    public function make(): string
    {
        $name = 'shop' . self::$databases++;
        $this->connect($this->kind === 'mariadb' ? 'mysql' : 'postgres')->exec("CREATE DATABASE $name");
        $schema = file_get_contents(
            Build::root() . '/store-sql/schema/' . ($this->kind === 'mariadb' ? 'mysql' : 'postgresql') . '-1.sql'
        );
        $connection = $this->connect($name);
        $connection->exec(str_replace('@COLLATION@', 'utf8mb4_nopad_bin', $schema));
        $app = $this->kind === 'mariadb' ? 'app@localhost' : 'app';
        if (!$this->hasUser) {
            $connection->exec("CREATE USER $app");
            $this->hasUser = true;
        }
        $connection->exec("GRANT INSERT ON oo_webhooks_outbox TO $app");
        return $name;
    }

    /** @param array<int, mixed> $attributes */
    public function connect(string $database, string $user = 'root', array $attributes = []): \PDO
    {
        $where = $this->kind === 'mariadb' ? "mysql:charset=utf8mb4;unix_socket=$this->socket" : "pgsql:host=$this->socket";
        return new \PDO("$where;dbname=$database", $user, null, $attributes);
    }

    /** @return list<string> the saves that were committed, as `account/module:id` in order */
    public function saves(string $database): array
    {
        $rows = $this->connect($database)->query('SELECT account, module, record_id FROM oo_webhooks_outbox ORDER BY id');
        return array_map(static fn (array $row): string => "$row[0]/$row[1]:$row[2]", $rows->fetchAll(\PDO::FETCH_NUM));
    }
}
