<?php

// What every app in PHP does with its orders: see App in site_of.py.

declare(strict_types=1);

/** @param array<string, callable(int): void> $orders */
function obey(array $orders): void
{
    error_reporting(E_ALL & ~E_DEPRECATED & ~E_USER_DEPRECATED);
    ini_set('display_errors', 'stderr');
    echo "ready\n";
    while (($line = fgets(STDIN)) !== false) {
        [$order, $id] = explode(' ', trim($line));
        try {
            $orders[$order]((int) $id);
            echo "ok\n";
        } catch (Throwable $error) {
            echo strtr($error::class . ': ' . $error->getMessage(), "\n", ' '), "\n";
        }
    }
}

final class RolledBack extends Exception
{
}

/** Runs what is rolled back, by an exception of this program. */
function rolledBack(callable $saves): void
{
    try {
        $saves();
    } catch (RolledBack) {
    }
}
