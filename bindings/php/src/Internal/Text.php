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
    /**
     * @param array<string, string|null> $texts by their names
     *
     * @throws \ValueError as check does
     */
    public static function checkAll(#[\SensitiveParameter] array $texts): void
    {
        // Looked at together, since they are most often as they should be.
        $all = implode("\n", $texts);
        if (str_contains($all, "\0") || preg_match('//u', $all) !== 1) {
            foreach ($texts as $name => $text) {
                self::check($name, $text);
            }
        }
    }

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
