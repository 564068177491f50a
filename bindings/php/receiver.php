<?php

/*
 * Receives the webhooks of the onOffice marketplace. A call that onOffice has signed is answered with 200, any other
 * with 401.
 *
 *     ON_OFFICE_PROVIDER_SECRET=... RECEIVER_URL=http://127.0.0.1:8080/hook php -S 127.0.0.1:8080 receiver.php
 *
 * The URL is the one that was registered, without its query. Behind a proxy the request may show another.
 */

declare(strict_types=1);

/** @param array<array-key, mixed> $parameters of the query */
function isSigned(string $url, array $parameters, string $secret, int $now): bool
{
    ['signature' => $signature, 'timestamp' => $timestamp] = $parameters + ['signature' => '', 'timestamp' => ''];
    unset($parameters['signature']);
    ksort($parameters);
    $expected = hash_hmac('sha256', $url . '?' . http_build_query($parameters, '', '&'), $secret);
    return is_string($signature) && hash_equals($expected, $signature)
        && is_string($timestamp) && abs($now - (int) $timestamp) <= 300;
}

[$url, $secret] = [(string) getenv('RECEIVER_URL'), (string) getenv('ON_OFFICE_PROVIDER_SECRET')];
if ($url === '' || $secret === '') {
    http_response_code(500);
    exit("set RECEIVER_URL and ON_OFFICE_PROVIDER_SECRET\n");
}
if (!isSigned($url, $_GET, $secret, time())) {
    http_response_code(401);
    exit("not signed by onOffice\n");
}
// Answer at once and work afterwards. A record may be called for again: what costs money needs a guard of its own.
foreach (array_intersect_key($_GET, array_flip(['estateId', 'addressId', 'taskId', 'calendarId'])) as $name => $id) {
    error_log("received: $name $id");
}
echo "ok\n";
