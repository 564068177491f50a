<?php

declare(strict_types=1);

namespace OoWebhooks;

/** An outbox without a folder, for the tests of programs: it checks its arguments and keeps the records. */
final class FakeOutbox implements SavesRecords
{
    /** @var array<string, Record> */
    private array $waiting = [];
    private ?OutboxError $error = null;

    public function put(Module|string $module, mixed $id): void
    {
        $record = new Record($module, $id);
        if ($this->error !== null) {
            throw $this->error;
        }
        $this->waiting["{$record->module->value}-$record->id"] ??= $record;
    }

    /** Every save from now on throws this error; null: none does. */
    public function failWith(?OutboxError $error): void
    {
        $this->error = $error;
    }

    /**
     * The records that were saved, in order, each once.
     *
     * @return list<Record>
     */
    public function waiting(): array
    {
        return array_values($this->waiting);
    }

    /** Forgets the records, and saves again. */
    public function reset(): void
    {
        $this->waiting = [];
        $this->error = null;
    }
}
