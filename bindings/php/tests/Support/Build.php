<?php

declare(strict_types=1);

namespace OoWebhooks\Tests\Support;

/** What the project's `make build` made. */
final class Build
{
    public static function library(): string
    {
        return self::folder() . '/lib/liboo_webhooks.so.1';
    }

    public static function program(): string
    {
        return self::folder() . '/bin/oo-webhooks';
    }

    public static function root(): string
    {
        return dirname(__DIR__, 4);
    }

    /** Has this process and those it starts load the built library, and nothing of the caller's environment. */
    public static function useIt(): void
    {
        foreach ([self::library(), self::program()] as $file) {
            if (!is_file($file)) {
                fwrite(STDERR, "$file is missing: run `make build` in the project, or set OO_WEBHOOKS_BUILD\n");
                exit(1);
            }
        }
        foreach (array_keys(getenv()) as $name) {
            if (str_starts_with($name, 'ON_OFFICE_')) {
                putenv($name);
                unset($_SERVER[$name], $_ENV[$name]);
            }
        }
        unset($_SERVER['OO_WEBHOOKS_LIBRARY'], $_ENV['OO_WEBHOOKS_LIBRARY']);
        putenv('OO_WEBHOOKS_LIBRARY=' . self::library());
    }

    private static function folder(): string
    {
        return getenv('OO_WEBHOOKS_BUILD') ?: self::root() . '/build';
    }
}
