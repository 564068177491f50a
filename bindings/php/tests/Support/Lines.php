<?php

declare(strict_types=1);

namespace OoWebhooks\Tests\Support;

use Psr\Log\AbstractLogger;

/** A logger that keeps its lines, or fails as one does whose disk is full. */
final class Lines extends AbstractLogger
{
    /** @var list<array{string, string, array<string, mixed>}> */
    public array $lines = [];

    public function __construct(private readonly bool $fails = false)
    {
    }

    public function log($level, $message, array $context = []): void
    {
        if ($this->fails) {
            throw new \RuntimeException('no space left on device');
        }
        $this->lines[] = [$level, (string) $message, $context];
    }
}
