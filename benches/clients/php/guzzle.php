<?php

// Guzzle, Debian's: a client that is kept.

declare(strict_types=1);

require 'GuzzleHttp/autoload.php';
require __DIR__ . '/exchange.php';

return static function (string $url, string $caFile): Closure {
    $client = new GuzzleHttp\Client(['verify' => $caFile, 'proxy' => '', 'connect_timeout' => 5, 'timeout' => 30]);
    return static function (int $records, int $firstId) use ($client, $url): void {
        $response = $client->post($url, [
            'headers' => ['Content-Type' => 'application/json', 'Expect' => ''],
            'body' => request($records, $firstId),
        ]);
        check((string) $response->getBody(), $records);
    };
};
