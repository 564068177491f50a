<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\Record;

/**
 * The records of one exchange.
 *
 * @internal
 */
final class Records
{
    /** As many as a request of the library takes. */
    public const MAX = 500;

    /**
     * @param iterable<mixed> $records
     *
     * @return non-empty-list<Record>
     */
    public static function check(iterable $records): array
    {
        [$checked, $seen] = [[], []];
        foreach ($records as $record) {
            if (!$record instanceof Record) {
                throw new \TypeError(sprintf('records must be %s, %s given', Record::class, get_debug_type($record)));
            }
            if (count($checked) === self::MAX) {
                throw new \ValueError(sprintf('a request takes %d records: put the rest in another one', self::MAX));
            }
            $module = $record->module->value;
            if (isset($seen[$module][$record->id])) {
                throw new \ValueError("$module $record->id is given twice: that would execute its webhooks twice");
            }
            $seen[$module][$record->id] = true;
            $checked[] = $record;
        }
        return $checked ?: throw new \ValueError('there is no record to execute');
    }
}
