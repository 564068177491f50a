<?php

// As much of WordPress, and of Action Scheduler, as docs/wordpress.md uses, to run what it shows.

$hooks = [];
$scheduled = [];

function add_action($hook, $callback, $priority = 10, $arguments = 1)
{
    $GLOBALS['hooks'][$hook][] = [$callback, $arguments];
}

function add_filter($hook, $callback, $priority = 10, $arguments = 1)
{
    add_action($hook, $callback, $priority, $arguments);
}

function do_action($hook, ...$arguments)
{
    foreach ($GLOBALS['hooks'][$hook] ?? [] as [$callback, $count]) {
        $callback(...array_slice($arguments, 0, $count));
    }
}

function apply_filters($hook, $value, ...$arguments)
{
    foreach ($GLOBALS['hooks'][$hook] ?? [] as [$callback]) {
        $value = $callback($value, ...$arguments);
    }
    return $value;
}

function as_schedule_single_action($timestamp, $hook, $args = [], $group = '', $unique = false, $priority = 10)
{
    // Action Scheduler stores arguments as JSON.
    $GLOBALS['scheduled'][] = ['time' => $timestamp, 'hook' => $hook, 'args' => json_decode(json_encode($args), true)];
    return count($GLOBALS['scheduled']);
}

function as_get_scheduled_actions($query, $as)
{
    $same = static fn ($action) => [$action['hook'], $action['args']] === [$query['hook'], $query['args']];
    return array_keys(array_filter($GLOBALS['scheduled'], $same));
}

function wp_schedule_single_event($timestamp, $hook, $args = [])
{
    foreach ($GLOBALS['scheduled'] as $event) {
        if ([$event['hook'], $event['args']] === [$hook, $args] && abs($event['time'] - $timestamp) <= 600) {
            return false;
        }
    }
    as_schedule_single_action($timestamp, $hook, $args);
    return true;
}
