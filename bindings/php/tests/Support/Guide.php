<?php

declare(strict_types=1);

namespace OoWebhooks\Tests\Support;

/** A page of the documentation and the code in it. */
final class Guide
{
    /** @var list<array{language: string, line: int, code: string, file: ?string}> */
    public readonly array $snippets;

    public function __construct(string $path)
    {
        $text = (string) file_get_contents(Build::root() . "/$path");
        preg_match_all('/^```(\w+)\n(.*?)^```$/ms', $text, $found, PREG_SET_ORDER | PREG_OFFSET_CAPTURE);
        $this->snippets = array_map(static fn (array $match): array => [
            'language' => $match[1][0],
            'line' => substr_count($text, "\n", 0, $match[0][1]) + 1,
            'code' => $match[2][0],
            'file' => self::fileNamedIn($match[2][0]),
        ], $found);
    }

    /** @return list<string> the code in this language that names no file, in order */
    public function programs(string $language): array
    {
        $nameless = array_filter(
            $this->snippets,
            static fn (array $snippet): bool => $snippet['language'] === $language && $snippet['file'] === null
        );
        return array_values(array_column($nameless, 'code'));
    }

    /** @return list<string> every version of this file, in order */
    public function versionsOf(string $file): array
    {
        $named = array_filter($this->snippets, static fn (array $snippet): bool => $snippet['file'] === $file);
        return array_values(array_column($named, 'code'));
    }

    /** The comment at the top says where the code belongs. */
    private static function fileNamedIn(string $code): ?string
    {
        return preg_match('~\A(?:<\?php\n)?(?://|;) (\S+\.\w+)\n~', $code, $found) === 1 ? $found[1] : null;
    }
}
