<?php

// One event of WP-Cron for each save.

declare(strict_types=1);

require __DIR__ . '/saver.php';
require __DIR__ . '/wordpress_site.php';

add_action('execute_webhooks', static function (int $id): void {
    OoWebhooks\Client::fromEnvironment()->executeWebhooks('address', $id);
});
obey([
    'save' => static function (int $id): void {
        // A request of its own has read nothing yet.
        wp_cache_flush();
        if (!wp_schedule_single_event(time(), 'execute_webhooks', [$id])) {
            throw new RuntimeException('it was not taken');
        }
    },
    // As wp-cron.php does it: the event is taken off the list before it runs.
    'work' => static function (int $jobs): void {
        wp_cache_flush();
        foreach (wp_get_ready_cron_jobs() as $time => $hooks) {
            foreach ($hooks['execute_webhooks'] ?? [] as $event) {
                wp_unschedule_event($time, 'execute_webhooks', $event['args']);
                do_action_ref_array('execute_webhooks', $event['args']);
            }
        }
    },
]);
