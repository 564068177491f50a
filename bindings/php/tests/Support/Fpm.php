<?php

declare(strict_types=1);

namespace OoWebhooks\Tests\Support;

/**
 * A real PHP-FPM with one worker, which serves a copy of this package that has the library in its own folder.
 *
 * Started by root, the workers are someone else, as they are on a server.
 */
final class Fpm
{
    public readonly string $package;
    private readonly Folder $folder;

    /** @var resource */
    private $process;

    /** @var array<int, resource> */
    private array $pipes = [];

    /**
     * @param list<string> $ini  lines of php.ini; `{package}` is where the package is
     * @param list<string> $pool lines of the pool
     */
    public function __construct(array $ini = [], array $pool = [])
    {
        $this->folder = new Folder();
        $this->package = self::install($this->folder);
        $this->folder->copy(__DIR__ . '/../programs', 'public');
        $php = $this->folder->write('php.ini', $this->phpIni($ini));
        $fpm = $this->folder->write('fpm.conf', $this->fpmConf($pool));
        $command = [self::program(), '-F', '-O', '-c', $php, '-y', $fpm];
        // A folder without ini files: what the machine's PHP is set to does not count.
        $environment = ['PHP_INI_SCAN_DIR' => "{$this->folder->path}/public"] + getenv();
        $this->process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $this->pipes, null, $environment);
        $this->waitUntilReady();
    }

    public function __destruct()
    {
        if (is_resource($this->process)) {
            proc_terminate($this->process, SIGTERM);
            proc_close($this->process);
        }
    }

    /** The user whom the workers run as; none when that is who runs the tests. */
    public static function user(): ?string
    {
        return match (true) {
            posix_geteuid() !== 0 => null,
            posix_getpwnam('www-data') !== false => 'www-data',
            default => 'nobody',
        };
    }

    /** A copy of the package as it is on a server, with the library where it finds it by itself. */
    public static function install(Folder $folder): string
    {
        $package = dirname(__DIR__, 2);
        foreach (['src', 'include', 'autoload.php', 'call.php', 'preload.php'] as $part) {
            $folder->copy("$package/$part", "package/$part");
        }
        $library = 'lib/linux-' . php_uname('m') . '/liboo_webhooks.so.1';
        $folder->copy(Build::library(), "package/$library");
        return "$folder->path/package";
    }

    /**
     * Has a worker run one of tests/programs.
     *
     * @param array<string, string> $parameters of the web server, which PHP shows in $_SERVER
     */
    public function get(string $program, array $parameters = []): string
    {
        $parameters += ['OO_WEBHOOKS_AUTOLOAD' => "$this->package/autoload.php"];
        return FastCgi::get($this->socket(), "{$this->folder->path}/public/$program", $parameters);
    }

    /**
     * Has a worker execute the webhooks of a task.
     *
     * @param array<string, string> $parameters
     *
     * @return array<string, mixed> what tests/programs/execute.php says
     */
    public function execute(int $id, array $parameters): array
    {
        $answer = $this->get('execute.php', $parameters + ['QUERY_STRING' => "id=$id"]);
        return json_decode($answer, true) ?? throw new \RuntimeException("not JSON: $answer");
    }

    /** Ends FPM as a restart does, and gives what it said meanwhile: a worker that a signal ended is named there. */
    public function end(): string
    {
        proc_terminate($this->process, SIGQUIT);
        stream_set_timeout($this->pipes[2], 30);
        $said = (string) stream_get_contents($this->pipes[2]);
        proc_close($this->process);
        return $said;
    }

    private function socket(): string
    {
        return "{$this->folder->path}/fpm.sock";
    }

    /** @param list<string> $lines */
    private function phpIni(array $lines): string
    {
        $loaded = ['extension=ffi', 'zend_extension=opcache'];
        return strtr(implode("\n", [...$loaded, ...$lines, '']), ['{package}' => $this->package]);
    }

    /** @param list<string> $lines */
    private function fpmConf(array $lines): string
    {
        $user = self::user();
        $account = $user === null ? [] : ["user = $user", "listen.owner = $user"];
        return implode("\n", [
            '[global]',
            'daemonize = no',
            "error_log = {$this->folder->path}/fpm.log",
            '[www]',
            "listen = {$this->socket()}",
            'listen.mode = 0666',
            'pm = static',
            'pm.max_children = 1',
            ...$account,
            ...$lines,
            '',
        ]);
    }

    private static function program(): string
    {
        $version = PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
        foreach ([...explode(':', (string) getenv('PATH')), '/usr/sbin', '/usr/local/sbin'] as $folder) {
            foreach (["php-fpm$version", 'php-fpm'] as $name) {
                if (is_executable("$folder/$name")) {
                    return "$folder/$name";
                }
            }
        }
        throw new \RuntimeException('PHP-FPM is missing: install php-fpm');
    }

    private function waitUntilReady(): void
    {
        $said = '';
        $deadline = microtime(true) + 30;
        while (!str_contains($said, 'ready to handle connections')) {
            [$readable, $none] = [[$this->pipes[2]], null];
            $left = $deadline - microtime(true);
            $piece = $left > 0 && stream_select($readable, $none, $none, (int) ceil($left)) === 1
                ? fread($this->pipes[2], 8192)
                : '';
            if ($piece === '' || $piece === false) {
                throw new \RuntimeException("PHP-FPM does not start: $said");
            }
            $said .= $piece;
        }
    }
}
