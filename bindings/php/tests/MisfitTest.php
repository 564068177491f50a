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
        $result = 'static int made; *out = &made; return 77;';
        self::assertSame($seen, self::execute($result, $outcome));
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
        self::assertSame('in_doubt internal task 1: a defect', self::execute('return 90;', 3));
    }

    private static function execute(string $body, int $outcome): string
    {
        $folder = new Folder();
        $source = $folder->write('misfit.c', self::source([
            'oo_abi_version' => 'unsigned oo_abi_version(void) { return 1; }',
            'oo_client_new' => 'int oo_client_new(void *o, void **out) { static int made; *out = &made; return 0; }',
            'oo_client_execute_webhooks' =>
                "int oo_client_execute_webhooks(void *c, char *m, long long id, void **out) { $body }",
            'oo_result_status' => 'int oo_result_status(void *r) { return 77; }',
            'oo_status_outcome' => "int oo_status_outcome(int s) { return $outcome; }",
            'oo_result_module' => 'const char *oo_result_module(void *r) { return "task"; }',
            'oo_result_message' => 'const char *oo_result_message(void *r) { return "new"; }',
            'oo_status_message' => 'const char *oo_status_message(int s) { return "a defect"; }',
        ]));
        $library = "$folder->path/misfit.so";
        $compiler = Program::run(['cc', '-w', '-shared', '-fPIC', '-o', $library, $source]);
        self::assertSame(0, $compiler->exitCode, $compiler->errors);

        $program = Program::php([__DIR__ . '/programs/report.php'], ['OO_WEBHOOKS_LIBRARY' => $library]);
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
