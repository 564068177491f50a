<?php

declare(strict_types=1);

namespace OoWebhooks\Tests\Support;

use OoWebhooks\Options;

/** The mock of the API, as a process that ends with this one. */
final class Mock
{
    public const TOKEN = 'MockTokenMockTokenMockToken00001';
    public const SECRET = 'MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001';
    public const PROVIDER_TOKEN = 'MockProviderMockProviderToken001';

    private static ?self $shared = null;
    private static ?self $plain = null;

    public readonly string $url;
    /** Null for one without TLS. */
    public readonly ?string $caFile;
    private readonly string $control;
    private readonly Folder $folder;

    /** @var resource */
    private $process;

    /** @var array<int, resource> */
    private array $pipes = [];

    /** The one for all tests, without faults and as if nothing had happened. */
    public static function fresh(): self
    {
        self::$shared ??= new self(tls: true);
        self::$shared->order('reset');
        self::$shared->closeIdle();
        return self::$shared;
    }

    /** One that speaks plain HTTP. */
    public static function plain(): self
    {
        return self::$plain ??= new self(tls: false);
    }

    private function __construct(bool $tls)
    {
        $this->folder = new Folder();
        $command = [Build::program(), 'mock', '--port', '0', '--control-port', '0', '--quiet', '--exit-with-parent'];
        $command[] = '--strict';
        array_push($command, ...$tls ? ['--ca-file', "{$this->folder->path}/ca.pem"] : ['--http']);
        foreach (['estate', 'address', 'task', 'calendar'] as $module) {
            array_push($command, '--unknown', "$module/404");
        }
        $this->process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], STDERR], $this->pipes);
        $this->url = $this->announced('listening');
        $this->control = $this->announced('control');
        $this->caFile = $tls ? $this->announced('ca-file') : null;
        if ($tls) {
            chmod($this->caFile, 0644);
        }
    }

    public function __destruct()
    {
        // The mock ends when its standard input does.
        array_map('fclose', $this->pipes);
        proc_close($this->process);
    }

    public function options(
        string $token = self::TOKEN,
        string $secret = self::SECRET,
        ?int $timeoutMs = null,
    ): Options {
        return new Options($token, $secret, url: $this->url, caFile: $this->caFile, timeoutMs: $timeoutMs);
    }

    /** @return array<string, string> */
    public function environment(): array
    {
        return [
            'ON_OFFICE_URL' => $this->url,
            'ON_OFFICE_CA_FILE' => (string) $this->caFile,
            'ON_OFFICE_TOKEN' => self::TOKEN,
            'ON_OFFICE_SECRET' => self::SECRET,
        ];
    }

    /** From now on this goes wrong, and nothing else. */
    public function fault(string ...$faults): void
    {
        $this->order('faults', '[' . implode(',', $faults) . ']');
    }

    /** From now on its clock is so many seconds ahead. */
    public function clock(int $offset): void
    {
        $this->order('clock', json_encode(['offset' => $offset]));
    }

    /**
     * From now on these webhooks are called for what is executed.
     *
     * @param array<string, string> ...$webhooks
     */
    public function webhooks(array ...$webhooks): void
    {
        $this->order('webhooks', json_encode($webhooks, JSON_THROW_ON_ERROR));
    }

    /** @return list<array{string, int, int}> module, id and HTTP status of each webhook that was called, once all are */
    public function deliveries(): array
    {
        return array_map(
            static fn (array $entry): array => [$entry['module'], $entry['id'], $entry['status']],
            $this->ask('deliveries?wait_ms=10000')['entries']
        );
    }

    /** Closes the connections that no request is on. */
    public function closeIdle(): void
    {
        $this->order('close-idle');
    }

    /** @return list<string> what was executed, as `module:id` in order */
    public function executed(): array
    {
        return array_map(
            static fn (array $entry): string => "{$entry['module']}:{$entry['id']}",
            $this->ask('ledger')['entries']
        );
    }

    /** @return array<string, int> */
    public function counts(): array
    {
        return $this->ask('counts');
    }

    /** TLS handshakes of any kind since the last reset. */
    public function handshakes(): int
    {
        $counts = $this->counts();
        return $counts['full_handshakes'] + $counts['resumed_handshakes'];
    }

    private function announced(string $what): string
    {
        [$readable, $none] = [[$this->pipes[1]], null];
        if (stream_select($readable, $none, $none, 30) !== 1) {
            throw new \RuntimeException('the mock says nothing');
        }
        $line = rtrim((string) fgets($this->pipes[1]));
        if (!str_starts_with($line, "$what ")) {
            throw new \RuntimeException("the mock said \"$line\" instead of $what");
        }
        return substr($line, strlen($what) + 1);
    }

    private function order(string $what, string $json = ''): void
    {
        $this->exchange($what, ['method' => 'POST', 'content' => $json, 'header' => 'Content-Type: application/json']);
    }

    /** @return array<string, mixed> */
    private function ask(string $what): array
    {
        // Ids go up to 2^63-1, which a float would round.
        return json_decode($this->exchange($what, []), true, flags: JSON_THROW_ON_ERROR | JSON_BIGINT_AS_STRING);
    }

    /** @param array<string, string> $http */
    private function exchange(string $what, array $http): string
    {
        $context = stream_context_create(['http' => $http + ['timeout' => 10]]);
        return (string) file_get_contents("$this->control/mock/$what", false, $context);
    }
}
