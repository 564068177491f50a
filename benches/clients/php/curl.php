<?php

// ext-curl: a handle that is kept, for as long as PHP keeps it.

declare(strict_types=1);

require __DIR__ . '/exchange.php';

return static function (string $url, string $caFile): Closure {
    $handle = curl_init($url);
    curl_setopt_array($handle, [
        CURLOPT_CAINFO => $caFile,
        CURLOPT_PROXY => '',
        CURLOPT_POST => true,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HTTPHEADER => ['Content-Type: application/json', 'Expect:'],
        CURLOPT_CONNECTTIMEOUT => 5,
        CURLOPT_TIMEOUT => 30,
    ]);
    return static function (int $records, int $firstId) use ($handle): void {
        curl_setopt($handle, CURLOPT_POSTFIELDS, request($records, $firstId));
        $answer = curl_exec($handle);
        if ($answer === false) {
            throw new RuntimeException(curl_error($handle));
        }
        check($answer, $records);
    };
};
