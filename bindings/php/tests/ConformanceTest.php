<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Client;
use OoWebhooks\ConfigError;
use OoWebhooks\Options;
use OoWebhooks\Outbox;
use OoWebhooks\OutboxEntry;
use OoWebhooks\OutboxState;
use OoWebhooks\Record;
use OoWebhooks\Result;
use OoWebhooks\Tests\Support\Build;
use OoWebhooks\Tests\Support\Folder;
use OoWebhooks\Tests\Support\Mock;
use OoWebhooks\WebhooksError;
use OoWebhooks\WhenInDoubt;
use PHPUnit\Framework\TestCase;

/** The table that every language answers alike: tests/conformance/README.md explains it. */
final class ConformanceTest extends TestCase
{
    /**
     * @dataProvider cases
     * @param array<string, string> $case
     */
    public function testWhatIsThrown(array $case): void
    {
        $mock = self::mockFor($case);
        [$thrown, $results] = self::outcomeOf(static fn (): array => self::call($mock, $case, ''));

        self::assertSame($case['error'], self::kind($thrown));
        self::assertSame(self::listed($case['executed']), $mock->executed());
        if ($thrown instanceof WebhooksError) {
            self::assertSame($case['status'], \OoWebhooks\Status::from($thrown->getCode())->name());
            self::assertSame($case['http_status'], (string) ($thrown->result->httpStatus ?? 0));
            self::assertSame($thrown->result?->message ?? $thrown->getMessage(), $thrown->getMessage());
            self::assertSame($case['outcome'], $thrown->result?->outcome->value ?? 'not_sent');
            $results = $thrown->results;
        }
        self::assertResults($case, $results);
    }

    /**
     * @dataProvider cases
     * @param array<string, string> $case
     */
    public function testWhatIsReported(array $case): void
    {
        $mock = self::mockFor($case);
        [$thrown, $results] = self::outcomeOf(static fn (): array => self::call($mock, $case, 'try'));

        $refused = in_array($case['error'], ['argument', 'ConfigError'], true);
        self::assertSame($refused ? $case['error'] : '-', self::kind($thrown));
        self::assertSame(self::listed($case['executed']), $mock->executed());
        self::assertResults($case, $results);
    }

    /** @return iterable<string, array{array<string, string>}> */
    public static function cases(): iterable
    {
        return self::rowsOf('cases.tsv');
    }

    /** @return iterable<string, array{array<string, string>}> */
    public static function outboxCases(): iterable
    {
        return self::rowsOf('outbox.tsv');
    }

    /**
     * @dataProvider outboxCases
     * @param array<string, string> $case
     */
    public function testOutbox(array $case): void
    {
        [$mock, $folder] = [self::mockFor($case), new Folder()];
        $client = new Client($mock->options());
        foreach (['tmp', 'new'] as $inner) {
            mkdir("$folder->path/$inner");
        }
        $path = $case['folder'] === 'there' ? $folder->path : "$folder->path/missing";
        $outbox = new Outbox($path, whenInDoubt: WhenInDoubt::from($case['in_doubt']));
        try {
            foreach (explode(' ', $case['steps']) as $step) {
                self::take($step, $outbox, $client, $mock);
            }
            $thrown = null;
        } catch (WebhooksError | \ValueError $thrown) {
        }
        self::assertSame($case['error'], self::kind($thrown));
        if ($case['folder'] === 'there') {
            $counts = $outbox->counts();
            $numbers = [$counts->waiting, $counts->sending, $counts->doubt, $counts->failed];
            self::assertSame($case['counts'], implode(',', $numbers));
            $entries = array_merge(...array_map($outbox->list(...), OutboxState::cases()));
            $held = array_map(static fn (OutboxEntry $entry): string => implode(':', array_filter([
                $entry->state->value, $entry->record->module->value, $entry->record->id, $entry->status?->name(),
            ])), $entries);
            self::assertSame(self::listed($case['held']), $held);
        }
        self::assertSame(self::listed($case['executed']), $mock->executed());
    }

    private static function take(string $step, Outbox $outbox, Client $client, Mock $mock): void
    {
        [$name, $module, $id] = explode(':', $step) + [1 => '', ''];
        match ($name) {
            'drain' => $outbox->drain($client),
            'well' => $mock->fault(),
            'put' => $outbox->put($module, (int) $id),
            'retry' => $outbox->retry(new Record($module, (int) $id)),
            'drop' => $outbox->drop(new Record($module, (int) $id)),
        };
    }

