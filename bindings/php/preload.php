<?php

// For opcache.preload: compiles the classes of this package when PHP starts. With ffi.enable=preload,
// PHP's default, FFI is then open to these files and closed to all others. See docs/php-fpm.md.

declare(strict_types=1);

foreach ([__DIR__ . '/src', __DIR__ . '/src/Internal'] as $folder) {
    foreach (glob($folder . '/*.php') ?: [] as $file) {
        opcache_compile_file($file);
    }
}
