<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

/**
 * Where the library may be, and why a file that is there is not opened.
 *
 * @internal
 */
final class LibraryFile
{
    /**
     * The file that was named and no other; otherwise the package's own and then the system's.
     *
     * @return non-empty-list<string>
     */
    public static function candidates(?string $named, bool $isMusl): array
    {
        return $named !== null ? [$named] : [LibraryPath::inPackage($isMusl), LibraryPath::NAME];
    }

    /**
     * What keeps a file that is there from being opened, with its cure; null when it is not there.
     *
     * @param string $said what PHP said, to which later versions add the loader's reason
     */
    public static function obstacle(string $file, string $said): ?string
    {
        if (!\str_contains($file, '/')) {
            return self::obstacleInTheSystem($file, $said);
        }
        if (@\is_file($file)) {
            return @\is_readable($file)
                ? "$file (is there, but: $said; built for another system?)"
                : "$file (is there, but PHP's user may not read it: chmod 755 $file)";
        }
        $folder = self::closedFolder($file);
        return $folder === null ? null : "$file (PHP's user may not look into $folder: chmod 755 $folder)";
    }

    private static function obstacleInTheSystem(string $name, string $said): ?string
    {
        foreach (self::foldersOfTheLoader() as $folder) {
            if (@\is_file("$folder/$name")) {
                return @\is_readable("$folder/$name")
                    ? "$folder/$name (is there, but: $said; run ldconfig; built for another system?)"
                    : self::obstacle("$folder/$name", $said);
            }
        }
        return null;
    }

    /** @return array<string> those that the loader usually has; not all, as its cache is not for us to read */
    private static function foldersOfTheLoader(): array
    {
        $folders = \explode(':', (string) \getenv('LD_LIBRARY_PATH'));
        foreach (@\glob('/etc/ld.so.conf.d/*.conf') ?: [] as $file) {
            $folders = [...$folders, ...@\file($file, \FILE_IGNORE_NEW_LINES) ?: []];
        }
        $folders = [...$folders, '/usr/local/lib', '/usr/lib', '/lib', '/usr/lib64', '/lib64'];
        return \array_filter($folders, static fn (string $folder): bool => \str_starts_with($folder, '/'));
    }

    /** The folder on the way to the file that this process may not look into. */
    private static function closedFolder(string $file): ?string
    {
        do {
            $file = \dirname($file);
        } while ($file !== \dirname($file) && !@\is_dir($file));
        return @\is_executable($file) ? null : $file;
    }
}
