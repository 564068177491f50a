<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

/**
 * Of what belongs to this process, or must not end up in a queue or session: it is neither cloned nor serialised.
 *
 * @internal
 */
trait NotCopied
{
    private function __clone()
    {
    }

    /** @return never */
    public function __serialize(): array
    {
        throw new \LogicException(self::class . ' cannot be serialised: make it anew where it is used');
    }

    /** @param array<mixed> $data */
    public function __unserialize(array $data): void
    {
        throw new \LogicException(self::class . ' cannot be unserialised: make it anew where it is used');
    }
}
