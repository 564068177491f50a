<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Client;
use OoWebhooks\ExecutesWebhooks;
use OoWebhooks\FakeClient;
use OoWebhooks\Module;
use OoWebhooks\Options;
use OoWebhooks\Record;
use OoWebhooks\Request;
use OoWebhooks\Tests\Support\LooseCaller;
use OoWebhooks\Tests\Support\Mock;
use PHPUnit\Framework\TestCase;

/** What is wrong is refused, by the client and its fake alike, before anything is sent. */
final class ArgumentsTest extends TestCase
{
    /** @dataProvider wrongRecords */
    public function testAWrongRecordIsRefusedAndNothingIsSent(mixed $module, mixed $id, string $error): void
    {
        $mock = Mock::fresh();
        foreach ([new Client($mock->options()), new FakeClient()] as $client) {
            self::assertThrows($error, static fn () => $client->executeWebhooks($module, $id));
            self::assertThrows($error, static fn () => $client->tryExecuteWebhooks($module, $id));
            self::assertThrows($error, static fn () => LooseCaller::execute($client, $module, $id));
        }
        self::assertThrows($error, static fn () => (new Request())->add($module, $id));
        self::assertThrows($error, static fn () => LooseCaller::record($module, $id));
        self::assertSame(0, $mock->counts()['connections']);
    }

    /** @return iterable<string, array{mixed, mixed, class-string<\Throwable>}> */
    public static function wrongRecords(): iterable
    {
        $values = ['' => '', 'plural' => 'estates', 'capitals' => 'Estate', 'a space' => ' estate', 'a NUL' => "estate\0"];
        foreach ($values + ['Latin 1' => "estat\xe9", 'very long' => str_repeat('x', 1 << 20)] as $name => $module) {
            yield "the module is $name" => [$module, 1, \ValueError::class];
        }
        foreach ([0, -1, PHP_INT_MIN] as $id) {
            yield "the id is $id" => ['task', $id, \ValueError::class];
        }
        foreach ([1.9, 1.0, 2 ** 63, NAN, '5', 'abc', '5 apples', true, null, [5], new \stdClass()] as $id) {
            yield 'the id is of type ' . get_debug_type($id) . ': ' . json_encode($id, JSON_PARTIAL_OUTPUT_ON_ERROR)
                => ['task', $id, \TypeError::class];
        }
    }

    /** @dataProvider bothClients */
    public function testAWrongModuleTypeIsATypeError(callable $client): void
    {
        self::assertThrows(\TypeError::class, static fn () => $client()->executeWebhooks(5, 1));
        self::assertThrows(\TypeError::class, static fn () => $client()->executeWebhooks(null, 1));
    }

    /** @dataProvider bothClients */
    public function testAListHoldsRecordsAndNothingElse(callable $client): void
    {
        self::assertThrows(\TypeError::class, static fn () => $client()->executeAll([['task', 1]]));
        self::assertThrows(\TypeError::class, static fn () => $client()->executeAll([new Record('task', 1), null]));
        self::assertThrows(\TypeError::class, static fn () => $client()->executeAll('task'));
    }

    /** @dataProvider bothClients */
    public function testAListHas1To500DifferentRecords(callable $client): void
    {
        $tasks = static fn (int $count): array => array_map(
            static fn (int $id): Record => new Record('task', 1000 + $id),
            range(1, $count)
        );

        self::assertCount(500, $client()->executeAll($tasks(500)));
        self::assertThrows(\ValueError::class, static fn () => $client()->executeAll($tasks(501)));
        self::assertThrows(\ValueError::class, static fn () => $client()->executeAll([]));
        self::assertThrows(\ValueError::class, static fn () => $client()->executeAll([...$tasks(2), ...$tasks(1)]));
    }

    /** @dataProvider bothClients */
    public function testAListMayBeAGenerator(callable $client): void
    {
        $records = (static function () {
            yield 'same key' => new Record(Module::Task, 1);
            yield 'same key' => new Record(Module::Estate, 1);
        })();

        self::assertSame([1, 1], array_column($client()->executeAll($records), 'id'));
    }

    /** @dataProvider textsThatAreRefused */
    public function testTextThatCWouldCutOrMisreadIsRefused(string $text): void
    {
        self::assertThrows(\ValueError::class, static fn () => new Options($text, 's'));
        self::assertThrows(\ValueError::class, static fn () => new Options('t', $text));
        self::assertThrows(\ValueError::class, static fn () => new Options('t', 's', url: $text));
        self::assertThrows(\ValueError::class, static fn () => new Options('t', 's', caFile: $text));
        self::assertThrows(\ValueError::class, static fn () => new Options('t', 's', proxy: $text));
    }

    /** @return array<string, array{string}> */
    public static function textsThatAreRefused(): array
    {
        return [
            'a NUL at the end' => ["text\0"],
            'nothing but a NUL' => ["\0"],
            'Latin 1' => ["caf\xe9"],
            'half a character' => ["\xe2\x82"],
            'a surrogate' => ["\xed\xa0\x80"],
        ];
    }

    /** @return array<string, array{callable(): ExecutesWebhooks}> */
    public static function bothClients(): array
    {
        return [
            'client' => [static fn (): ExecutesWebhooks => new Client(Mock::fresh()->options())],
            'fake client' => [static fn (): ExecutesWebhooks => new FakeClient()],
        ];
    }

    /** @param class-string<\Throwable> $error */
    private static function assertThrows(string $error, callable $what): void
    {
        try {
            $what();
        } catch (\Throwable $thrown) {
            self::assertSame($error, $thrown::class, $thrown->getMessage());
            self::assertLessThan(300, strlen($thrown->getMessage()));
            self::assertNotFalse(json_encode($thrown->getMessage()), 'the message is not UTF-8');
            return;
        }
        self::fail("$error was expected");
    }
}
