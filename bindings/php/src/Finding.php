<?php

declare(strict_types=1);

namespace OoWebhooks;

/** One thing that a doctor looked at. Nothing in it is a token or a secret. */
final class Finding implements \JsonSerializable
{
    /**
     * @param string      $name  what it is about, such as `clock`
     * @param string      $found in a few words
     * @param string|null $cure  what cures it; several lines where several are to be written somewhere
     */
    public function __construct(
        public readonly string $name,
        public readonly Grade $grade,
        public readonly string $found,
        public readonly ?string $cure = null,
    ) {
    }

    /** @return array{name: string, grade: string, found: string, cure: string|null} */
    public function jsonSerialize(): array
    {
        return ['name' => $this->name, 'grade' => $this->grade->value, 'found' => $this->found, 'cure' => $this->cure];
    }
}
