<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\FakeOutboxTable;
use OoWebhooks\Module;
use OoWebhooks\OutboxError;
use OoWebhooks\OutboxTable;
use OoWebhooks\Record;
use OoWebhooks\SavesRecordsInTable;
use OoWebhooks\Status;
use OoWebhooks\Tests\Support\Database;
use OoWebhooks\Tests\Support\Folder;
use OoWebhooks\Tests\Support\Guide;
use OoWebhooks\Tests\Support\Program;
use PHPUnit\Framework\TestCase;

/** Saves in the app's own transaction, on real servers. */
final class OutboxTableTest extends TestCase
{
    /** @return iterable<string, array{string}> */
    public static function kinds(): iterable
    {
        yield 'MariaDB' => ['mariadb'];
        yield 'PostgreSQL' => ['postgresql'];
    }

    /** @dataProvider kinds */
    public function testASaveIsCommittedOrRolledBackWithTheTransactionItIsIn(string $kind): void
    {
        [$server, $name] = [Database::server($kind), Database::server($kind)->make()];
        $app = $server->connect($name, 'app');
        $table = new OutboxTable();

        $app->beginTransaction();
        $table->put($app, 'address', 15005);
        $table->put($app, Module::Task, PHP_INT_MAX, 'büro');
        $table->put($app, 'address', 15005);
        self::assertTrue($app->inTransaction());
        self::assertSame([], $server->saves($name), 'nobody sees it before');
        $app->commit();
        $committed = ['/address:15005', 'büro/task:9223372036854775807', '/address:15005'];
        self::assertSame($committed, $server->saves($name));

        $app->beginTransaction();
        $table->put($app, 'estate', 7);
        $app->rollBack();
        self::assertSame($committed, $server->saves($name));
    }

    /** @dataProvider kinds */
    public function testOutsideOfATransactionItIsCommittedByItself(string $kind): void
    {
        [$server, $name] = [Database::server($kind), Database::server($kind)->make()];
        (new OutboxTable())->put($server->connect($name, 'app'), 'calendar', 42);
        self::assertSame(['/calendar:42'], $server->saves($name));
    }

    /** @dataProvider kinds */
    public function testHoweverTheAppHasSetPdoASaveIsMadeOrThrows(string $kind): void
    {
        [$server, $name] = [Database::server($kind), Database::server($kind)->make()];
        foreach ([\PDO::ERRMODE_SILENT, \PDO::ERRMODE_WARNING, \PDO::ERRMODE_EXCEPTION] as $mode) {
            foreach ([true, false] as $emulates) {
                $attributes = [\PDO::ATTR_ERRMODE => $mode, \PDO::ATTR_EMULATE_PREPARES => $emulates];
                (new OutboxTable())->put($server->connect($name, 'app', $attributes), 'task', 1);
                try {
                    $elsewhere = $server->connect($kind === 'mariadb' ? 'mysql' : 'postgres', 'root', $attributes);
                    (new OutboxTable())->put($elsewhere, 'task', 2);
                    self::fail('it was saved');
                } catch (OutboxError $error) {
                    self::assertSame(Status::OutboxFailed->value, $error->getCode());
                    self::assertMatchesRegularExpression(
                        '/^cannot save task 2 in the table oo_webhooks_outbox: [^\n]*exist[^\n]*: see that the table/',
                        $error->getMessage()
                    );
                    self::assertSame($mode === \PDO::ERRMODE_EXCEPTION, $error->getPrevious() instanceof \PDOException);
                }
            }
        }
        self::assertCount(6, $server->saves($name));
    }

    /** @dataProvider kinds */
    public function testTheAppMayInsertAndNothingElse(string $kind): void
    {
        [$server, $name] = [Database::server($kind), Database::server($kind)->make()];
        $app = $server->connect($name, 'app');
        $this->expectException(\PDOException::class);
        $this->expectExceptionMessageMatches('/denied/');
        $app->query('SELECT * FROM oo_webhooks_outbox');
    }

    public function testMysqliDoesTheSame(): void
    {
        [$server, $name] = [Database::server('mariadb'), Database::server('mariadb')->make()];
        foreach ([MYSQLI_REPORT_OFF, MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT] as $report) {
            mysqli_report($report);
            $app = new \mysqli(null, 'app', '', $name, 0, $server->socket);
            $app->begin_transaction();
            (new OutboxTable())->put($app, 'task', 1);
            $app->rollback();
            $app->begin_transaction();
            (new OutboxTable())->put($app, 'task', 2, 'a');
            $app->commit();
            try {
                $root = new \mysqli(null, 'root', '', 'mysql', 0, $server->socket);
                (new OutboxTable())->put($root, 'task', 3);
                self::fail('it was saved');
            } catch (OutboxError $error) {
                self::assertStringContainsString("doesn't exist: see that the table is there", $error->getMessage());
            }
        }
        self::assertSame(['a/task:2', 'a/task:2'], $server->saves($name));
    }

