<?php

// The tests use the library, the program and nothing else of the build folder, which OO_WEBHOOKS_BUILD names.

declare(strict_types=1);

use OoWebhooks\Tests\Support\Build;

require __DIR__ . '/../autoload.php';

spl_autoload_register(static function (string $class): void {
    if (str_starts_with($class, 'OoWebhooks\\Tests\\')) {
        require __DIR__ . '/' . strtr(substr($class, strlen('OoWebhooks\\Tests\\')), '\\', '/') . '.php';
    }
});

// PSR-3 is optional for the package; Debian has it in php-psr-log.
if (!interface_exists('Psr\Log\LoggerInterface') && stream_resolve_include_path('Psr/Log/autoload.php')) {
    require 'Psr/Log/autoload.php';
}

Build::useIt();
