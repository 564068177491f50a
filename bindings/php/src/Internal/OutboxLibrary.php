<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use FFI\CData;
use OoWebhooks\DrainReport;
use OoWebhooks\OutboxCounts;
use OoWebhooks\OutboxEntry;
use OoWebhooks\OutboxError;
use OoWebhooks\OutboxState;
use OoWebhooks\Record;
use OoWebhooks\Status;
use OoWebhooks\WhenInDoubt;

/**
 * What {@see Library} calls for an outbox, in a file of its own: most programs that execute webhooks have none.
 *
 * It stands at the same border. What it is made of, only Library has.
 *
 * @internal
 */
final class OutboxLibrary
{
    use NotCopied;

    /**
     * @param \FFI                   $ffi      the whole header
     * @param \Closure(Handle, string): CData $pointer what stands behind a client
     * @param \Closure(int): Status   $statusOf
     */
    public function __construct(
        private readonly \FFI $ffi,
        private readonly \Closure $pointer,
        private readonly \Closure $statusOf,
    ) {
    }

    public function save(OutboxAddress $outbox, Record $record): void
    {
        $open = $this->open($outbox);
        try {
            $status = $this->ffi->oo_outbox_put($open, $record->module->value, $record->id);
            $status === 0 || throw $this->error($status, $this->ffi->oo_outbox_message($open));
        } finally {
            $this->ffi->oo_outbox_free($open);
        }
    }

    public function drain(OutboxAddress $outbox, Handle $client, int $max, int $deadlineMs): DrainReport
    {
        $pointer = ($this->pointer)($client, 'client');
        $open = $this->open($outbox);
        $report = $this->ffi->new('void *');
        try {
            $status = $this->ffi->oo_outbox_drain($open, $pointer, $max, $deadlineMs, \FFI::addr($report));
            if (\FFI::isNull($report)) {
                throw $this->error($status, $this->ffi->oo_outbox_message($open));
            }
            // In the order of their numbers in C, which is that of the report's parameters.
            $counts = [];
            for ($reason = 0; $reason <= $this->ffi->OO_OUTBOX_REASON_BUSY; $reason++) {
                $counts[] = $this->ffi->oo_outbox_report_count($report, $reason);
            }
            $message = $this->ffi->oo_outbox_report_message($report) ?? '';
            $tried = $this->ffi->oo_outbox_report_tried($report);
            return new DrainReport($tried, ...$counts, status: ($this->statusOf)($status), message: $message);
        } finally {
            $this->ffi->oo_outbox_report_free($report);
            $this->ffi->oo_outbox_free($open);
        }
    }

    public function count(OutboxAddress $outbox): OutboxCounts
    {
        $open = $this->open($outbox);
        try {
            $counts = [];
            for ($state = 0; $state <= $this->ffi->OO_OUTBOX_STATE_CORRUPT; $state++) {
                $count = $this->ffi->new('int64_t');
                $status = $this->ffi->oo_outbox_count($open, $state, \FFI::addr($count));
                $status === 0 || throw $this->error($status, $this->ffi->oo_outbox_message($open));
                $counts[] = $count->cdata;
            }
            return new OutboxCounts(...$counts);
        } finally {
            $this->ffi->oo_outbox_free($open);
        }
    }

    /** @return list<OutboxEntry> */
    public function list(OutboxAddress $outbox, OutboxState $state, int $max): array
    {
        $open = $this->open($outbox);
        $entries = $this->ffi->new('void *');
        try {
            $number = \array_search($state, OutboxState::cases(), true);
            $status = $this->ffi->oo_outbox_list($open, $number, $max, \FFI::addr($entries));
            $status === 0 || throw $this->error($status, $this->ffi->oo_outbox_message($open));
            $read = [];
            for ($index = 0, $count = $this->ffi->oo_outbox_entries_count($entries); $index < $count; $index++) {
                $read[] = $this->entry($entries, $index, $state);
            }
            return $read;
        } finally {
            $this->ffi->oo_outbox_entries_free($entries);
            $this->ffi->oo_outbox_free($open);
        }
    }

    /** @param int $since when it got into its state, for one that was looked at; 0: whatever it is */
    public function retry(OutboxAddress $outbox, Record $record, int $since): void
    {
        $open = $this->open($outbox);
        try {
            $status = $this->ffi->oo_outbox_retry($open, $record->module->value, $record->id, $since);
            $status === 0 || throw $this->error($status, $this->ffi->oo_outbox_message($open));
        } finally {
            $this->ffi->oo_outbox_free($open);
        }
    }

    /** @param int $since as for retry */
    public function drop(OutboxAddress $outbox, Record $record, int $since): void
    {
        $open = $this->open($outbox);
        try {
            $status = $this->ffi->oo_outbox_drop($open, $record->module->value, $record->id, $since);
            $status === 0 || throw $this->error($status, $this->ffi->oo_outbox_message($open));
        } finally {
            $this->ffi->oo_outbox_free($open);
        }
    }

    private function open(OutboxAddress $outbox): CData
    {
        $open = $this->ffi->new('void *');
        $status = $this->ffi->oo_outbox_open($outbox->path, \FFI::addr($open));
        if ($status !== Status::Ok->value) {
            $error = $this->error($status, $this->ffi->oo_outbox_message($open));
            $this->ffi->oo_outbox_free($open);
            throw $error;
        }
        $this->ffi->oo_outbox_set_fsync($open, (int) $outbox->fsync);
        $wish = \array_search($outbox->whenInDoubt, WhenInDoubt::cases(), true);
        $this->ffi->oo_outbox_set_in_doubt($open, $wish);
        return $open;
    }

    /** @param string|null $message of the outbox, which itself would be in the trace of what is thrown */
    private function error(int $status, ?string $message): OutboxError|\ValueError
    {
        $message ??= $this->ffi->oo_status_message($status);
        return $status === Status::InvalidArgument->value ? new \ValueError($message) : new OutboxError($message);
    }

    private function entry(CData $entries, int $index, OutboxState $state): OutboxEntry
    {
        $status = ($this->statusOf)($this->ffi->oo_outbox_entries_status($entries, $index));
        $due = $this->ffi->oo_outbox_entries_due_ms($entries, $index);
        return new OutboxEntry(
            record: new Record(
                $this->ffi->oo_outbox_entries_module($entries, $index),
                $this->ffi->oo_outbox_entries_id($entries, $index)
            ),
            state: $state,
            sinceMs: $this->ffi->oo_outbox_entries_since_ms($entries, $index),
            dueMs: $due === 0 ? null : $due,
            status: $status === Status::Ok ? null : $status,
            errorCode: $this->ffi->oo_outbox_entries_error_code($entries, $index),
            message: $this->ffi->oo_outbox_entries_message($entries, $index),
        );
    }
}
