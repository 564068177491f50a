<?php

declare(strict_types=1);

namespace OoWebhooks;

use OoWebhooks\Internal\Library;
use OoWebhooks\Internal\OutboxAddress;
use OoWebhooks\Internal\OutboxWriter;

/**
 * A folder in which records wait until their webhooks are executed: saving one takes microseconds, and repeated saves
 * of a record become one call. A worker, or {@see drain}, executes what is due.
 *
 * Saving needs neither FFI nor the library, unless it is to survive a power cut. Nothing is held open between two
 * calls: an outbox may be used on both sides of a fork.
 */
final class Outbox implements SavesRecords
{
    private readonly OutboxAddress $address;

    /**
     * @param string $path  a folder that exists; what is missing in it is made by whatever uses the library
     * @param bool   $fsync whether saves survive a power cut: they are flushed to the disk, which PHP cannot do for a
     *                      folder, so this needs the library
     *
     * @throws \ValueError for a path that holds a NUL or is not UTF-8
     */
    public function __construct(string $path, bool $fsync = false, WhenInDoubt $whenInDoubt = WhenInDoubt::Hold)
    {
        $this->address = new OutboxAddress($path, $fsync, $whenInDoubt);
    }

    public function put(Module|string $module, mixed $id): void
    {
        $record = new Record($module, $id);
        if ($this->address->fsync) {
            Library::instance()->outbox()->save($this->address, $record);
        } else {
            (new OutboxWriter($this->address->path))->put($record);
        }
    }

    /**
     * Executes what is due, one record at a time and the longest due first, and settles each.
     *
     * It ends early when the network, onOffice or the credentials fail: wait before the next drain.
     *
     * @param int<0, max> $max        so many records are sent at most; 0: no limit
     * @param int<0, max> $deadlineMs after this time no sending is begun; 0: no limit
     *
     * @throws OutboxError when the folder cannot be opened
     * @throws ConfigError when FFI is not open to this program, or the library is missing
     */
    public function drain(Client $client, int $max = 0, int $deadlineMs = 0): DrainReport
    {
        if ($max < 0 || $deadlineMs < 0) {
            throw new \ValueError('max and deadlineMs are 0, for no limit, or more');
        }
        return Library::instance()->outbox()->drain($this->address, $client->handleForCalls(), $max, $deadlineMs);
    }

    /**
     * How many records are in each state. Every file name is read for it.
     *
     * @throws OutboxError
     */
    public function counts(): OutboxCounts
    {
        return Library::instance()->outbox()->count($this->address);
    }

    /**
     * The records in a state, the oldest first.
     *
     * @param int<0, max> $max so many at most; 0: no limit
     *
     * @return list<OutboxEntry>
     *
     * @throws OutboxError
     */
    public function list(OutboxState $state, int $max = 0): array
    {
        if ($max < 0) {
            throw new \ValueError('max is 0, for no limit, or more');
        }
        return Library::instance()->outbox()->list($this->address, $state, $max);
    }

    /**
     * Has a record that is in doubt or has failed sent again. One that was executed is executed twice by that.
     *
     * @throws \ValueError when it is neither in doubt nor failed, is being sent, or, for an entry, is not as it was
     *                     when it was listed
     * @throws OutboxError
     */
    public function retry(OutboxEntry|Record $what): void
    {
        [$record, $since] = self::chosen($what);
        Library::instance()->outbox()->retry($this->address, $record, $since);
    }

    /**
     * Has a record that waits, is in doubt or has failed forgotten: it is not executed.
     *
     * @throws \ValueError when it is not there, is being sent, or, for an entry, is not as it was when it was listed
     * @throws OutboxError
     */
    public function drop(OutboxEntry|Record $what): void
    {
        [$record, $since] = self::chosen($what);
        Library::instance()->outbox()->drop($this->address, $record, $since);
    }

    /** @return array{Record, int} the record, and since when it is what was looked at; 0: whatever it is */
    private static function chosen(OutboxEntry|Record $what): array
    {
        return $what instanceof Record ? [$what, 0] : [$what->record, $what->sinceMs];
    }
}
