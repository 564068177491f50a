<?php

// The site of docs/wordpress.md, in the working directory: for each id, two saves and then the queue's turns, of which
// the last is another plugin's. With `queue-is-away` before the ids, nothing can be scheduled.

require __DIR__ . '/../standins/wordpress.php';

define('OO_WEBHOOKS_AUTOLOAD', __DIR__ . '/../../autoload.php');
foreach (['ON_OFFICE_URL', 'ON_OFFICE_CA_FILE', 'ON_OFFICE_TOKEN', 'ON_OFFICE_SECRET'] as $name) {
    if (getenv($name) !== false) {
        define($name, getenv($name));
    }
}
ini_set('error_log', 'error.log');
require 'wp-content/mu-plugins/oo-webhooks.php';
add_action('other_plugin', static function () use (&$others): void {
    $others++;
});

$arguments = array_slice($argv, 1);
if ($arguments[0] === 'queue-is-away') {
    $queueIsAway = (bool) array_shift($arguments);
}
foreach ($arguments as $id) {
    do_action('oo_webhooks_saved', 'task', (int) $id);
    do_action('oo_webhooks_saved', 'task', (int) $id);
    $others = 0;
    $scheduled[] = ['time' => time(), 'hook' => 'other_plugin', 'args' => []];
    [$turns, $caught] = run_queue(OO_WEBHOOKS_QUEUE_CATCHES);
    $recorded = $options["oo_webhooks_failed_task_$id"] ?? null;
    echo 'turns: ', $turns - $others, ', ', $recorded === null ? 'executed' : preg_replace('/^\S+ ([^:]+): .*/s', '$1', $recorded);
    echo $caught === [] ? '' : ', listed as failed', $others === 1 ? '' : ', and others did not run', PHP_EOL;
    assert($recorded === null || str_contains(file_get_contents('error.log'), substr($recorded, 26)));
}
