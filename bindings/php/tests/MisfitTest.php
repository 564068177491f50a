<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Tests\Support\Folder;
use OoWebhooks\Tests\Support\Program;
use PHPUnit\Framework\TestCase;

/** A library of the same ABI that does what ours does not do yet, or never should. */
final class MisfitTest extends TestCase
{
    /** @dataProvider outcomes */
    public function testAStatusThatIsNotKnownYetCountsByItsOutcome(int $outcome, string $seen): void
    {
        $read = self::FIELDS . "numbers[0] = 77, numbers[1] = $outcome, numbers[2] = numbers[3] = 0; return 77;";
        self::assertSame($seen, self::execute($read));
    }

    /** @return array<string, array{int, string}> */
    public static function outcomes(): array
    {
        return [
            'executed' => [0, 'executed ok new'],
            'rejected' => [1, 'rejected rejected new'],
            'not sent' => [2, 'not_sent connect_failed new'],
            'in doubt' => [3, 'in_doubt internal new'],
            'none that is known' => [4, 'in_doubt internal new'],
        ];
    }

    public function testACallWithoutAResultIsInDoubt(): void
    {
        $message = 'task 1: in doubt: the library gave no result, only the status 90';
        self::assertSame("in_doubt internal $message", self::execute('return 90;'));
    }

    public function testAResultThatCannotBeReadIsInDoubt(): void
    {
        $message = 'task 1: in doubt: the library gave no result, only the status 0';
        self::assertSame("in_doubt internal $message", self::execute('static int made; *given = &made; return 0;'));
    }

    public function testRecordsWithoutResultsAreInDoubt(): void
    {
        $inDoubt = 'in doubt: the library gave no result, only the status';
        $none = 'in_doubt internal task 1: %1$s %2$d, in_doubt internal task 2: %1$s %2$d';
        self::assertSame(sprintf($none, $inDoubt, 90), self::executeAll('return 90;', ''));
        $two = 'static int made; *given = &made; return 23;';
        self::assertSame(sprintf($none, $inDoubt, 7), self::executeAll($two, 'return 7;'));
        self::assertSame(sprintf($none, $inDoubt, 0), self::executeAll($two, 'return 0;'));
    }

    public function testAStatusOfARequestThatIsNotKnownYetCountsByItsOutcome(): void
    {
        $read = self::FIELDS . 'numbers[0] = 77, numbers[1] = 2, numbers[2] = numbers[3] = 0; return 0;';
        $two = 'static int made; *given = &made; return 77;';
        self::assertSame('not_sent connect_failed new, not_sent connect_failed new', self::executeAll($two, $read));
    }

    /** FFI would end it there. */
    public function testABodyWithANulIsWhole(): void
    {
        $read = self::FIELDS . 'numbers[0] = numbers[1] = 0, numbers[2] = 200, numbers[3] = 0;'
            . ' out[4] = (long long)"a\\0b", out[5] = 3; return 0;';
        self::assertSame("executed ok new a\0b", self::execute($read));
    }

    /** The struct is that of the header, by its words of 8 bytes: the last ones are status, outcome and two codes. */
    private const FIELDS = 'int *numbers = (int *)(out + 6);'
        . ' out[0] = 1, out[1] = (long long)"task", out[2] = (long long)"new", out[3] = 3, out[4] = out[5] = 0; ';

    private static function execute(string $body): string
    {
        return self::report('$client->tryExecuteWebhooks("task", 1)', [
            'oo_client_execute_and_read' =>
                "int oo_client_execute_and_read(void *c, char *m, long long id, void **given, long size, long long *out)"
                . " { $body }",
        ]);
    }

    private static function executeAll(string $body, string $read): string
    {
        $records = 'new OoWebhooks\Record("task", 1), new OoWebhooks\Record("task", 2)';
        return self::report("...\$client->tryExecuteAll([$records])", [
            'oo_request_new' => 'int oo_request_new(void **out) { static int made; *out = &made; return 0; }',
            'oo_client_execute_request' => "int oo_client_execute_request(void *c, void *r, void **given) { $body }",
            'oo_results_count' => 'long oo_results_count(void *results) { return 2; }',
            'oo_result_read' => "int oo_result_read(void *result, long size, long long *out) { $read }",
        ]);
    }

    /**
     * @param string                $call      what gives the results
     * @param array<string, string> $functions those of the library that do something
     */
    private static function report(string $call, array $functions): string
    {
        $folder = new Folder();
        $source = $folder->write('misfit.c', self::source($functions + [
            'oo_abi_version' => 'unsigned oo_abi_version(void) { return 1; }',
            'oo_client_new_with' =>
                'int oo_client_new_with(char *t, char *s, char *u, char *a, char *p, long long c, long long m, void **out)'
                . ' { static int made; *out = &made; return 0; }',
        ]));
        $library = "$folder->path/misfit.so";
        $compiler = Program::run(['cc', '-w', '-shared', '-fPIC', '-o', $library, $source]);
        self::assertSame(0, $compiler->exitCode, $compiler->errors);

        $code = 'require $argv[1]; $client = new OoWebhooks\Client(new OoWebhooks\Options("t", "s"));'
            . '$said = fn ($result) =>'
            . ' rtrim("{$result->outcome->value} {$result->status->name()} $result->message $result->body");'
            . "echo implode(', ', array_map(\$said, [$call]));";
        $autoload = dirname(__DIR__) . '/autoload.php';
        $program = Program::php(['-r', $code, $autoload], ['OO_WEBHOOKS_LIBRARY' => $library]);
        self::assertSame(['', 0], [$program->errors, $program->exitCode]);
        return $program->output;
    }

    /** @param array<string, string> $functions the others give 0 or NULL */
    private static function source(array $functions): string
    {
        preg_match_all('/\b(oo_\w+)\(/', (string) file_get_contents(__DIR__ . '/../include/oo_webhooks.ffi.h'), $found);
        $empty = array_map(
            static fn (string $name): string => "void *$name() { return 0; }",
            array_diff($found[1], array_keys($functions))
        );
        return implode("\n", [...$functions, ...$empty, '']);
    }
}
