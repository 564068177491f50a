<?php

// For opcache.preload: compiles the classes of this package when PHP starts. With ffi.enable=preload,
// PHP's default, FFI is then open to these files and closed to all others. See docs/php-fpm.md.

declare(strict_types=1);

foreach (['', 'Internal/'] as $folder) {
    foreach (glob(__DIR__ . "/src/$folder*.php") ?: [] as $file) {
        $class = strtr("OoWebhooks/$folder" . basename($file, '.php'), '/', '\\');
        // Where the app's own preloading has loaded it, it is there.
        if (!class_exists($class, false) && !interface_exists($class, false) && !trait_exists($class, false)) {
            opcache_compile_file($file);
        }
    }
}
