<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Client;
use OoWebhooks\Options;
use OoWebhooks\Outcome;
use OoWebhooks\Request;
use OoWebhooks\Status;
use OoWebhooks\Tests\Support\Build;
use OoWebhooks\Tests\Support\Mock;
use PHPUnit\Framework\TestCase;

/** The builder and the parser for those who bring their own HTTP. */
final class RequestTest extends TestCase
{
    public function testASignedRequestGoesThroughAnotherHttpClient(): void
    {
        $mock = Mock::fresh();
        $request = self::requestFor([['address', 15005], ['task', 404]]);
        $body = $request->sign(new Client($mock->options()));

        $http = ['method' => 'POST', 'content' => $body, 'header' => 'Content-Type: application/json', 'timeout' => 10];
        $context = stream_context_create(['http' => $http, 'ssl' => ['cafile' => $mock->caFile]]);
        $results = $request->parseResponse(200, (string) file_get_contents($mock->url, false, $context));

        self::assertSame(['address:15005'], $mock->executed());
        self::assertSame([Status::Ok, Status::UnknownRecord], array_column($results, 'status'));
        self::assertSame([15005, 404], array_column($results, 'id'));
    }

    /**
     * @dataProvider vectors
     * @param array<string, string|int> $vector
     */
    public function testTheSignatureIsTheDocumentedOne(array $vector): void
    {
        $client = new Client(new Options($vector['token'], $vector['secret']));
        $body = json_decode(self::requestFor([['address', 15005]])->sign($client, $vector['timestamp']), true);
        $action = $body['request']['actions'][0];

        self::assertSame($vector['hmac'], $action['hmac']);
        self::assertSame($vector['timestamp'], $action['timestamp']);
        self::assertSame($vector['token'], $body['token']);
        self::assertSame('15005', $action['resourceid']);
    }

    /** @return iterable<string, array{array<string, string|int>}> */
    public static function vectors(): iterable
    {
        $json = (string) file_get_contents(Build::root() . '/tests/vectors/hmac-v2.json');
        foreach (json_decode($json, true, flags: JSON_THROW_ON_ERROR)['vectors'] as $vector) {
            if ($vector['resourcetype'] === 'executeMarketplaceWebhooks') {
                yield $vector['name'] => [$vector];
            }
        }
    }

    public function testItIsSignedForNowUnlessToldOtherwise(): void
    {
        $before = time();
        $body = self::requestFor([['task', 1]])->sign(new Client(new Options('t', 's')));
        $timestamp = json_decode($body, true)['request']['actions'][0]['timestamp'];
        self::assertGreaterThanOrEqual($before, $timestamp);
        self::assertLessThanOrEqual(time(), $timestamp);
    }

    public function testItCountsItsRecords(): void
    {
        self::assertCount(0, new Request());
        self::assertCount(2, self::requestFor([['task', 1], ['estate', 1]]));
    }

    public function testARecordThatIsRefusedLeavesItAsItWas(): void
    {
        $request = self::requestFor([['task', 1]]);
        self::assertRefused('task 1', static fn () => $request->add('task', 1));
        self::assertRefused('unknown', static fn () => $request->add('agentslog', 1));
        self::assertCount(1, $request);
        foreach (range(2, 500) as $id) {
            $request->add('task', $id);
        }
        self::assertRefused('500', static fn () => $request->add('task', 501));
        self::assertCount(500, $request);
    }

    public function testWithoutARecordThereIsNothingToSignOrToUnderstand(): void
    {
        $client = new Client(new Options('t', 's'));
        self::assertRefused('no record', static fn () => (new Request())->sign($client, 1));
        self::assertRefused('no record', static fn () => (new Request())->parseResponse(200, '{}'));
        self::assertRefused('1970', static fn () => self::requestFor([['task', 1]])->sign($client, -1));
    }

    /** 4294967496 would be 200 for C. */
    public function testAnHttpStatusIsNotCutToItsLast32Bits(): void
    {
        $request = self::requestFor([['task', 1]]);
        foreach ([0, 99, 1000, -200, 4294967496, PHP_INT_MAX] as $httpStatus) {
            self::assertRefused((string) $httpStatus, static fn () => $request->parseResponse($httpStatus, ''));
        }
    }

    /** @dataProvider answersThatAreNotUnderstood */
    public function testAnAnswerIsKeptByteForByte(string $answer): void
    {
        $results = self::requestFor([['task', 1], ['task', 2]])->parseResponse(200, $answer);
        foreach ($results as $result) {
            self::assertSame(Outcome::InDoubt, $result->outcome);
            self::assertSame($answer, $result->body);
            self::assertMatchesRegularExpression('//u', $result->message);
        }
    }

    /** @return array<string, array{string}> */
    public static function answersThatAreNotUnderstood(): array
    {
        return [
            'nothing' => [''],
            'a NUL' => ["\0"],
            'a NUL in the middle' => ["{\"a\0\":1}"],
            'not UTF-8' => ["\xff\xfe\x00"],
            'a megabyte' => [str_repeat("x\0", 1 << 19)],
        ];
    }

    public function testResultsOfOneAnswerShareItsBytes(): void
    {
        $request = new Request();
        foreach (range(1, 500) as $id) {
            $request->add('task', $id);
        }
        $before = memory_get_usage();
        $results = $request->parseResponse(200, str_repeat('x', 1 << 20));
        self::assertCount(500, $results);
        self::assertLessThan(10 << 20, memory_get_usage() - $before);
    }

    /** @param list<array{string, int}> $records */
    private static function requestFor(array $records): Request
    {
        $request = new Request();
        foreach ($records as [$module, $id]) {
            $request->add($module, $id);
        }
        return $request;
    }

    private static function assertRefused(string $named, callable $what): void
    {
        try {
            $what();
        } catch (\ValueError $error) {
            self::assertStringContainsString($named, $error->getMessage());
            return;
        }
        self::fail('not refused');
    }
}
