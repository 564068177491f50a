<?php

// put.php <outbox> <module> <id>: saves the record, as tests/outbox/put_cases.sh asks for it.

declare(strict_types=1);

use OoWebhooks\Outbox;

require __DIR__ . '/../../autoload.php';

try {
    (new Outbox($argv[1]))->put($argv[2], (int) $argv[3]);
} catch (\Throwable $error) {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
}
