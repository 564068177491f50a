<?php

declare(strict_types=1);

namespace OoWebhooks;

/** What a drain did: how many records left their place for which reason. */
final class DrainReport
{
    /**
     * @param int    $tried      records that were sent, or tried to be
     * @param int    $notSent    not a byte was sent; they wait for the next try
     * @param int    $givenUp    they were not sent for a day, and have failed
     * @param int    $held       in doubt, and held for a person
     * @param int    $superseded they were in doubt or had failed, and a newer save made them wait again
     * @param int    $corrupt    files that are no record's, set aside
     * @param int    $senderDied their sender had died while it was sending; counted under what became of them too
     * @param int    $abandoned  writers had died before their save; what they left was removed
     * @param int    $busy       somebody else was sending them
     * @param Status $status     Ok when nothing more was due or a limit was reached; otherwise why it ended early
     * @param string $message    why it ended early, in one line; empty when it did not
     *
     * @internal
     */
    public function __construct(
        public readonly int $tried,
        public readonly int $executed,
        public readonly int $notSent,
        public readonly int $givenUp,
        public readonly int $rejected,
        public readonly int $held,
        public readonly int $resent,
        public readonly int $dropped,
        public readonly int $superseded,
        public readonly int $corrupt,
        public readonly int $senderDied,
        public readonly int $abandoned,
        public readonly int $busy,
        public readonly Status $status,
        public readonly string $message,
    ) {
    }
}
