<?php

declare(strict_types=1);

namespace OoWebhooks;

/** What {@see OutboxTable} and {@see FakeOutboxTable} have in common, for the code that saves. */
interface SavesRecordsInTable
{
    /**
     * Saves, within the transaction that is open on the connection, that a record's webhooks are to be executed. It
     * neither begins nor ends a transaction: what the caller commits or rolls back is committed or rolled back.
     *
     * @param \PDO|\mysqli  $connection the one of the save: MariaDB, MySQL or PostgreSQL
     * @param Module|string $module     a module, or its word: "estate", "address", "task" or "calendar"
     * @param int<1, max>   $id         the record number
     * @param string        $account    whose record it is, by a name that the worker knows; never a token
     *
     * @throws OutboxError when it is not saved; the driver's own error is its previous one
     * @throws \ValueError for an unknown module, an id below 1, an account that the table cannot hold, and another
     *                     kind of database
     * @throws \TypeError  for an id that is no int
     */
    public function put(\PDO|\mysqli $connection, Module|string $module, mixed $id, string $account = ''): void;
}
