<?php

// One client in a parent and two children, which all use it; each child ends as PHP programs do.

declare(strict_types=1);

require __DIR__ . '/../../autoload.php';

$client = OoWebhooks\Client::fromEnvironment();
$client->executeWebhooks('task', 1);
$children = [];
foreach ([2, 3] as $id) {
    $child = pcntl_fork();
    if ($child === 0) {
        $client->executeWebhooks('task', $id);
        exit(0);
    }
    $children[] = $child;
}
$failed = 0;
foreach ($children as $child) {
    pcntl_waitpid($child, $status);
    $failed += pcntl_wexitstatus($status) === 0 ? 0 : 1;
}
$client->executeWebhooks('task', 4);
exit($failed);
