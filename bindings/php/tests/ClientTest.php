<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Client;
use OoWebhooks\ConfigError;
use OoWebhooks\FakeClient;
use OoWebhooks\InDoubtError;
use OoWebhooks\Module;
use OoWebhooks\NotSentError;
use OoWebhooks\Options;
use OoWebhooks\Record;
use OoWebhooks\RejectedError;
use OoWebhooks\Request;
use OoWebhooks\Status;
use OoWebhooks\Tests\Support\Lines;
use OoWebhooks\Tests\Support\Mock;
use OoWebhooks\Tests\Support\Program;
use PHPUnit\Framework\TestCase;

final class ClientTest extends TestCase
{
    public function testAConnectionIsOpenedAheadAndUsedByTheNextCall(): void
    {
        $mock = Mock::fresh();
        $client = new Client($mock->options());
        self::assertSame([Status::Ok, Status::Ok], [$client->connect(), $client->connect(5000)]);
        self::assertSame([1, 0], [$mock->counts()['connections'], $mock->counts()['requests']]);
        $client->executeWebhooks('task', 1);
        self::assertSame([1, 1], [$mock->counts()['connections'], $mock->counts()['requests']]);
    }

    public function testAConnectionThatCannotBeOpenedIsAStatus(): void
    {
        self::assertSame(Status::ConnectFailed, (new Client(new Options('t', 's', 'https://127.0.0.1:1/')))->connect());
    }

    public function testConnectRefusesATimeBelowZeroAndAClosedClient(): void
    {
        foreach ([new Client(new Options('t', 's')), new FakeClient()] as $client) {
            try {
                $client->connect(-1);
                self::fail('a time below 0 was taken');
            } catch (\ValueError $error) {
                self::assertStringContainsString('timeoutMs', $error->getMessage());
            }
            $client->close();
            try {
                $client->connect();
                self::fail('a closed client connected');
            } catch (\LogicException $error) {
                self::assertStringContainsString('closed', $error->getMessage());
            }
        }
    }

    public function testAFakeConnectsUnlessItIsToldOtherwise(): void
    {
        $fake = new FakeClient();
        self::assertSame(Status::Ok, $fake->connect());
        $fake->answerWith(Status::DnsFailed);
        self::assertSame([Status::DnsFailed, []], [$fake->connect(), $fake->executed()]);
    }

    public function testItExecutesTheWebhooksOfARecord(): void
    {
        $mock = Mock::fresh();
        $result = (new Client($mock->options()))->executeWebhooks(Module::Address, 15005);

        self::assertTrue($result->isExecuted());
        self::assertSame(Status::Ok, $result->status);
        self::assertSame([Module::Address, 15005, 200, 0], [
            $result->module, $result->id, $result->httpStatus, $result->errorCode,
        ]);
        self::assertStringContainsString('"success"', $result->body);
        self::assertSame(['address:15005'], $mock->executed());
    }

    public function testAnErrorSaysWhatToDoNextAndHasTheResult(): void
    {
        $mock = Mock::fresh();
        $client = new Client($mock->options());

        $rejected = self::thrownBy(static fn () => $client->executeWebhooks('address', 404));
        self::assertInstanceOf(RejectedError::class, $rejected);
        self::assertSame(292, $rejected->errorCode);
        self::assertSame(Status::UnknownRecord, $rejected->result->status);
        self::assertSame([$rejected->result], $rejected->results);
        self::assertSame($rejected->result->message, $rejected->getMessage());
        self::assertSame(Status::UnknownRecord->value, $rejected->getCode());

        $mock->fault('{"kind":"drop_after_executing"}');
        $inDoubt = self::thrownBy(static fn () => $client->executeWebhooks('address', 1));
        self::assertInstanceOf(InDoubtError::class, $inDoubt);
        self::assertSame(['address:1'], $mock->executed(), 'executed once, and not a second time by a retry');
    }

