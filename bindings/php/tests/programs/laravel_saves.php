<?php

// The job of docs/laravel.md, in the working directory: how many jobs there are after what may go wrong with a save.

declare(strict_types=1);

require __DIR__ . '/../standins/laravel.php';

use App\Jobs\ExecuteWebhooks;
use Illuminate\Bus\UniqueLock;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Queue;

$record = 0;
$jobs = static function (string $what, callable $body) use (&$record): void {
    Queue::fake();
    $record++;
    try {
        $body($record);
    } catch (RuntimeException $error) {
        $what .= " ({$error->getMessage()})";
    }
    Queue::$isAway = false;
    echo count(Queue::$pushed), ' after ', $what, PHP_EOL;
};
$save = static fn (int $id) => ExecuteWebhooks::afterSave('task', $id);
$rolledBack = static function (int $id) use ($save): void {
    try {
        DB::transaction(static function () use ($save, $id): void {
            $save($id);
            throw new DomainException();
        });
    } catch (DomainException) {
    }
};

$jobs('ten saves', static fn (int $id) => array_map($save, array_fill(0, 10, $id)));
$jobs('a save in a transaction', static fn (int $id) => DB::transaction(static fn () => $save($id)));
$jobs('a rollback', $rolledBack);
$jobs('a rollback and a save at once', static fn (int $id) => [$rolledBack($id), $save($id)]);
$jobs('a failed push', static function (int $id) use ($save): void {
    Queue::$isAway = true;
    $save($id);
});
$jobs('a save at once', static fn (int $id) => $save($id - 1));
UniqueLock::$now += 10;
$jobs('a save ten seconds later', static fn (int $id) => $save($id - 2));
$jobs('a save while its job is executed', static function (int $id) use ($save): void {
    $save($id);
    (new UniqueLock())->release(array_pop(Queue::$pushed));
    $save($id);
});

// The last retry waits for six hours, and queue:clear removes it.
$retry = static fn (int $id) => ExecuteWebhooks::dispatch('task', $id, 7)->delay(6 * 3600);
$jobs('a retry and a save', static fn (int $id) => [$retry($id), $save($id)]);
$jobs('a save of what was removed', static fn (int $id) => $save($id - 1));
UniqueLock::$now += 6 * 3600 + 10;
$jobs('a save ten seconds after it was due', static fn (int $id) => $save($id - 2));
