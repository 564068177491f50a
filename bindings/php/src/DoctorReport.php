<?php

declare(strict_types=1);

namespace OoWebhooks;

/** What a doctor found; as text it is what `oo-webhooks doctor` prints, as JSON what it prints with `--json`. */
final class DoctorReport implements \JsonSerializable, \Stringable
{
    /** @param list<Finding> $findings */
    public function __construct(public readonly array $findings)
    {
    }

    /** Whether nothing must be cured. */
    public function isWell(): bool
    {
        foreach ($this->findings as $finding) {
            if ($finding->grade === Grade::Bad) {
                return false;
            }
        }
        return true;
    }

    public function __toString(): string
    {
        $text = '';
        foreach ($this->findings as $finding) {
            $text .= sprintf("%-8s %-18s %s\n", $finding->grade->value, $finding->name, self::plain($finding->found));
            foreach ($finding->cure === null ? [] : explode("\n", $finding->cure) as $line) {
                $text .= sprintf("%27s -> %s\n", '', self::plain($line));
            }
        }
        return $text . ($this->isWell() ? "\nnothing must be cured\n" : "\nsomething must be cured\n");
    }

    /** @return array{ok: bool, findings: list<Finding>} */
    public function jsonSerialize(): array
    {
        return ['ok' => $this->isWell(), 'findings' => $this->findings];
    }

    /** On one line, without what a terminal would act on. */
    private static function plain(string $text): string
    {
        return (string) preg_replace('/[\x00-\x1f\x7f]/', "\u{fffd}", $text);
    }
}
