<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\ConfigError;
use OoWebhooks\FakeClient;
use OoWebhooks\InDoubtError;
use OoWebhooks\Module;
use OoWebhooks\NotSentError;
use OoWebhooks\Outcome;
use OoWebhooks\Record;
use OoWebhooks\RejectedError;
use OoWebhooks\Status;
use OoWebhooks\Tests\Support\Program;
use PHPUnit\Framework\TestCase;

final class FakeClientTest extends TestCase
{
    public function testItExecutesWhatItIsAskedToAndKeepsTheRecords(): void
    {
        $client = new FakeClient();
        self::assertTrue($client->executeWebhooks('address', 15005)->isExecuted());
        $client->executeAll([new Record(Module::Task, 1), new Record(Module::Estate, 2)]);

        self::assertEquals(
            [new Record('address', 15005), new Record('task', 1), new Record('estate', 2)],
            $client->executed()
        );
    }

    /** @dataProvider everyStatus */
    public function testItAnswersWithAnyStatusAsAClientWould(Status $status): void
    {
        $client = new FakeClient();
        $client->answerWith($status, 137);
        $result = $client->tryExecuteWebhooks('task', 1);
        self::assertSame([$status, $status->outcome(), 137], [$result->status, $result->outcome, $result->errorCode]);
        self::assertStringContainsString('task 1', $result->message);

        $thrown = null;
        try {
            $client->executeWebhooks('task', 1);
        } catch (\Throwable $thrown) {
        }
        self::assertSame(match (true) {
            $status === Status::Ok => null,
            $status->value < 10 => ConfigError::class,
            $status->outcome() === Outcome::Rejected => RejectedError::class,
            $status->outcome() === Outcome::NotSent => NotSentError::class,
            default => InDoubtError::class,
        }, $thrown === null ? null : $thrown::class);
        self::assertCount(2, $client->executed());
    }

    /** @return iterable<string, array{Status}> */
    public static function everyStatus(): iterable
    {
        foreach (Status::cases() as $status) {
            yield $status->name() => [$status];
        }
    }

    public function testAResetForgetsRecordsAndAnswer(): void
    {
        $client = new FakeClient();
        $client->answerWith(Status::Timeout);
        $client->tryExecuteWebhooks('task', 1);
        $client->reset();
        self::assertSame([], $client->executed());
        self::assertTrue($client->executeWebhooks('task', 1)->isExecuted());
    }

    public function testClosedItIsRefusedAsAClientIs(): void
    {
        $client = new FakeClient();
        $client->close();
        $client->close();
        $this->expectException(\LogicException::class);
        $client->executeWebhooks('task', 1);
    }

    public function testItNeedsNeitherFfiNorTheLibrary(): void
    {
        $code = sprintf(
            'require %s; $client = new OoWebhooks\FakeClient(); echo $client->executeWebhooks("task", 1)->message;',
            var_export(dirname(__DIR__) . '/autoload.php', true)
        );
        $program = Program::php(['-n', '-r', $code], ['OO_WEBHOOKS_LIBRARY' => '/nonexistent.so']);
        self::assertSame(['task 1: ok, as the fake client was told', 0], [$program->output, $program->exitCode]);
    }
}
