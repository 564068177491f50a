<?php

declare(strict_types=1);

namespace OoWebhooks;

/** A record of onOffice enterprise: a module and a positive id. */
final class Record
{
    public readonly Module $module;

    /** @var int<1, max> */
    public readonly int $id;

    /**
     * @param Module|string $module a module, or its word: "estate", "address", "task" or "calendar"
     * @param int<1, max>   $id     the record number. Declared as mixed, because a file without strict_types
     *                              would otherwise have 1.9 and true become 1, which is another record
     *
     * @throws \ValueError for an unknown module and an id below 1
     * @throws \TypeError  for an id that is no int
     */
    public function __construct(Module|string $module, mixed $id)
    {
        $this->module = self::moduleOf($module, $id);
        $this->id = $id;
    }

    /**
     * @internal The module of a record that may be; what the constructor throws for another one.
     *
     * @throws \ValueError
     * @throws \TypeError
     */
    public static function moduleOf(Module|string $module, mixed $id): Module
    {
        if (!\is_int($id)) {
            throw new \TypeError(\sprintf('the record id must be an int, %s given', \get_debug_type($id)));
        }
        if ($id < 1) {
            throw new \ValueError("the record id $id is 0 or negative: give the record number, 1 or more");
        }
        return $module instanceof Module ? $module : Module::tryFrom($module) ?? throw new \ValueError(
            \sprintf('the module %s is unknown: use "estate", "address", "task" or "calendar"', self::quoted($module))
        );
    }

    /** Whatever was given, as one short line of UTF-8. */
    private static function quoted(string $text): string
    {
        return (string) json_encode(substr($text, 0, 40), JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_UNICODE);
    }
}
