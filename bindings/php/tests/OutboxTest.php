<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Client;
use OoWebhooks\FakeOutbox;
use OoWebhooks\Module;
use OoWebhooks\Outbox;
use OoWebhooks\OutboxCounts;
use OoWebhooks\OutboxError;
use OoWebhooks\OutboxState;
use OoWebhooks\Record;
use OoWebhooks\Status;
use OoWebhooks\Tests\Support\Folder;
use OoWebhooks\Tests\Support\Mock;
use OoWebhooks\Tests\Support\Program;
use OoWebhooks\WhenInDoubt;
use PHPUnit\Framework\TestCase;

final class OutboxTest extends TestCase
{
    private const ROOT = __DIR__ . '/../../..';

    /** The table that every writer passes, here with FFI closed. */
    public function testASaveWithoutFfiDoesWhatTheFormatSays(): void
    {
        $cases = Program::run([
            self::ROOT . '/tests/outbox/put_cases.sh', 'checking',
            PHP_BINARY, '-d', 'ffi.enable=0', __DIR__ . '/programs/put.php',
        ]);
        self::assertSame(0, $cases->exitCode, $cases->output . $cases->errors);
        self::assertGreaterThan(15, substr_count($cases->output, "ok - "));
    }

    public function testManySavesOfARecordAreOneFile(): void
    {
        $folder = self::folder();
        $outbox = new Outbox($folder->path);
        foreach ([1, 2, 1, 1] as $id) {
            $outbox->put(Module::Address, $id);
        }
        $names = array_values(array_diff(scandir("$folder->path/new"), ['.', '..']));
        self::assertSame(['address-1', 'address-2'], $names);
        self::assertSame('', file_get_contents("$folder->path/new/address-1"));
        self::assertSame(['.', '..'], scandir("$folder->path/tmp"));
    }

    public function testWhatIsWrongWithARecordIsSaidBeforeAnythingIsWritten(): void
    {
        $folder = self::folder();
        $outbox = new Outbox($folder->path);
        $wrong = [['agents', 1, \ValueError::class], ['task', 0, \ValueError::class], ['task', '7', \TypeError::class]];
        foreach ($wrong as [$module, $id, $expected]) {
            try {
                $outbox->put($module, $id);
                self::fail('it was saved');
            } catch (\ValueError | \TypeError $error) {
                self::assertInstanceOf($expected, $error);
            }
        }
        self::assertSame(['.', '..'], scandir("$folder->path/new"));
    }

    public function testAnErrorNamesTheRecordTheFolderAndTheCure(): void
    {
        $folder = new Folder();
        try {
            (new Outbox("$folder->path/missing"))->put('task', 5);
            self::fail('it was saved');
        } catch (OutboxError $error) {
            self::assertSame(Status::OutboxFailed->value, $error->getCode());
            $start = "cannot save task 5 in the outbox \"$folder->path/missing\": ";
            self::assertStringStartsWith($start, $error->getMessage());
            self::assertStringContainsString('no such file or directory: see that', $error->getMessage());
        }
    }

    public function testADrainExecutesWhatIsDue(): void
    {
        [$mock, $folder] = [Mock::fresh(), self::folder()];
        $client = new Client($mock->options());
        $outbox = new Outbox($folder->path);
        foreach ([7, 8, 7] as $id) {
            $outbox->put('address', $id);
        }
        self::assertSame(2, $outbox->counts()->waiting);
        $report = $outbox->drain($client, max: 1, deadlineMs: 60000);
        self::assertSame([1, 1], [$report->tried, $report->executed]);
        self::assertSame([Status::Ok, ''], [$report->status, $report->message]);
        self::assertSame(1, $outbox->drain($client)->executed);
        self::assertSame(0, $outbox->drain($client)->tried);
        $executed = $mock->executed();
        sort($executed);
        self::assertSame(['address:7', 'address:8'], $executed);
    }

    public function testWhatFailsIsListedAndAPersonDecides(): void
    {
        [$mock, $folder] = [Mock::fresh(), self::folder()];
        $client = new Client($mock->options());
        $outbox = new Outbox($folder->path, fsync: true);
        $outbox->put('address', 404);
        self::assertSame(1, $outbox->drain($client)->rejected);
        [$entry] = $outbox->list(OutboxState::Failed);
        self::assertEquals(new Record('address', 404), $entry->record);
        self::assertSame([Status::UnknownRecord, 292, null], [$entry->status, $entry->errorCode, $entry->dueMs]);
        self::assertStringContainsString('address 404: rejected', $entry->message);
        $outbox->retry($entry);
        [$waiting] = $outbox->list(OutboxState::Waiting, 5);
        self::assertNull($waiting->status);
        self::assertNotNull($waiting->dueMs);
        try {
            $outbox->retry($waiting);
            self::fail('it waits already');
        } catch (\ValueError $error) {
            self::assertStringContainsString('waits to be sent already', $error->getMessage());
        }
        $outbox->drop($waiting);
        self::assertEquals(new OutboxCounts(0, 0, 0, 0, 0), $outbox->counts());
        $this->expectExceptionMessage('not there');
        $outbox->drop(new Record('address', 404));
    }

    public function testADoubtIsHeldOrAsTheOperatorChose(): void
    {
        [$mock, $folder] = [Mock::fresh(), self::folder()];
        $client = new Client($mock->options());
        $mock->fault('{"kind":"drop_after_executing"}');
        foreach (WhenInDoubt::cases() as $wish) {
            $outbox = new Outbox($folder->path, whenInDoubt: $wish);
            $outbox->put('estate', 7);
            $report = $outbox->drain($client);
            self::assertSame(Status::ConnectionLost, $report->status);
            self::assertStringContainsString('estate 7', $report->message);
            self::assertSame(
                [$wish === WhenInDoubt::Hold, $wish === WhenInDoubt::Resend, $wish === WhenInDoubt::Drop],
                [$report->held === 1, $report->resent === 1, $report->dropped === 1]
            );
            self::assertSame((int) ($wish === WhenInDoubt::Hold), $outbox->counts()->doubt);
            if ($wish === WhenInDoubt::Resend) {
                $outbox->drop(new Record('estate', 7));
            }
        }
    }

    public function testADrainIsARealCallAndItsFolderMustBeThere(): void
    {
        [$mock, $folder] = [Mock::fresh(), self::folder()];
        $client = new Client($mock->options());
        Client::forbidRealCalls();
        try {
            (new Outbox($folder->path))->drain($client);
            self::fail('it was drained');
        } catch (\LogicException $error) {
            self::assertStringContainsString('forbidRealCalls', $error->getMessage());
        } finally {
            Client::forbidRealCalls(false);
        }
        $this->expectException(OutboxError::class);
        $this->expectExceptionMessage('make the folder with mkdir');
        (new Outbox("$folder->path/missing"))->counts();
    }

    public function testTheFakeKeepsWhatIsSaved(): void
    {
        $fake = new FakeOutbox();
        foreach ([1, 2, 1] as $id) {
            $fake->put('task', $id);
        }
        self::assertEquals([new Record('task', 1), new Record('task', 2)], $fake->waiting());
        $fake->failWith(new OutboxError('no space left on device'));
        try {
            $fake->put('task', 3);
            self::fail('it was saved');
        } catch (OutboxError) {
            $fake->reset();
        }
        self::assertSame([], $fake->waiting());
        $this->expectException(\ValueError::class);
        $fake->put('tasks', 3);
    }

    private static function folder(): Folder
    {
        $folder = new Folder();
        mkdir("$folder->path/tmp");
        mkdir("$folder->path/new");
        return $folder;
    }
}
