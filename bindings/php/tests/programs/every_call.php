<?php

// Every kind of call and answer, so that valgrind sees what each leaves behind. The server is the environment's.

declare(strict_types=1);

require __DIR__ . '/../../autoload.php';

use OoWebhooks\Client;
use OoWebhooks\ConfigError;
use OoWebhooks\Options;
use OoWebhooks\Record;
use OoWebhooks\Request;

$client = Client::fromEnvironment();
$client->tryExecuteWebhooks('task', 1);
$client->tryExecuteWebhooks('task', 404);
$client->tryExecuteAll([new Record('task', 2), new Record('task', 404)]);
(new Client(new Options('t', 's', url: 'https://127.0.0.1:1/')))->tryExecuteAll([new Record('task', 3)]);

$request = new Request();
$request->add('task', 1);
$request->sign($client);
foreach (['{}', "\0", ''] as $answer) {
    $request->parseResponse(200, $answer);
}
$refused = [
    static fn () => $request->add('task', 1),
    static fn () => (new Request())->sign($client),
    static fn () => new Client(new Options('t', 's', url: 'ftp://x', caFile: '/nonexistent', timeoutMs: 0)),
];
foreach ($refused as $call) {
    try {
        $call();
        exit(1);
    } catch (ValueError | ConfigError) {
    }
}
$client->close();
