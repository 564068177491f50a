<?php

// The site of docs/wordpress.md, in the working directory: for each id, two saves and then the queue's turns.

require __DIR__ . '/../standins/wordpress.php';

define('OO_WEBHOOKS_AUTOLOAD', __DIR__ . '/../../autoload.php');
define('ON_OFFICE_URL', getenv('ON_OFFICE_URL'));
define('ON_OFFICE_CA_FILE', getenv('ON_OFFICE_CA_FILE'));
define('ON_OFFICE_TOKEN', getenv('ON_OFFICE_TOKEN'));
define('ON_OFFICE_SECRET', getenv('ON_OFFICE_SECRET'));
require 'wp-content/mu-plugins/oo-webhooks.php';

foreach (array_slice($argv, 1) as $id) {
    do_action('oo_webhooks_saved', 'task', (int) $id);
    do_action('oo_webhooks_saved', 'task', (int) $id);
    $said = [];
    while (($action = array_shift($scheduled)) !== null) {
        try {
            do_action($action['hook'], ...$action['args']);
            $said[] = 'done';
        } catch (OoWebhooks\WebhooksError $error) {
            $said[] = 'failed: ' . $error::class;
        }
    }
    echo implode(', ', $said), PHP_EOL;
}
