<?php

// A persistent stream by hand, with as much HTTP as finds the end of the answer. PHP-FPM keeps it between requests.

declare(strict_types=1);

require __DIR__ . '/exchange.php';

return static function (string $url, string $caFile): Closure {
    ['host' => $host, 'port' => $port, 'path' => $path] = parse_url($url);
    $stream = stream_socket_client(
        "tls://$host:$port",
        $code,
        $message,
        5,
        STREAM_CLIENT_CONNECT | STREAM_CLIENT_PERSISTENT,
        stream_context_create(['ssl' => ['cafile' => $caFile], 'socket' => ['tcp_nodelay' => true]])
    ) ?: throw new RuntimeException($message);
    return static function (int $records, int $firstId) use ($stream, $host, $port, $path): void {
        $body = request($records, $firstId);
        $length = strlen($body);
        fwrite($stream, "POST $path HTTP/1.1\r\nHost: $host:$port\r\nContent-Type: application/json\r\n"
            . "Content-Length: $length\r\n\r\n$body");
        $length = null;
        while (($line = fgets($stream)) !== "\r\n") {
            if ($line === false) {
                throw new RuntimeException('the connection is closed');
            }
            if (stripos($line, 'content-length:') === 0) {
                $length = (int) substr($line, 15);
            }
        }
        check(stream_get_contents($stream, $length), $records);
    };
};