    public function testTheErrorOfSeveralRecordsIsThatOfTheWorstAndHasAllResults(): void
    {
        $client = new Client(Mock::fresh()->options());
        $records = [new Record('task', 1), new Record('estate', 404), new Record('task', 2)];

        $error = self::thrownBy(static fn () => $client->executeAll($records));
        self::assertInstanceOf(RejectedError::class, $error);
        self::assertSame($error->results[1], $error->result);
        self::assertSame(['ok', 'unknown_record', 'ok'], array_map(
            static fn ($result) => $result->status->name(),
            $error->results
        ));
    }

    public function testAClosedClientIsRefusedAndMayBeClosedAgain(): void
    {
        $mock = Mock::fresh();
        $client = new Client($mock->options());
        $client->close();
        $client->close();
        $request = new Request();
        $request->add('task', 1);

        $calls = [
            static fn () => $client->executeWebhooks('task', 1),
            static fn () => $client->tryExecuteWebhooks('task', 1),
            static fn () => $client->executeAll([new Record('task', 1)]),
            static fn () => $client->tryExecuteAll([new Record('task', 1)]),
            static fn () => $request->sign($client),
        ];
        foreach ($calls as $call) {
            self::assertSame(\LogicException::class, self::thrownBy($call)::class);
        }
        self::assertSame([], $mock->executed());
    }

    /** @dataProvider whatIsNotCopied */
    public function testWhatHoldsAHandleOrASecretIsNeitherClonedNorSerialised(callable $make): void
    {
        $object = $make();
        self::assertInstanceOf(\Error::class, self::thrownBy(static fn () => clone $object));
        self::assertSame(\LogicException::class, self::thrownBy(static fn () => serialize($object))::class);
        self::assertSame(\LogicException::class, self::thrownBy(static fn () => serialize([$object]))::class);
        $serialised = sprintf('O:%d:"%s":0:{}', strlen($object::class), $object::class);
        self::assertSame(\LogicException::class, self::thrownBy(static fn () => unserialize($serialised))::class);
    }

    /** @return array<string, array{callable(): object}> */
    public static function whatIsNotCopied(): array
    {
        $client = static fn (): Client => new Client(new Options('t', 's'));
        return [
            'client' => [$client],
            'request' => [static fn (): Request => new Request()],
            'options' => [static fn (): Options => new Options('t', 's')],
            'handle' => [static fn (): object => $client()->handle()],
            'library' => [static fn (): object => \OoWebhooks\Internal\Library::instance()],
        ];
    }

    public function testConnectionsOutliveTheClientThatOpenedThem(): void
    {
        $mock = Mock::fresh();
        foreach (range(1, 5) as $id) {
            $client = new Client($mock->options());
            $client->executeWebhooks('task', $id);
            $client->close();
        }
        self::assertCount(5, $mock->executed());
        self::assertSame(1, $mock->handshakes());
    }

    public function testCredentialsAreTheClientsOwnAlthoughConnectionsAreShared(): void
    {
        $mock = Mock::fresh();
        $ours = new Client($mock->options());
        $theirs = new Client($mock->options(token: Mock::PROVIDER_TOKEN));
        foreach ([1, 2] as $id) {
            self::assertTrue($ours->tryExecuteWebhooks('task', $id)->isExecuted());
            self::assertSame(240, $theirs->tryExecuteWebhooks('task', 10 + $id)->errorCode);
        }
        self::assertSame(['task:1', 'task:2'], $mock->executed());
        self::assertSame(1, $mock->handshakes());
    }

    public function testAForkedChildWorksWithConnectionsOfItsOwn(): void
    {
        $mock = Mock::fresh();
        $program = Program::php([__DIR__ . '/programs/fork.php'], $mock->environment());

        self::assertSame(['', 0], [$program->errors, $program->exitCode]);
        $executed = $mock->executed();
        sort($executed);
        self::assertSame(['task:1', 'task:2', 'task:3', 'task:4'], $executed);
        self::assertSame(3, $mock->handshakes(), 'one for the parent and one for each of the two children');
    }

