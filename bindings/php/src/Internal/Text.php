<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

/**
 * Text on its way to C, which would end it at the first NUL without a word.
 *
 * @internal
 */
final class Text
{
    /** @throws \ValueError that names the text but does not show it: it may be a secret */
    public static function check(string $name, #[\SensitiveParameter] ?string $text): void
    {
        if ($text === null) {
            return;
        }
        if (str_contains($text, "\0")) {
            throw new \ValueError("$name holds a NUL");
        }
        if (preg_match('//u', $text) !== 1) {
            throw new \ValueError("$name is not UTF-8");
        }
    }
}
