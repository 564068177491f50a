<?php

declare(strict_types=1);

namespace OoWebhooks\Tests\Support;

/** A folder for one test, gone when this object is. Every user can read it: FPM's workers are someone else. */
final class Folder
{
    public readonly string $path;

    public function __construct()
    {
        $this->path = sys_get_temp_dir() . '/oo_webhooks-php-' . bin2hex(random_bytes(6));
        mkdir($this->path, 0755);
        chmod($this->path, 0755);
    }

    public function __destruct()
    {
        self::remove($this->path);
    }

    /** Writes a file and gives its path. */
    public function write(string $name, string $text): string
    {
        $path = "$this->path/$name";
        self::makeFolderOf($path);
        file_put_contents($path, $text);
        chmod($path, 0644);
        return $path;
    }

    /** Copies a file or a folder with all that is in it, and gives its path. */
    public function copy(string $source, string $name): string
    {
        if (!is_dir($source)) {
            return $this->write($name, (string) file_get_contents($source));
        }
        foreach (array_diff(scandir($source), ['.', '..']) as $entry) {
            $this->copy("$source/$entry", "$name/$entry");
        }
        return "$this->path/$name";
    }

    private static function makeFolderOf(string $path): void
    {
        $umask = umask(0022);
        @mkdir(dirname($path), 0755, true);
        umask($umask);
    }

    private static function remove(string $path): void
    {
        if (is_dir($path) && !is_link($path)) {
            foreach (array_diff(scandir($path), ['.', '..']) as $entry) {
                self::remove("$path/$entry");
            }
            rmdir($path);
        } else {
            unlink($path);
        }
    }
}
