<?php

declare(strict_types=1);

namespace OoWebhooks;

use OoWebhooks\Internal\Account;

/**
 * The outbox in the database of the app: the wish to have the webhooks executed commits together with the save. A
 * worker takes it from there: `oo-webhooks work --database URL`.
 *
 * It needs neither FFI nor the library, only the table oo_webhooks_outbox and the right to INSERT into it; docs/
 * outbox-table.md says how to make it.
 */
final class OutboxTable implements SavesRecordsInTable
{
    private const INSERT = 'INSERT INTO oo_webhooks_outbox (account, module, record_id) VALUES (?, ?, ?)';

    public function put(\PDO|\mysqli $connection, Module|string $module, mixed $id, string $account = ''): void
    {
        $record = new Record($module, $id);
        Account::check($account);
        self::checkDriver($connection);
        // As text: every driver and every way to prepare takes a number in this form.
        $values = [$account, $record->module->value, (string) $record->id];
        $previous = null;
        try {
            $said = $connection instanceof \PDO
                ? self::insertWithPdo($connection, $values)
                : self::insertWithMysqli($connection, $values);
        } catch (\PDOException | \mysqli_sql_exception $previous) {
            $said = $previous->getMessage();
        }
        if ($said !== null) {
            $why = trim((string) preg_replace('/\s+/', ' ', $said));
            throw new OutboxError(
                "cannot save {$record->module->value} $record->id in the table oo_webhooks_outbox: $why: see that the"
                . ' table is there and that this user may INSERT into it',
                $previous
            );
        }
    }

    /**
     * @param list<string> $values
     *
     * @return string|null what the database says when it did not take it; null when it did
     */
    private static function insertWithPdo(\PDO $connection, array $values): ?string
    {
        // Where the app has PDO report errors as warnings or not at all, these are false.
        $statement = @$connection->prepare(self::INSERT);
        if ($statement === false) {
            return implode(' ', $connection->errorInfo());
        }
        return @$statement->execute($values) ? null : implode(' ', $statement->errorInfo());
    }

    /** @param list<string> $values */
    private static function insertWithMysqli(\mysqli $connection, array $values): ?string
    {
        return @$connection->execute_query(self::INSERT, $values) ? null : $connection->error;
    }

    /** Where no worker looks, a save would wait for ever. */
    private static function checkDriver(\PDO|\mysqli $connection): void
    {
        $driver = $connection instanceof \PDO ? $connection->getAttribute(\PDO::ATTR_DRIVER_NAME) : 'mysql';
        if (!in_array($driver, ['mysql', 'pgsql'], true)) {
            throw new \ValueError(
                "the outbox table is for MariaDB, MySQL and PostgreSQL, not for $driver: use the class Outbox, or"
                . ' FakeOutboxTable in tests'
            );
        }
    }
}
