<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\ConfigError;
use OoWebhooks\Finding;
use OoWebhooks\Grade;

/**
 * The shared library, and the package's header.
 *
 * @internal
 */
final class LibraryCheck
{
    /** What keeps the library out; null when it is loaded. */
    private readonly ?string $obstacle;

    /** @param bool $savesOnly whether the app has an outbox, and may make no calls by itself */
    public function __construct(private readonly bool $savesOnly)
    {
        try {
            Library::instance();
            $this->obstacle = null;
        } catch (ConfigError $error) {
            $this->obstacle = $error->getMessage();
        }
    }

    public function isLoaded(): bool
    {
        return $this->obstacle === null;
    }

    /** @return list<Finding> */
    public function findings(): array
    {
        if ($this->obstacle !== null) {
            [$found, $cure] = self::halves($this->obstacle);
            return $this->savesOnly
                ? [new Finding('library', Grade::Warning, "$found; saving into an outbox works without", $cure)]
                : [new Finding('library', Grade::Bad, $found, $cure)];
        }
        $library = Library::instance();
        try {
            $version = $library->version();
        } catch (ConfigError $error) {
            [$found, $cure] = self::halves($error->getMessage());
            return [new Finding('header', Grade::Bad, $found, $cure)];
        }
        return [
            new Finding('library', Grade::Good, "version $version, " . ($library->path() ?? 'opened by ffi.preload')),
            new Finding('header', Grade::Good, "the library has every function of the package's header"),
        ];
    }

    /**
     * An error of this package names the cause, a colon and the cure.
     *
     * @return array{string, string|null}
     */
    private static function halves(string $message): array
    {
        return explode(': ', $message, 2) + [1 => null];
    }
}
