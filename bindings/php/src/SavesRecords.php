<?php

declare(strict_types=1);

namespace OoWebhooks;

/** What {@see Outbox} and {@see FakeOutbox} have in common, for the code that saves. */
interface SavesRecords
{
    /**
     * Saves that a record's webhooks are to be executed. A record that waits already stays one.
     *
     * @param Module|string $module a module, or its word: "estate", "address", "task" or "calendar"
     * @param int<1, max>   $id     the record number
     *
     * @throws OutboxError when it is not saved, as on a full disk; nothing is half-written
     * @throws \ValueError for an unknown module and an id below 1
     * @throws \TypeError  for an id that is no int
     */
    public function put(Module|string $module, mixed $id): void;
}
