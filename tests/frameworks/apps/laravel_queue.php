<?php

// The obvious job of Laravel's own queue. `work` handles jobs until it is killed; the others are orders.

declare(strict_types=1);

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldBeUnique;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Support\Facades\DB;
use OoWebhooks\Client;

require __DIR__ . '/saver.php';
require __DIR__ . '/laravel_app.php';

final class ExecuteWebhooks implements ShouldQueue, ShouldBeUnique
{
    use Dispatchable;
    use Queueable;

    public int $tries = 3;

    public function __construct(public int $id)
    {
    }

    public function uniqueId(): string
    {
        return (string) $this->id;
    }

    public function handle(): void
    {
        Client::fromEnvironment()->executeWebhooks('address', $this->id);
    }
}

$app = laravel();
DB::unprepared('CREATE TABLE IF NOT EXISTS jobs (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, queue VARCHAR(255),'
    . ' payload LONGTEXT, attempts TINYINT UNSIGNED, reserved_at INT UNSIGNED, available_at INT UNSIGNED,'
    . ' created_at INT UNSIGNED);'
    . 'CREATE TABLE IF NOT EXISTS cache (`key` VARCHAR(255) PRIMARY KEY, value MEDIUMTEXT, expiration INT);'
    . 'CREATE TABLE IF NOT EXISTS cache_locks (`key` VARCHAR(255) PRIMARY KEY, owner VARCHAR(255), expiration INT)');
// The locks are where they are not rolled back, as with Redis.
$app['config']->set('cache.default', 'file');
$app['config']->set('cache.stores.file', ['driver' => 'file', 'path' => getcwd() . '/storage/cache']);
$save = static fn (int $id) => DB::transaction(static fn () => ExecuteWebhooks::dispatch($id)->afterCommit());
obey([
    'save' => $save,
    'rollback' => static fn (int $id) => rolledBack(static fn () => DB::transaction(static function () use ($id): void {
        ExecuteWebhooks::dispatch($id)->afterCommit();
        throw new RolledBack();
    })),
    'die' => static fn (int $id) => DB::transaction(static function () use ($id): void {
        // The first of what happens behind the commit.
        DB::afterCommit(static fn () => posix_kill(getmypid(), SIGKILL));
        ExecuteWebhooks::dispatch($id)->afterCommit();
    }),
    'work' => static fn (int $jobs) => $app['queue.worker']->setCache($app['cache.store'])->daemon(
        'database',
        'default',
        new Illuminate\Queue\WorkerOptions(sleep: 0.05, timeout: 60, maxTries: 3, stopWhenEmpty: $jobs === 0)
    ),
]);
