<?php

declare(strict_types=1);

namespace OoWebhooks;

use OoWebhooks\Internal\OutboxWriter;

/**
 * A folder in which records wait until their webhooks are executed: saving one takes microseconds, and repeated saves
 * of a record become one call. A worker executes what is due.
 *
 * Saving needs neither FFI nor the library.
 */
final class Outbox
{
    private readonly OutboxWriter $writer;

    /** @param string $path a folder that exists; the worker, or any use of the library, lays it out */
    public function __construct(string $path)
    {
        $this->writer = new OutboxWriter($path);
    }

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
    public function put(Module|string $module, mixed $id): void
    {
        $this->writer->put(new Record($module, $id));
    }
}
