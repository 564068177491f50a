<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\ConfigError;

/**
 * Finds the library, or says why it cannot and what to do about it.
 *
 * Where FFI is open to this package and closed to the other code of the program, what the library's path comes from
 * is fixed when PHP starts: its ini files and the system's loader. Other code must not choose what is loaded.
 *
 * @internal
 */
final class Loader
{
    public const ABI = 1;
    private const VARIABLE = 'OO_WEBHOOKS_LIBRARY';

    /** Of PHP's ini files only: it is no setting of an extension, so neither ini_set nor the FPM pool can change it. */
    private const SETTING = 'oo_webhooks.library';

    /**
     * As find, but without a look into the library: whoever opens it sees whether it is this package's.
     *
     * @param string|null $wanted by the program
     *
     * @throws ConfigError
     */
    public static function likely(?string $wanted): ?string
    {
        self::checkThatFfiIsThere();
        $named = self::named($wanted);
        if ($named !== null || self::isPreloaded()) {
            return $named;
        }
        $own = LibraryFile::inPackage(self::isMusl());
        // No is_file: any code can put a `file:` of its own in the place of PHP's.
        return \realpath($own) === false ? LibraryFile::NAME : $own;
    }

    /**
     * The library's path, or its name for the system's loader; null when ffi.preload has opened it.
     *
     * @param string|null $wanted by the program
     *
     * @throws ConfigError
     */
    public static function find(?string $wanted): ?string
    {
        self::checkThatFfiIsThere();
        self::checkThatFfiIsOpen();
        $named = self::named($wanted);
        if ($named === null && self::isPreloaded()) {
            return null;
        }
        $failures = [];
        $isThere = false;
        foreach (LibraryFile::candidates($named, self::isMusl()) as $candidate) {
            $said = self::whatKeepsItOut($candidate);
            if ($said === null) {
                return $candidate;
            }
            $obstacle = LibraryFile::obstacle($candidate, $said);
            $isThere = $isThere || $obstacle !== null;
            $isNamed = \str_contains($candidate, '/');
            $failures[] = $obstacle ?? ($isNamed ? $candidate : "$candidate (in the loader's folders)");
        }
        $cure = 'was not found: install ' . LibraryFile::NAME . ', or set ' . self::howToNameIt();
        throw new ConfigError(\sprintf(
            'the library of oo_webhooks %s; searched: %s',
            $isThere ? 'cannot be opened' : $cure,
            \implode(', ', $failures)
        ));
    }

    /** Whether FFI is closed to code that is not preloaded: this package is, or it would be closed to it as well. */
    public static function isClosedToOthers(): bool
    {
        return \PHP_SAPI !== 'cli' && !\filter_var(\ini_get('ffi.enable'), \FILTER_VALIDATE_BOOL);
    }

    public static function whereThePathIsFixed(): string
    {
        return 'FFI is open to this package only (ffi.enable=preload), so scripts do not choose its library; put '
            . self::SETTING . ' = /path/to/' . LibraryFile::NAME . ' into ' . self::iniFile() . ' and restart PHP';
    }

    private static function named(?string $wanted): ?string
    {
        $named = $wanted ?? Environment::get(self::VARIABLE);
        $fixed = \get_cfg_var(self::SETTING);
        $fixed = \is_string($fixed) && $fixed !== '' ? $fixed : null;
        if (!self::isClosedToOthers()) {
            return $named ?? $fixed;
        }
        if ($named !== null && $fixed === null) {
            throw new ConfigError(self::VARIABLE . ' is not used: ' . self::whereThePathIsFixed());
        }
        return $fixed;
    }

    private static function howToNameIt(): string
    {
        return self::isClosedToOthers()
            ? self::SETTING . ' to its path in ' . self::iniFile()
            : self::VARIABLE . ' to its path';
    }

    private static function checkThatFfiIsThere(): void
    {
        if (!\extension_loaded('ffi')) {
            throw new ConfigError(
                'the PHP extension FFI is not loaded: put extension=ffi and ffi.enable=true into ' . self::iniFile()
            );
        }
    }

    private static function checkThatFfiIsOpen(): void
    {
        try {
            \FFI::cdef('');
        } catch (\FFI\Exception) {
            $value = match ((string) \ini_get('ffi.enable')) {
                '', '0' => 'false',
                '1' => 'true',
                default => (string) \ini_get('ffi.enable'),
            };
            throw new ConfigError("PHP's FFI is closed to this program (ffi.enable=$value): " . self::cure());
        }
    }

    private static function cure(): string
    {
        $iniFile = self::iniFile();
        return match (\PHP_SAPI) {
            'cli', 'phpdbg' => "run php -d ffi.enable=true, or put ffi.enable=true into $iniFile",
            'fpm-fcgi' => "put ffi.enable=true into $iniFile, or php_admin_value[ffi.enable] = true into the FPM pool, "
                . 'and restart PHP-FPM; ini_set cannot do it',
            default => "put ffi.enable=true into $iniFile and restart the server; ini_set cannot do it",
        };
    }

    private static function iniFile(): string
    {
        return \php_ini_loaded_file() ?: 'php.ini';
    }

    /** Whether ffi.preload opened the library when PHP started. */
    private static function isPreloaded(): bool
    {
        if ((string) \ini_get('ffi.preload') === '') {
            return false;
        }
        try {
            $abi = \FFI::scope('oo_webhooks')->oo_abi_version();
        } catch (\FFI\Exception) {
            return false;
        }
        self::checkAbi($abi, 'the library of ffi.preload');
        return true;
    }

    /** What PHP says when it cannot open a file; null when it can, and it is this package's library. */
    private static function whatKeepsItOut(string $file): ?string
    {
        try {
            // By itself, because FFI refuses a header of which one function is missing without saying why.
            $abi = \FFI::cdef('uint32_t oo_abi_version(void);', $file)->oo_abi_version();
        } catch (\FFI\Exception $error) {
            if (\str_starts_with($error->getMessage(), 'Failed resolving')) {
                throw new ConfigError("$file is not the library of oo_webhooks: {$error->getMessage()}");
            }
            return $error->getMessage();
        }
        self::checkAbi($abi, $file);
        return null;
    }

    private static function checkAbi(int $abi, string $name): void
    {
        if ($abi !== self::ABI) {
            throw new ConfigError(\sprintf(
                '%s has the ABI version %d, this package needs %d: install the library and the package of one release',
                $name,
                $abi,
                self::ABI
            ));
        }
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
