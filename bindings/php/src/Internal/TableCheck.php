<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\Finding;
use OoWebhooks\Grade;

/**
 * An outbox in a database, as the app's user sees it: that one needs to INSERT and nothing else. Nothing is written.
 *
 * @internal
 */
final class TableCheck
{
    /** The version of the tables that this package writes to. */
    private const VERSION = 1;

    private function __construct(private readonly \PDO|\mysqli $connection)
    {
    }

    /** @return list<Finding> */
    public static function findings(\PDO|\mysqli $connection): array
    {
        $driver = $connection instanceof \PDO ? $connection->getAttribute(\PDO::ATTR_DRIVER_NAME) : 'mysql';
        if (!in_array($driver, ['mysql', 'pgsql'], true)) {
            $cure = 'use a connection to MariaDB, MySQL or PostgreSQL, or the class Outbox';
            return [new Finding('database', Grade::Bad, "the driver is $driver, where no worker looks", $cure)];
        }
        if ($connection instanceof \PDO && $connection->inTransaction()) {
            $found = 'the connection is in a transaction, which a failing question would spoil';
            return [new Finding('database', Grade::Unknown, $found, 'give a connection that is in none')];
        }
        return (new self($connection))->look($driver === 'pgsql');
    }

    /** @return list<Finding> */
    private function look(bool $isPostgreSql): array
    {
        [$version, $said] = $this->ask($isPostgreSql ? "SELECT current_setting('server_version')" : 'SELECT VERSION()');
        if ($version === null) {
            return [new Finding('database', Grade::Bad, $said)];
        }
        $kind = $isPostgreSql ? 'PostgreSQL' : (str_contains($version, 'MariaDB') ? 'MariaDB' : 'MySQL');
        return [
            new Finding('database', Grade::Good, $kind),
            self::version($kind, $version),
            $this->isolation($isPostgreSql),
            $this->primary($isPostgreSql),
            $this->schema(),
            $this->rights(),
        ];
    }

    private static function version(string $kind, string $version): Finding
    {
        [$least, $cure] = $kind === 'PostgreSQL'
            ? ['12', 'update it to PostgreSQL 12 at least']
            : [
                $kind === 'MariaDB' ? '10.6' : '8.0.17',
                'update it to MariaDB 10.6 or MySQL 8.0.17 at least: older ones have no SKIP LOCKED',
            ];
        $numbers = preg_match('/(?:^5\.5\.5-)?(\d+(?:\.\d+)*)/', $version, $match) === 1 ? $match[1] : '0';
        return version_compare($numbers, $least, '<')
            ? new Finding('database version', Grade::Bad, $version, $cure)
            : new Finding('database version', Grade::Good, $version);
    }

    /** A save only inserts one row, with which no isolation interferes: it is said for those who look for it. */
    private function isolation(bool $isPostgreSql): Finding
    {
        [$isolation, $said] = $this->ask(
            $isPostgreSql
                ? "SELECT current_setting('transaction_isolation')"
                : "SHOW SESSION VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')"
        );
        return $isolation === null
            ? new Finding('database isolation', Grade::Unknown, $said)
            : new Finding('database isolation', Grade::Good, "$isolation: a save may be in any");
    }

    private function primary(bool $isPostgreSql): Finding
    {
        [$isReplica, $said] = $this->ask($isPostgreSql ? 'SELECT pg_is_in_recovery()::int' : 'SELECT @@global.read_only + 0');
        return match ($isReplica) {
            null => new Finding('database primary', Grade::Unknown, $said),
            '0' => new Finding('database primary', Grade::Good, 'it takes writes'),
            default => new Finding(
                'database primary',
                Grade::Bad,
                $isPostgreSql ? 'it is a replica' : 'it is read-only',
                'connect to the primary server: a save writes'
            ),
        };
    }

    private function schema(): Finding
    {
        $name = 'database schema';
        [$version, $said] = $this->ask('SELECT MAX(version) FROM oo_webhooks_schema');
        return match (true) {
            $version === null => new Finding($name, Grade::Unknown, "this user may not see the tables' version: $said"),
            (int) $version === self::VERSION => new Finding($name, Grade::Good, "version $version"),
            default => new Finding(
                $name,
                Grade::Bad,
                "version $version, and this package writes to version " . self::VERSION,
                'install the package and the program of one release, and run what `oo-webhooks schema` prints'
            ),
        };
    }

    /** Asks for the right with a statement that inserts no row. */
    private function rights(): Finding
    {
        $insert = 'INSERT INTO oo_webhooks_outbox (account, module, record_id)'
            . " SELECT '', '', 0 FROM (SELECT 1 AS one) AS none WHERE 1 = 0";
        [, $said] = $this->ask($insert);
        return $said === ''
            ? new Finding('database rights', Grade::Good, 'this user may save')
            : new Finding(
                'database rights',
                Grade::Bad,
                $said,
                "make the tables with what `oo-webhooks schema` prints, in this database, and\n"
                    . 'GRANT INSERT ON oo_webhooks_outbox to this user'
            );
    }

    /** @return array{string|null, string} the last column of the only row, and what the database said instead */
    private function ask(string $statement): array
    {
        try {
            if ($this->connection instanceof \PDO) {
                $answer = @$this->connection->query($statement);
                $row = $answer === false || $answer->columnCount() === 0 ? false : $answer->fetch(\PDO::FETCH_NUM);
                $said = $answer === false ? implode(' ', $this->connection->errorInfo()) : '';
            } else {
                $answer = @$this->connection->query($statement);
                $row = $answer instanceof \mysqli_result ? $answer->fetch_row() : false;
                $said = $answer === false ? $this->connection->error : '';
            }
        } catch (\PDOException | \mysqli_sql_exception $error) {
            [$row, $said] = [false, $error->getMessage()];
        }
        $value = is_array($row) ? end($row) : null;
        return [$value === null ? null : (string) $value, trim((string) preg_replace('/\s+/', ' ', $said))];
    }
}
