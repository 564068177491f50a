<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\ConfigError;

/**
 * Finds the library where {@see LibraryPath} did not, or says why it cannot and what to do about it.
 *
 * @internal
 */
final class Loader
{
    /**
     * The library's path, or its name for the system's loader; null when ffi.preload has opened it.
     *
     * @param string|null $wanted by the program
     *
     * @throws ConfigError
     */
    public static function find(?string $wanted): ?string
    {
        LibraryPath::checkThatFfiIsThere();
        self::checkThatFfiIsOpen();
        $named = LibraryPath::named($wanted);
        if ($named === null && LibraryPath::isPreloaded()) {
            return null;
        }
        $failures = [];
        $isThere = false;
        foreach (LibraryFile::candidates($named, LibraryPath::isMusl()) as $candidate) {
            $said = self::whatKeepsItOut($candidate);
            if ($said === null) {
                return $candidate;
            }
            $obstacle = LibraryFile::obstacle($candidate, $said);
            $isThere = $isThere || $obstacle !== null;
            $isNamed = \str_contains($candidate, '/');
            $failures[] = $obstacle ?? ($isNamed ? $candidate : "$candidate (in the loader's folders)");
        }
        $cure = 'was not found: install ' . LibraryPath::NAME . ', or set ' . self::howToNameIt();
        throw new ConfigError(\sprintf(
            'the library of oo_webhooks %s; searched: %s',
            $isThere ? 'cannot be opened' : $cure,
            \implode(', ', $failures)
        ));
    }

    private static function howToNameIt(): string
    {
        return LibraryPath::isClosedToOthers()
            ? LibraryPath::SETTING . ' to its path in ' . LibraryPath::iniFile()
            : LibraryPath::VARIABLE . ' to its path';
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
        $iniFile = LibraryPath::iniFile();
        return match (\PHP_SAPI) {
            'cli', 'phpdbg' => "run php -d ffi.enable=true, or put ffi.enable=true into $iniFile",
            'fpm-fcgi' => "put ffi.enable=true into $iniFile, or php_admin_value[ffi.enable] = true into the FPM pool, "
                . 'and restart PHP-FPM; ini_set cannot do it',
            default => "put ffi.enable=true into $iniFile and restart the server; ini_set cannot do it",
        };
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
        LibraryPath::checkAbi($abi, $file);
        return null;
    }
}
