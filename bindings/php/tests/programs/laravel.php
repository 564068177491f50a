<?php

// The app of docs/laravel.md, in the working directory: its provider, and its job for each id given.

declare(strict_types=1);

require __DIR__ . '/../standins/laravel.php';

$app = new Illuminate\Foundation\Application();
$app['config'] = ['services.onoffice' => (require 'config/services.php')['onoffice']];
$app['log'] = null;
(new App\Providers\WebhooksServiceProvider($app))->register();

foreach (array_slice($argv, 1) as $id) {
    $job = unserialize(serialize(new App\Jobs\ExecuteWebhooks('task', (int) $id)));
    try {
        $app->call([$job, 'handle']);
        $said = 'done';
    } catch (OoWebhooks\WebhooksError $error) {
        $said = 'failed: ' . $error::class;
    }
    foreach ($app->reported as $error) {
        $said .= ', reported ' . $error::class;
    }
    $app->reported = [];
    foreach (Illuminate\Support\Facades\Queue::$pushed as $next) {
        $said .= ", then attempt $next->attempt in $next->delay s";
    }
    Illuminate\Support\Facades\Queue::$pushed = [];
    echo $said, PHP_EOL;
}
