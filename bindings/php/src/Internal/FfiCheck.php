<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\Finding;
use OoWebhooks\Grade;

/**
 * PHP's FFI, for the command line and for FPM, and the opcode cache: see docs/php-fpm.md. This PHP is asked by its own
 * functions, the others by what they print with `-i`.
 *
 * @internal
 */
final class FfiCheck
{
    /**
     * @param bool $isOpen whether this PHP has loaded the library
     *
     * @return list<Finding>
     */
    public static function findings(bool $isOpen): array
    {
        $findings = [self::own($isOpen), ...array_map(self::other(...), self::otherPhps())];
        return PHP_SAPI === 'cli' ? $findings : [...$findings, self::opcache()];
    }

    private static function own(bool $isOpen): Finding
    {
        $mode = ini_get('ffi.enable');
        $folder = getenv('PHP_INI_SCAN_DIR') ?: PHP_CONFIG_FILE_SCAN_DIR;
        return self::judge(
            PHP_SAPI === 'cli' ? 'PHP (cli)' : 'PHP (' . (basename(PHP_BINARY) ?: PHP_SAPI) . ')',
            PHP_VERSION,
            extension_loaded('ffi'),
            $mode === false ? '' : $mode,
            (string) ini_get('opcache.preload'),
            $folder !== '' ? $folder : dirname(php_ini_loaded_file() ?: '/etc/php/php.ini'),
            $isOpen
        );
    }

    private static function other(string $binary): Finding
    {
        $isFpm = str_contains(basename($binary), 'fpm');
        $name = $isFpm ? 'PHP (' . basename($binary) . ')' : 'PHP (cli)';
        $info = self::output([$binary, '-i']);
        if ($info === null) {
            return new Finding($name, Grade::Unknown, 'it does not answer -i');
        }
        $value = static function (string $key) use ($info): ?string {
            $found = preg_match('/^' . preg_quote($key, '/') . ' => (.*?)(?: => .*)?$/m', $info, $match);
            return $found === 1 ? trim($match[1]) : null;
        };
        $mode = $value('ffi.enable');
        $preload = (string) $value('opcache.preload');
        return self::judge(
            $name,
            (string) $value('PHP Version'),
            $mode !== null,
            (string) $mode,
            $preload === 'no value' ? '' : $preload,
            (string) $value('Scan this dir for additional .ini files'),
            null
        );
    }

    /**
     * Never worse than a warning: what this PHP cannot do for the app is said of the library.
     *
     * @param bool|null $isOpen what is known, beyond what the settings say
     */
    private static function judge(
        string $name,
        string $version,
        bool $isLoaded,
        string $mode,
        string $preload,
        string $folder,
        ?bool $isOpen,
    ): Finding {
        if (version_compare($version, '8.2', '<')) {
            return new Finding($name, Grade::Warning, "PHP $version", 'update it to PHP 8.2 at least');
        }
        if (!$isLoaded) {
            $cure = "install FFI (Debian has it in php-common) and write into $folder:\nextension=ffi";
            return new Finding($name, Grade::Warning, "PHP $version without FFI", $cure);
        }
        $found = "PHP $version, ffi.enable=$mode";
        $isPreload = $mode === 'preload';
        if (filter_var($mode, FILTER_VALIDATE_BOOL)) {
            return new Finding($name, Grade::Good, $found);
        }
        if ($name === 'PHP (cli)') {
            return $isPreload || $isOpen !== false
                ? new Finding($name, Grade::Good, "$found: on the command line that is enough")
                : new Finding($name, Grade::Warning, $found, "write into a file in $folder:\nffi.enable=true");
        }
        if ($isPreload && $preload !== '' && $isOpen !== false) {
            return new Finding($name, Grade::Good, "$found, opcache.preload=$preload");
        }
        if (!$isPreload) {
            return new Finding($name, Grade::Warning, $found, "write into a file in $folder, and restart FPM:\nffi.enable=true");
        }
        $found .= $preload === ''
            ? ', and no opcache.preload'
            : ", and opcache.preload=$preload does not preload this package";
        $package = $isOpen === null ? '/path/to/the/package' : dirname(__DIR__, 2);
        return new Finding(
            $name,
            Grade::Warning,
            $found,
            "write into a file in $folder, and restart FPM:\nopcache.preload=$package/preload.php\n"
                . "opcache.preload_user=www-data\nor, without preloading, allow FFI to every script:\nffi.enable=true"
        );
    }

    private static function opcache(): Finding
    {
        $status = function_exists('opcache_get_status') ? @opcache_get_status(true) : false;
        if ($status === false && ini_get('opcache.restrict_api') && ini_get('opcache.enable')) {
            return new Finding('opcache', Grade::Unknown, 'opcache.restrict_api keeps its state from this file');
        }
        if ($status === false || !($status['opcache_enabled'] ?? false)) {
            $cure = "write into php.ini, and restart FPM:\nzend_extension=opcache\nopcache.enable=1";
            return new Finding('opcache', Grade::Warning, "off: each request compiles the app's files", $cure);
        }
        $scripts = $status['preload_statistics']['scripts'] ?? [];
        $ours = count(preg_grep('#^' . preg_quote(dirname(__DIR__), '#') . '/#', $scripts) ?: []);
        $found = 'on, ' . ($ours === 0 ? 'this package is not preloaded' : "$ours files of this package are preloaded");
        return $status['cache_full'] ?? false
            ? new Finding('opcache', Grade::Warning, "$found, and full", 'raise opcache.memory_consumption and restart FPM')
            : new Finding('opcache', Grade::Good, $found);
    }

    /** @return list<string> the command line's from FPM, and FPM's from the command line */
    private static function otherPhps(): array
    {
        if (!function_exists('proc_open')) {
            return [];
        }
        if (PHP_SAPI !== 'cli') {
            return @is_executable(PHP_BINDIR . '/php') ? [PHP_BINDIR . '/php'] : [];
        }
        $found = [];
        foreach ([...explode(':', (string) getenv('PATH')), '/usr/sbin', '/usr/local/sbin'] as $folder) {
            // No wrapper of theirs, such as one that restarts it.
            foreach (preg_grep('#/php-fpm[0-9.]*$#D', @glob("$folder/php-fpm*") ?: []) as $binary) {
                $found[] = (string) realpath($binary);
            }
        }
        sort($found);
        return array_values(array_unique($found));
    }

    /**
     * What a program prints; null where it is not there or fails.
     *
     * @param list<string> $command
     */
    private static function output(array $command): ?string
    {
        $null = ['file', '/dev/null', 'r+'];
        $pipes = [];
        $process = @proc_open($command, [$null, ['pipe', 'w'], $null], $pipes);
        if ($process === false) {
            return null;
        }
        $said = (string) stream_get_contents($pipes[1]);
        return proc_close($process) === 0 ? $said : null;
    }
}
