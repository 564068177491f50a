<?php

declare(strict_types=1);

namespace OoWebhooks;

use OoWebhooks\Internal\Account;

/**
 * An outbox table without a database, for the tests of programs: it checks its arguments and keeps the records.
 *
 * It knows nothing of transactions: what the program rolls back stays here.
 */
final class FakeOutboxTable implements SavesRecordsInTable
{
    /** @var array<string, array<string, Record>> by account */
    private array $waiting = [];
    private ?OutboxError $error = null;

    /** @param mixed $connection whatever the program has: it is not looked at */
    public function put(mixed $connection, Module|string $module, mixed $id, string $account = ''): void
    {
        $record = new Record($module, $id);
        Account::check($account);
        if ($this->error !== null) {
            throw $this->error;
        }
        $this->waiting[$account]["{$record->module->value}-$record->id"] ??= $record;
    }

    /** Every save from now on throws this error; null: none does. */
    public function failWith(?OutboxError $error): void
    {
        $this->error = $error;
    }

    /**
     * The records that were saved for an account, in order, each once.
     *
     * @return list<Record>
     */
    public function waiting(string $account = ''): array
    {
        return array_values($this->waiting[$account] ?? []);
    }

    /** Forgets the records, and saves again. */
    public function reset(): void
    {
        $this->waiting = [];
        $this->error = null;
    }
}
