<?php

// As much of WordPress, and of Action Scheduler, as docs/wordpress.md uses, to run what it shows.

$hooks = [];
$scheduled = [];
$options = [];
$queueIsAway = false;

class WP_Error
{
    public function __construct(private string $code, private string $message)
    {
    }

    public function get_error_code()
    {
        return $this->code;
    }

    public function get_error_message()
    {
        return $this->message;
    }
}

function is_wp_error($thing)
{
    return $thing instanceof WP_Error;
}

function update_option($option, $value, $autoload = null)
{
    $GLOBALS['options'][$option] = $value;
    return true;
}

function delete_option($option)
{
    unset($GLOBALS['options'][$option]);
    return true;
}

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
    if ($GLOBALS['queueIsAway']) {
        return 0;
    }
    // Action Scheduler stores arguments as JSON.
    $GLOBALS['scheduled'][] = ['time' => $timestamp, 'hook' => $hook, 'args' => json_decode(json_encode($args), true)];
    return count($GLOBALS['scheduled']);
}

function as_get_scheduled_actions($query, $as)
{
    $same = static fn ($action) => [$action['hook'], $action['args']] === [$query['hook'], $query['args']];
    return array_keys(array_filter($GLOBALS['scheduled'], $same));
}

function wp_schedule_single_event($timestamp, $hook, $args = [], $wp_error = false)
{
    foreach ($GLOBALS['scheduled'] as $event) {
        if ([$event['hook'], $event['args']] === [$hook, $args] && abs($event['time'] - $timestamp) <= 600) {
            return $wp_error ? new WP_Error('duplicate_event', 'A duplicate event already exists.') : false;
        }
    }
    if (as_schedule_single_action($timestamp, $hook, $args) === 0) {
        return $wp_error ? new WP_Error('could_not_set', 'The cron event list could not be saved.') : false;
    }
    return true;
}

/**
 * Runs all that is scheduled, whenever it is due.
 *
 * @return array{int, list<string>} how many turns that took, and which errors Action Scheduler caught
 */
function run_queue(bool $catches)
{
    $caught = [];
    for ($turns = 0; ($action = array_shift($GLOBALS['scheduled'])) !== null; $turns++) {
        try {
            do_action($action['hook'], ...$action['args']);
        } catch (Throwable $error) {
            if (!$catches) {
                throw $error;
            }
            $caught[] = $error::class;
        }
    }
    return [$turns, $caught];
}
