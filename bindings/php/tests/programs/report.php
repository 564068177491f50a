<?php

// What a client says about a task, whatever the library is.

declare(strict_types=1);

require __DIR__ . '/../../autoload.php';

$client = new OoWebhooks\Client(new OoWebhooks\Options('t', 's'));
$result = $client->tryExecuteWebhooks('task', 1);
echo "{$result->outcome->value} {$result->status->name()} $result->message", rtrim(" $result->body");
