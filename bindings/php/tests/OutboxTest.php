<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Module;
use OoWebhooks\Outbox;
use OoWebhooks\OutboxError;
use OoWebhooks\Status;
use OoWebhooks\Tests\Support\Folder;
use OoWebhooks\Tests\Support\Program;
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
        foreach ([['agents', 1, \ValueError::class], ['task', 0, \ValueError::class], ['task', '7', \TypeError::class]] as $case) {
            try {
                $outbox->put($case[0], $case[1]);
                self::fail('it was saved');
            } catch (\ValueError | \TypeError $error) {
                self::assertInstanceOf($case[2], $error);
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
            self::assertStringContainsString("cannot save task 5 in the outbox \"$folder->path/missing\"", $error->getMessage());
            self::assertStringContainsString('no such file or directory: see that', $error->getMessage());
        }
    }

    private static function folder(): Folder
    {
        $folder = new Folder();
        mkdir("$folder->path/tmp");
        mkdir("$folder->path/new");
        return $folder;
    }
}
