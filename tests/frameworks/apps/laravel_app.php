<?php

// A Laravel app in this folder, as far as Debian's framework needs one.

declare(strict_types=1);

require dirname(__DIR__, 3) . '/bindings/php/autoload.php';
require 'Illuminate/autoload.php';
spl_autoload_register(static function (string $class): void {
    foreach (['App\\' => 'app/', 'Tests\\' => 'tests/'] as $prefix => $folder) {
        $file = $folder . strtr(substr($class, strlen($prefix)), '\\', '/') . '.php';
        if (str_starts_with($class, $prefix) && is_file($file)) {
            require $file;
        }
    }
});

function laravel(): Illuminate\Foundation\Application
{
    foreach (['bootstrap/cache', 'config', 'storage/framework/views', 'storage/logs', 'resources/views'] as $folder) {
        is_dir($folder) || mkdir($folder, 0755, true);
    }
    is_file('config/app.php') || file_put_contents('config/app.php', '<?php return [];');
    $app = new Illuminate\Foundation\Application(getcwd());
    $app->singleton(Illuminate\Contracts\Console\Kernel::class, Illuminate\Foundation\Console\Kernel::class);
    $app->singleton(Illuminate\Contracts\Debug\ExceptionHandler::class, Illuminate\Foundation\Exceptions\Handler::class);
    $app->afterBootstrapping(
        Illuminate\Foundation\Bootstrap\LoadConfiguration::class,
        static fn ($app) => $app['config']->set(settings())
    );
    $app->make(Illuminate\Contracts\Console\Kernel::class)->bootstrap();
    return $app;
}

/** @return array<string, mixed> */
function settings(): array
{
    $parts = ['Bus\BusServiceProvider', 'Cache\CacheServiceProvider', 'Database\DatabaseServiceProvider',
        'Database\MigrationServiceProvider', 'Events\EventServiceProvider', 'Filesystem\FilesystemServiceProvider',
        'Foundation\Providers\ConsoleSupportServiceProvider', 'Foundation\Providers\FoundationServiceProvider',
        'Queue\QueueServiceProvider', 'Encryption\EncryptionServiceProvider', 'View\ViewServiceProvider',
        'Translation\TranslationServiceProvider'];
    return [
        'app.env' => 'testing',
        'app.key' => str_repeat('k', 32),
        'app.cipher' => 'AES-256-CBC',
        'app.locale' => 'en',
        'app.fallback_locale' => 'en',
        'app.timezone' => 'UTC',
        'app.providers' => [...array_map(static fn (string $part): string => "Illuminate\\$part", $parts),
            App\Providers\WebhooksServiceProvider::class],
        'app.aliases' => [],
        'database.default' => 'mysql',
        'database.migrations' => 'migrations',
        'database.connections.mysql' => [
            'driver' => 'mysql',
            'unix_socket' => getenv('SITE_SOCKET'),
            'database' => getenv('SITE_DATABASE'),
            'username' => 'root',
            'password' => '',
            'charset' => 'utf8mb4',
            'collation' => 'utf8mb4_unicode_ci',
            'prefix' => '',
            'strict' => true,
        ],
        'cache.default' => 'database',
        'cache.prefix' => '',
        'cache.stores.database' => ['driver' => 'database', 'table' => 'cache', 'lock_table' => 'cache_locks'],
        'queue.default' => 'database',
        'queue.connections.database' => ['driver' => 'database', 'table' => 'jobs', 'queue' => 'default', 'retry_after' => 3],
        'queue.failed' => ['driver' => 'null'],
        'logging.default' => 'null',
        'logging.channels.null' => ['driver' => 'monolog', 'handler' => Monolog\Handler\NullHandler::class],
        'view.paths' => [],
        'view.compiled' => getcwd() . '/storage/framework/views',
    ];
}