    /** @return iterable<string, array{array<string, string>}> */
    private static function rowsOf(string $table): iterable
    {
        $lines = file(Build::root() . "/tests/conformance/$table", FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES);
        $lines = array_filter($lines, static fn (string $line): bool => !str_starts_with($line, '#'));
        $columns = explode("\t", (string) array_shift($lines));
        foreach ($lines as $line) {
            $case = array_combine($columns, explode("\t", $line));
            yield $case['name'] => [$case];
        }
    }

    /** @param array<string, string> $case */
    private static function mockFor(array $case): Mock
    {
        $mock = Mock::fresh();
        if ($case['fault'] !== '-') {
            $mock->fault($case['fault']);
        }
        return $mock;
    }

    /** @param callable(): list<Result> $call
     *  @return array{?\Throwable, list<Result>} */
    private static function outcomeOf(callable $call): array
    {
        try {
            return [null, $call()];
        } catch (WebhooksError | \ValueError $error) {
            return [$error, []];
        }
    }

    /** @param array<string, string> $case
     *  @return list<Result> */
    private static function call(Mock $mock, array $case, string $prefix): array
    {
        $records = array_map(
            static fn (string $record): array => [strstr($record, ':', true), (int) substr(strrchr($record, ':'), 1)],
            self::listed($case['records'])
        );
        $client = new Client(self::options($mock, $case));
        if ($case['call'] === 'one') {
            $execute = $prefix === '' ? $client->executeWebhooks(...) : $client->tryExecuteWebhooks(...);
            return [$execute(...$records[0])];
        }
        $execute = $prefix === '' ? $client->executeAll(...) : $client->tryExecuteAll(...);
        return $execute(array_map(static fn (array $record): Record => new Record(...$record), $records));
    }

    /** @param array<string, string> $case */
    private static function options(Mock $mock, array $case): Options
    {
        [$token, $secret] = match ($case['credentials']) {
            'right' => [Mock::TOKEN, Mock::SECRET],
            'wrong_secret' => [Mock::TOKEN, substr(Mock::SECRET, 0, -1) . '2'],
            'unknown_token' => [substr(Mock::TOKEN, 0, -1) . '2', Mock::SECRET],
            'swapped' => [Mock::SECRET, Mock::TOKEN],
            'provider' => [Mock::PROVIDER_TOKEN, Mock::SECRET],
            'none' => [null, null],
        };
        if ($token === null) {
            return Options::fromEnvironment();
        }
        $settings = ['url' => $mock->url, 'ca_file' => $mock->caFile];
        foreach ($case['settings'] === '-' ? [] : explode(' ', $case['settings']) as $setting) {
            [$key, $settings[$key]] = explode('=', $setting, 2);
        }
        return new Options(
            $token,
            $secret,
            url: $settings['url'],
            caFile: $settings['ca_file'] === 'bundled' ? null : $settings['ca_file'],
            proxy: $settings['proxy'] ?? null,
            connectTimeoutMs: isset($settings['connect_timeout_ms']) ? (int) $settings['connect_timeout_ms'] : null,
            timeoutMs: isset($settings['timeout_ms']) ? (int) $settings['timeout_ms'] : null,
        );
    }

    private static function kind(?\Throwable $thrown): string
    {
        return match (true) {
            $thrown === null => '-',
            $thrown instanceof \ValueError => 'argument',
            default => substr(strrchr($thrown::class, '\\'), 1),
        };
    }

    /** @param array<string, string> $case
     *  @param list<Result> $results */
    private static function assertResults(array $case, array $results): void
    {
        $each = static fn (callable $of): array => array_map($of, $results);
        self::assertSame(self::listed($case['statuses']), $each(static fn (Result $r): string => $r->status->name()));
        self::assertSame(self::listed($case['error_codes']), $each(static fn (Result $r): string => (string) $r->errorCode));
        if ($results !== []) {
            $records = $each(static fn (Result $r): string => "{$r->module->value}:$r->id");
            self::assertSame(self::listed($case['records']), $records);
        }
        foreach ($results as $result) {
            self::assertSame($case['http_status'], (string) $result->httpStatus);
            self::assertSame($result->status->outcome(), $result->outcome);
            self::assertSame($result->outcome->value === 'executed', $result->isExecuted());
            self::assertMatchesRegularExpression('/\A[^\r\n]+\z/', $result->message);
            self::assertStringNotContainsString(substr(Mock::TOKEN, 0, -1), $result->message);
            self::assertStringNotContainsString(substr(Mock::SECRET, 0, -1), $result->message);
        }
    }

    /** @return list<string> */
    private static function listed(string $field): array
    {
        return $field === '-' ? [] : explode(',', $field);
    }
}
