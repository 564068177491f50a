<?php

// A signal arrives while a call waits, and its handler makes a call of its own.

declare(strict_types=1);

require __DIR__ . '/../../autoload.php';

$client = OoWebhooks\Client::fromEnvironment();
$inner = null;
pcntl_async_signals(true);
pcntl_signal(SIGUSR1, static function () use ($client, &$inner): void {
    $inner = $client->tryExecuteWebhooks('estate', 2);
});
$parent = getmypid();
$child = pcntl_fork();
if ($child === 0) {
    usleep(100_000);
    posix_kill($parent, SIGUSR1);
    exit(0);
}
$outer = $client->tryExecuteWebhooks('task', 1);
pcntl_waitpid($child, $status);
foreach ([$outer, $inner, $client->tryExecuteWebhooks('task', 3)] as $result) {
    echo "{$result->status->name()} {$result->module->value} {$result->id}: $result->message\n";
}
