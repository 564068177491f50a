<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\ConfigError;

/**
 * Opens the library, or says why it cannot and what to do about it.
 *
 * @internal
 */
final class Loader
{
    private const ABI = 1;
    private const HEADER = __DIR__ . '/../../include/oo_webhooks.ffi.h';

    /** @throws ConfigError */
    public static function load(?string $file): \FFI
    {
        self::checkThatFfiIsOpen();
        $named = $file ?? Environment::get('OO_WEBHOOKS_LIBRARY');
        $preloaded = $named === null ? self::preloaded() : null;
        if ($preloaded !== null) {
            self::checkAbi($preloaded, 'the library of ffi.preload');
            return $preloaded;
        }
        $failures = [];
        foreach (LibraryFile::candidates($named, self::isMusl()) as $candidate) {
            $library = self::open($candidate, $failures);
            if ($library !== null) {
                return $library;
            }
        }
        throw new ConfigError(sprintf(
            'the library of oo_webhooks was not found: install %s, or set OO_WEBHOOKS_LIBRARY to its path; searched: %s',
            LibraryFile::NAME,
            implode(', ', $failures)
        ));
    }

    private static function checkThatFfiIsOpen(): void
    {
        if (!extension_loaded('ffi')) {
            throw new ConfigError(
                'the PHP extension FFI is not loaded: put extension=ffi and ffi.enable=true into ' . self::iniFile()
            );
        }
        try {
            \FFI::cdef('');
        } catch (\FFI\Exception) {
            $value = match ((string) ini_get('ffi.enable')) {
                '', '0' => 'false',
                '1' => 'true',
                default => (string) ini_get('ffi.enable'),
            };
            throw new ConfigError("PHP's FFI is closed to this program (ffi.enable=$value): " . self::cure());
        }
    }

    private static function cure(): string
    {
        $iniFile = self::iniFile();
        return match (PHP_SAPI) {
            'cli', 'phpdbg' => "run php -d ffi.enable=true, or put ffi.enable=true into $iniFile",
            'fpm-fcgi' => "put ffi.enable=true into $iniFile, or php_admin_value[ffi.enable] = true into the FPM pool, "
                . 'and restart PHP-FPM; ini_set cannot do it',
            default => "put ffi.enable=true into $iniFile and restart the server; ini_set cannot do it",
        };
    }

    private static function iniFile(): string
    {
        return php_ini_loaded_file() ?: 'php.ini';
    }

    /** The library that ffi.preload opened when PHP started, if it did. */
    private static function preloaded(): ?\FFI
    {
        if ((string) ini_get('ffi.preload') === '') {
            return null;
        }
        try {
            return \FFI::scope('oo_webhooks');
        } catch (\FFI\Exception) {
            return null;
        }
    }

    /** @param list<string> $failures */
    private static function open(string $file, array &$failures): ?\FFI
    {
        try {
            // On its own, because FFI refuses a header of which one function is missing without saying why.
            $probe = \FFI::cdef('uint32_t oo_abi_version(void); const char *oo_version(void);', $file);
        } catch (\FFI\Exception $error) {
            if (str_starts_with($error->getMessage(), 'Failed resolving')) {
                throw new ConfigError("$file is not the library of oo_webhooks: {$error->getMessage()}");
            }
            $failures[] = self::failure($file, $error);
            return null;
        }
        self::checkAbi($probe, $file);
        try {
            return \FFI::cdef((string) file_get_contents(self::HEADER), $file);
        } catch (\FFI\Exception $error) {
            throw new ConfigError(
                "$file is version {$probe->oo_version()}, too old for this package: {$error->getMessage()}"
            );
        }
    }

    private static function checkAbi(\FFI $library, string $name): void
    {
        $abi = $library->oo_abi_version();
        if ($abi !== self::ABI) {
            throw new ConfigError(sprintf(
                '%s has the ABI version %d, this package needs %d: install the library and the package of one release',
                $name,
                $abi,
                self::ABI
            ));
        }
    }

    private static function failure(string $file, \FFI\Exception $error): string
    {
        if (!str_contains($file, '/')) {
            return "$file (in the loader's folders)";
        }
        // Later versions of PHP add the loader's reason to their message.
        return @is_file($file) ? "$file (is there, but: {$error->getMessage()}; built for another system?)" : $file;
    }

    /** glibc has a function that says so. */
    private static function isMusl(): bool
    {
        try {
            \FFI::cdef('const char *gnu_get_libc_version(void);');
            return false;
        } catch (\FFI\Exception) {
            return true;
        }
    }
}