    public function testAHandlerOfASignalMayCallWhileACallWaits(): void
    {
        $mock = Mock::fresh();
        $mock->fault('{"kind":"delay","ms":400}');
        $program = Program::php([__DIR__ . '/programs/signal.php'], $mock->environment());

        self::assertSame(['', 0], [$program->errors, $program->exitCode]);
        self::assertSame(
            "ok task 1: task 1: executed\nok estate 2: estate 2: executed\nok task 3: task 3: executed\n",
            $program->output
        );
        $executed = $mock->executed();
        sort($executed);
        self::assertSame(['estate:2', 'task:1', 'task:3'], $executed);
    }

    public function testTheLoggerGetsOneLineForEachOutcome(): void
    {
        $mock = Mock::fresh();
        $logger = new Lines();
        $client = new Client($mock->options(), $logger);
        $client->executeWebhooks('task', 1);
        $client->tryExecuteWebhooks('task', 404);
        $mock->fault('{"kind":"drop_unexecuted"}');
        $client->tryExecuteAll([new Record('task', 2), new Record('task', 3)]);
        $unreachable = new Options(Mock::TOKEN, Mock::SECRET, url: 'https://127.0.0.1:1/');
        (new Client($unreachable, $logger))->tryExecuteWebhooks('task', 4);

        self::assertSame(['info', 'error', 'error', 'error', 'warning'], array_column($logger->lines, 0));
        self::assertSame(
            ['module' => 'task', 'id' => 404, 'outcome' => 'rejected', 'status' => 'unknown_record',
                'http_status' => 200, 'error_code' => 80],
            $logger->lines[1][2]
        );
        $all = json_encode($logger->lines, JSON_THROW_ON_ERROR);
        self::assertStringNotContainsString(Mock::SECRET, $all);
        self::assertStringNotContainsString(Mock::TOKEN, $all);
    }

    public function testALoggerThatFailsDoesNotHideTheOutcome(): void
    {
        $client = new Client(Mock::fresh()->options(), new Lines(fails: true));
        self::assertTrue($client->executeWebhooks('task', 1)->isExecuted());
    }

    public function testRealCallsCanBeForbidden(): void
    {
        $mock = Mock::fresh();
        $client = new Client($mock->options());
        Client::forbidRealCalls();
        try {
            $calls = [
                static fn () => $client->executeWebhooks('task', 1),
                static fn () => $client->tryExecuteWebhooks('task', 1),
                static fn () => $client->executeAll([new Record('task', 1)]),
                static fn () => $client->tryExecuteAll([new Record('task', 1)]),
            ];
            foreach ($calls as $call) {
                self::assertSame(\LogicException::class, self::thrownBy($call)::class);
            }
        } finally {
            Client::forbidRealCalls(false);
        }
        self::assertSame(0, $mock->counts()['connections']);
        self::assertTrue($client->executeWebhooks('task', 1)->isExecuted());
    }

    public function testARefusedSettingIsNamedWhenTheClientIsMade(): void
    {
        $error = self::thrownBy(static fn () => new Client(new Options('t', 's', timeoutMs: 0)));
        self::assertInstanceOf(ConfigError::class, $error);
        self::assertStringContainsString('timeout', $error->getMessage());
        self::assertSame(Status::InvalidOption->value, $error->getCode());
        self::assertNull($error->result);
        self::assertSame([], $error->results);
    }

    public function testAnUnreachableServerIsSafeToRetry(): void
    {
        $client = new Client(new Options('t', 's', url: 'https://127.0.0.1:1/'));
        $error = self::thrownBy(static fn () => $client->executeWebhooks('task', 1));
        self::assertInstanceOf(NotSentError::class, $error);
        self::assertSame(0, $error->result->httpStatus);
        self::assertNull($error->result->body);
    }

    private static function thrownBy(callable $what): \Throwable
    {
        try {
            $what();
        } catch (\Throwable $thrown) {
            return $thrown;
        }
        self::fail('nothing was thrown');
    }
}