    /** @dataProvider kinds */
    public function testThePageShowsWhatWorks(string $kind): void
    {
        [$server, $name] = [Database::server($kind), Database::server($kind)->make()];
        $server->connect($name)->exec('CREATE TABLE customer (id bigint, city text)');
        $page = new Guide('docs/outbox-table.md');
        [$save] = $page->programs('php');
        [$statement] = $page->programs('sql');
        $folder = new Folder();
        $file = $folder->write('save.php', "<?php\n$save");
        (static function (\PDO $pdo) use ($file): void {
            require $file;
        })($server->connect($name));
        $server->connect($name, 'app')->exec($statement);
        self::assertSame(['/address:15005', '/address:15005'], $server->saves($name));
    }

    /** @return iterable<string, array{SavesRecordsInTable}> */
    public static function tables(): iterable
    {
        yield 'the table' => [new OutboxTable()];
        yield 'the fake' => [new FakeOutboxTable()];
    }

    /** @dataProvider tables */
    public function testWhatIsWrongIsSaidBeforeAnythingIsWritten(SavesRecordsInTable $table): void
    {
        [$server, $name] = [Database::server('mariadb'), Database::server('mariadb')->make()];
        $app = $server->connect($name, 'app');
        $wrong = [
            ['agents', 1, '', \ValueError::class, 'the module "agents" is unknown'],
            ['task', 0, '', \ValueError::class, 'the record id 0 is 0 or negative'],
            ['task', '7', '', \TypeError::class, 'must be an int'],
            ['task', 7, str_repeat('ü', 65), \ValueError::class, 'the account is longer than 64 characters'],
            ['task', 7, "a\0", \ValueError::class, 'the account holds a NUL'],
            ['task', 7, "\xff", \ValueError::class, 'the account is not UTF-8'],
        ];
        foreach ($wrong as [$module, $id, $account, $expected, $message]) {
            try {
                $table->put($app, $module, $id, $account);
                self::fail('it was saved');
            } catch (\ValueError | \TypeError $error) {
                self::assertInstanceOf($expected, $error);
                self::assertStringContainsString($message, $error->getMessage());
            }
        }
        $table->put($app, 'task', 7, str_repeat('ü', 64));
        self::assertCount($table instanceof OutboxTable ? 1 : 0, $server->saves($name));
    }

    public function testNoLibraryAndNoFfiIsNeeded(): void
    {
        [$server, $name] = [Database::server('mariadb'), Database::server('mariadb')->make()];
        $code = sprintf(
            'require %s; (new OoWebhooks\OutboxTable())->put(new PDO("mysql:unix_socket=%s;dbname=%s", "app"), "task", 5);',
            var_export(dirname(__DIR__) . '/autoload.php', true),
            $server->socket,
            $name
        );
        $program = Program::php(['-d', 'ffi.enable=0', '-r', $code], ['OO_WEBHOOKS_LIBRARY' => '/nonexistent']);
        self::assertSame(['', '', 0], [$program->output, $program->errors, $program->exitCode]);
        self::assertSame(['/task:5'], $server->saves($name));
    }

    /** A driver that pretends to be another one, since not every machine has SQLite's. */
    public function testAnotherKindOfDatabaseIsRefused(): void
    {
        $sqlite = new class () extends \PDO {
            public function __construct()
            {
            }

            public function getAttribute(int $attribute): mixed
            {
                return 'sqlite';
            }
        };
        (new FakeOutboxTable())->put($sqlite, 'task', 1);
        $this->expectException(\ValueError::class);
        $this->expectExceptionMessage('not for sqlite: use the class Outbox, or FakeOutboxTable in tests');
        (new OutboxTable())->put($sqlite, 'task', 1);
    }

    public function testTheFakeKeepsWhatIsSavedForEachAccount(): void
    {
        $fake = new FakeOutboxTable();
        foreach ([1, 2, 1] as $id) {
            $fake->put(null, 'task', $id);
        }
        $fake->put(null, 'task', 1, '7');
        self::assertEquals([new Record('task', 1), new Record('task', 2)], $fake->waiting());
        self::assertEquals([new Record('task', 1)], $fake->waiting('7'));
        $fake->failWith(new OutboxError('the database is away'));
        try {
            $fake->put(null, 'task', 3);
            self::fail('it was saved');
        } catch (OutboxError) {
            $fake->reset();
        }
        $fake->put(null, 'task', 4);
        self::assertEquals([new Record('task', 4)], $fake->waiting());
    }
}
