<?php

// What the doctor finds, as JSON; under FPM the query names the outbox.

declare(strict_types=1);

require $_SERVER['OO_WEBHOOKS_AUTOLOAD'] ?? __DIR__ . '/../../autoload.php';

$outbox = $_GET['outbox'] ?? $argv[1] ?? null;
echo json_encode((new OoWebhooks\Doctor(outbox: $outbox))->examine(), JSON_THROW_ON_ERROR);
