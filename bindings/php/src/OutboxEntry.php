<?php

declare(strict_types=1);

namespace OoWebhooks;

/** A record that an outbox holds. */
final class OutboxEntry
{
    /**
     * @param int         $sinceMs   when it got into its state, in Unix milliseconds; while it waits, when it was last
     *                               saved or first tried in vain
     * @param int|null    $dueMs     when it is due, in Unix milliseconds; null unless it waits
     * @param Status|null $status    of the last try; null before the first
     * @param int         $errorCode of onOffice in the last try; 0 when it gave none
     * @param string      $message   one line about the last try, empty before the first; never a token or a secret
     *
     * @internal
     */
    public function __construct(
        public readonly Record $record,
        public readonly OutboxState $state,
        public readonly int $sinceMs,
        public readonly ?int $dueMs,
        public readonly ?Status $status,
        public readonly int $errorCode,
        public readonly string $message,
    ) {
    }
}
