<?php

// For programs without Composer: require this file instead of vendor/autoload.php.

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    $prefix = 'OoWebhooks\\';
    if (!str_starts_with($class, $prefix)) {
        return;
    }
    // They are in one file: PHP-FPM would open each of theirs in each request.
    $ofACall = [
        'ExecutesWebhooks',
        'Internal/NotCopied',
        'Internal/ThrowsUnlessExecuted',
        'Module',
        'Outcome',
        'Status',
        'Record',
        'Result',
        'Options',
        'Internal/Text',
        'Internal/Environment',
        'Internal/LibraryPath',
        'Internal/Handle',
        'Internal/Library',
        'Client',
    ];
    $name = strtr(substr($class, strlen($prefix)), '\\', '/');
    $isInOneFile = in_array($name, $ofACall, true) && !class_exists('OoWebhooks\Client', false);
    $file = __DIR__ . ($isInOneFile ? '/call.php' : "/src/$name.php");
    if (is_file($file)) {
        require $file;
    }
});
