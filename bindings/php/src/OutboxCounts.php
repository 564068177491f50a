<?php

declare(strict_types=1);

namespace OoWebhooks;

/** How many records are in each state, and how many files were set aside since they are no record's. */
final class OutboxCounts
{
    /** @internal */
    public function __construct(
        public readonly int $waiting,
        public readonly int $sending,
        public readonly int $doubt,
        public readonly int $failed,
        public readonly int $corrupt,
    ) {
    }
}
