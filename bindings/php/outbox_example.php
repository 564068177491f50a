<?php

// Saves that the webhooks of a record are to be executed: after the app's own save, instead of waiting for onOffice.
//
//     php outbox_example.php /var/spool/shop address 15005
//
// A worker executes them: oo-webhooks work --outbox /var/spool/shop

declare(strict_types=1);

use OoWebhooks\Outbox;
use OoWebhooks\OutboxError;

require __DIR__ . '/autoload.php';

if ($argc !== 4) {
    fwrite(STDERR, "usage: php outbox_example.php FOLDER MODULE ID\n");
    exit(2);
}
try {
    (new Outbox($argv[1]))->put($argv[2], (int) $argv[3]);
    echo "saved: $argv[2] $argv[3]\n";
} catch (OutboxError | ValueError $error) {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
}
