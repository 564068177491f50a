<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\WhenInDoubt;

/**
 * Where an outbox is and how it is used; each call of the library opens it anew.
 *
 * @internal
 */
final class OutboxAddress
{
    /** @throws \ValueError for a path that holds a NUL or is not UTF-8 */
    public function __construct(
        public readonly string $path,
        public readonly bool $fsync,
        public readonly WhenInDoubt $whenInDoubt,
    ) {
        Text::check('path', $path);
    }
}
