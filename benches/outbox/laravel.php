<?php

// Laravel's own queue on Redis, with the obvious job, in a folder that has the app of docs/laravel.md.
//
//     php laravel.php work       works until nothing is queued
//     php laravel.php COUNT      queues so many jobs

declare(strict_types=1);

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use OoWebhooks\Client;

require dirname(__DIR__, 2) . '/tests/frameworks/apps/laravel_app.php';

final class ExecuteWebhooks implements ShouldQueue
{
    use Queueable;

    public function __construct(public int $id)
    {
    }

    public function handle(): void
    {
        Client::fromEnvironment()->executeWebhooks('address', $this->id);
    }
}

$app = laravel();
$app->register(Illuminate\Redis\RedisServiceProvider::class);
$app['config']->set([
    'database.redis' => ['client' => 'phpredis', 'default' => ['host' => getenv('BENCH_REDIS'), 'port' => 0, 'database' => 1]],
    'queue.connections.redis' => ['driver' => 'redis', 'connection' => 'default', 'queue' => 'default', 'retry_after' => 600],
    'cache.default' => 'array',
    'cache.stores.array' => ['driver' => 'array'],
]);
if ($argv[1] !== 'work') {
    for ($id = 1; $id <= (int) $argv[1]; $id++) {
        $app['queue']->connection('redis')->push(new ExecuteWebhooks($id));
    }
    exit;
}
$app['queue.worker']->setCache($app['cache.store'])->daemon(
    'redis',
    'default',
    new Illuminate\Queue\WorkerOptions(sleep: 0.05, timeout: 60, maxTries: 1, stopWhenEmpty: true)
);
