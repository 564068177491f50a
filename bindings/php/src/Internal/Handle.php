<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

/**
 * Stands for something the library made, which {@see Library} keeps for as long as this object is there: it is freed
 * once, by free() or with this object, and a use after that is an exception. The pointer itself stays in Library.
 *
 * @internal
 */
final class Handle
{
    use NotCopied;

    public function __construct(
        private readonly Library $library,
        public readonly string $what,
    ) {
    }

    public function __destruct()
    {
        $this->free();
    }

    /** @throws \LogicException when it is freed */
    public function check(): void
    {
        $this->library->check($this);
    }

    public function free(): void
    {
        $library = $this->library ?? null;
        $library?->free($this);
    }
}
