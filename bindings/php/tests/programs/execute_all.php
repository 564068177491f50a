<?php

// Opens a connection ahead, executes the webhooks of two tasks by one request, and says what it knows afterwards, under
// FPM. The query may have it put a class of its own in the place of the package's before.

declare(strict_types=1);

require $_SERVER['OO_WEBHOOKS_AUTOLOAD'];

if ($_SERVER['QUERY_STRING'] !== '') {
    $constructor = 'public function __construct(...$got) { exit("got FFI"); }';
    eval("namespace OoWebhooks\\Internal; class $_SERVER[QUERY_STRING] { $constructor }");
}
try {
    $client = OoWebhooks\Client::fromEnvironment();
    $said = [$client->connect()->name()];
    foreach ($client->tryExecuteAll([new OoWebhooks\Record('task', 1), new OoWebhooks\Record('task', 2)]) as $result) {
        $said[] = $result->status->name();
    }
    echo implode(' ', $said);
} catch (OoWebhooks\ConfigError $error) {
    echo $error->getMessage();
}
