<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

/**
 * The one owner of something the library made. It is freed once, by free() or with this object, and a use after
 * that is an exception. It holds the library, so that the library is there for as long as something of it is.
 *
 * @internal
 */
final class Handle
{
    use NotCopied;

    public function __construct(
        private readonly Library $library,
        private readonly string $what,
        private ?\FFI\CData $pointer,
    ) {
    }

    public function __destruct()
    {
        $this->free();
    }

    public function pointer(): \FFI\CData
    {
        return $this->pointer ?? throw new \LogicException("the $this->what is closed: make a new one");
    }

    /** @throws \LogicException when it is freed */
    public function check(): void
    {
        $this->pointer();
    }

    public function free(): void
    {
        $pointer = $this->pointer ?? null;
        $this->pointer = null;
        if ($pointer !== null) {
            $this->library->free($this->what, $pointer);
        }
    }
}
