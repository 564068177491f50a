<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

/**
 * Where the library may be.
 *
 * @internal
 */
final class LibraryFile
{
    /** What the system's loader knows it by: the number is that of the ABI. */
    public const NAME = 'liboo_webhooks.so.1';

    /**
     * The file that was named and no other; otherwise the package's own and then the system's.
     *
     * @return non-empty-list<string>
     */
    public static function candidates(?string $named, bool $isMusl): array
    {
        return $named !== null ? [$named] : [self::inPackage($isMusl), self::NAME];
    }

    /** `lib/linux-x86_64/` of this package, for those who ship the library with their program. */
    public static function inPackage(bool $isMusl): string
    {
        $platform = strtolower(PHP_OS_FAMILY) . '-' . php_uname('m') . ($isMusl ? '-musl' : '');
        return dirname(__DIR__, 2) . "/lib/$platform/" . self::NAME;
    }
}
