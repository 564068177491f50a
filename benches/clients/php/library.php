<?php

// The package, as its users have it.

declare(strict_types=1);

require getenv('BENCH_PACKAGE') . '/autoload.php';

use OoWebhooks\Client;
use OoWebhooks\Options;
use OoWebhooks\Record;

return static function (string $url, string $caFile): Closure {
    $client = new Client(new Options(
        token: 'MockTokenMockTokenMockToken00001',
        secret: 'MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001',
        url: $url,
        caFile: $caFile,
    ));
    return static function (int $records, int $firstId) use ($client): void {
        if ($records === 1) {
            $client->executeWebhooks('address', $firstId);
            return;
        }
        $all = [];
        for ($i = 0; $i < $records; $i++) {
            $all[] = new Record('address', $firstId + $i);
        }
        $client->executeAll($all);
    };
};
