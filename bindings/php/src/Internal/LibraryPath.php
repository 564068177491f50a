<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\ConfigError;

/**
 * Where the library most likely is. {@see Loader} looks closer when it is not there.
 *
 * Where FFI is open to this package and closed to the other code of the program, what the library's path comes from
 * is fixed when PHP starts: its ini files and the system's loader. Other code must not choose what is loaded.
 *
 * @internal
 */
final class LibraryPath
{
    public const ABI = 1;

    /** What the system's loader knows it by: the number is that of the ABI. */
    public const NAME = 'liboo_webhooks.so.1';

    public const VARIABLE = 'OO_WEBHOOKS_LIBRARY';

    /** Of PHP's ini files only: it is no setting of an extension, so neither ini_set nor the FPM pool can change it. */
    public const SETTING = 'oo_webhooks.library';

    /**
     * The library's path, or its name for the system's loader; null when ffi.preload has opened it. Whoever opens it
     * sees whether it is this package's.
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
        $own = self::inPackage(self::isMusl());
        // No is_file: any code can put a `file:` of its own in the place of PHP's.
        return \realpath($own) === false ? self::NAME : $own;
    }

    /** `lib/linux-x86_64/` of this package, for those who ship the library with their program. */
    public static function inPackage(bool $isMusl): string
    {
        $platform = \strtolower(\PHP_OS_FAMILY) . '-' . \php_uname('m') . ($isMusl ? '-musl' : '');
        return \dirname(__DIR__, 2) . "/lib/$platform/" . self::NAME;
    }

    /** Whether FFI is closed to code that is not preloaded: this package is, or it would be closed to it as well. */
    public static function isClosedToOthers(): bool
    {
        return \PHP_SAPI !== 'cli' && !\filter_var(\ini_get('ffi.enable'), \FILTER_VALIDATE_BOOL);
    }

    public static function whereThePathIsFixed(): string
    {
        return 'FFI is open to this package only (ffi.enable=preload), so scripts do not choose its library; put '
            . self::SETTING . ' = /path/to/' . self::NAME . ' into ' . self::iniFile() . ' and restart PHP';
    }

    /**
     * What the program, its environment or an ini file names, as far as they may; null: nothing.
     *
     * @param string|null $wanted by the program
     *
     * @throws ConfigError
     */
    public static function named(?string $wanted): ?string
    {
        $named = $wanted ?? Environment::get(self::VARIABLE);
        $fixed = \get_cfg_var(self::SETTING);
        $fixed = \is_string($fixed) && $fixed !== '' ? $fixed : null;
        if ($named === null || !self::isClosedToOthers()) {
            return $named ?? $fixed;
        }
        if ($fixed === null) {
            throw new ConfigError(self::VARIABLE . ' is not used: ' . self::whereThePathIsFixed());
        }
        return $fixed;
    }

    public static function checkThatFfiIsThere(): void
    {
        if (!\extension_loaded('ffi')) {
            throw new ConfigError(
                'the PHP extension FFI is not loaded: put extension=ffi and ffi.enable=true into ' . self::iniFile()
            );
        }
    }

    public static function iniFile(): string
    {
        return \php_ini_loaded_file() ?: 'php.ini';
    }

    /** Whether ffi.preload opened the library when PHP started. */
    public static function isPreloaded(): bool
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

    public static function checkAbi(int $abi, string $name): void
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
    public static function isMusl(): bool
    {
        try {
            \FFI::cdef('const char *gnu_get_libc_version(void);');
            return false;
        } catch (\FFI\Exception) {
            return true;
        }
    }
}
