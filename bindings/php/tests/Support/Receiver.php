<?php

declare(strict_types=1);

namespace OoWebhooks\Tests\Support;

/** The package's receiver under PHP's own web server, as a process that ends with this object. */
final class Receiver
{
    public const SECRET = 'MockProviderSecretMockProviderSecretMockProviderSecretMock000001';

    public readonly string $url;

    /** @var resource */
    private $process;

    /** @var array<int, resource> */
    private array $pipes = [];

    public function __construct(string $secret = self::SECRET)
    {
        $place = self::freePlace();
        $this->url = "http://$place/hook";
        $command = [PHP_BINARY, '-S', $place, dirname(__DIR__, 2) . '/receiver.php'];
        $environment = ['RECEIVER_URL' => $this->url, 'ON_OFFICE_PROVIDER_SECRET' => $secret] + getenv();
        $this->process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $this->pipes, null, $environment);
        $this->said('started');
    }

    public function __destruct()
    {
        proc_terminate($this->process, SIGTERM);
        proc_close($this->process);
    }

    /** The line of its log that has these words. */
    public function said(string $words): string
    {
        do {
            [$readable, $none] = [[$this->pipes[2]], null];
            if (stream_select($readable, $none, $none, 30) !== 1 || ($line = fgets($this->pipes[2])) === false) {
                throw new \RuntimeException("the receiver does not say \"$words\"");
            }
        } while (!str_contains($line, $words));
        return rtrim($line);
    }

    /** @param array<string, mixed> $parameters of the query, whose order is kept
     *
     *  @return int the HTTP status */
    public function get(array $parameters): int
    {
        $context = stream_context_create(['http' => ['ignore_errors' => true, 'timeout' => 30]]);
        file_get_contents("$this->url?" . http_build_query($parameters), false, $context);
        return (int) explode(' ', $http_response_header[0])[1];
    }

    /**
     * Signed as the official example checks it (docs/api-facts.md, `receiver-signature`).
     *
     * @param array<string, mixed> $parameters
     *
     * @return array<string, mixed>
     */
    public function signed(array $parameters, string $secret = self::SECRET): array
    {
        ksort($parameters);
        $signature = hash_hmac('sha256', "$this->url?" . http_build_query($parameters), $secret);
        return $parameters + ['signature' => $signature];
    }

    /** The system gives a port that nobody has. */
    private static function freePlace(): string
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $place = stream_socket_get_name($socket, false);
        fclose($socket);
        return $place;
    }
}
