<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Tests\Support\Mock;
use OoWebhooks\Tests\Support\Program;
use PHPUnit\Framework\TestCase;

/** The example ends with the number of the outcome. */
final class ExampleTest extends TestCase
{
    /** @dataProvider outcomes
     *  @param list<string>          $arguments
     *  @param array<string, string> $environment */
    public function testItShowsTheOutcome(
        array $arguments,
        ?string $fault,
        array $environment,
        int $exitCode,
        string $output,
    ): void {
        $mock = Mock::fresh();
        if ($fault !== null) {
            $mock->fault($fault);
        }
        $example = dirname(__DIR__) . '/example.php';
        $program = Program::php(['-d', 'ffi.enable=true', $example, ...$arguments], $environment + $mock->environment());

        self::assertStringStartsWith($output, $program->output . $program->errors);
        self::assertSame($exitCode, $program->exitCode);
    }

    /** @return array<string, array{list<string>, ?string, array<string, string>, int, string}> */
    public static function outcomes(): array
    {
        $unreachable = ['ON_OFFICE_URL' => 'https://127.0.0.1:1/'];
        $lost = '{"kind":"drop_after_executing"}';
        return [
            'executed' => [['address', '15005'], null, [], 0, "executed: address 15005\n"],
            'executed without arguments' => [[], null, [], 0, "executed: address 15005\n"],
            'rejected' => [['address', '404'], null, [], 1, 'fix the cause: address 404: rejected'],
            'not sent' => [['address', '1'], null, $unreachable, 2, 'nothing was sent: address 1: not sent'],
            'in doubt' => [['address', '1'], $lost, [], 3, 'a repeat may execute twice: address 1: in doubt'],
            'a wrong module' => [['adress', '1'], null, [], 2, 'the module "adress" is unknown'],
            'a wrong setting' => [['task', '1'], null, ['ON_OFFICE_TIMEOUT_MS' => 'x'], 2, 'ON_OFFICE_TIMEOUT_MS'],
            'no number' => [['address', '1.5'], null, [], 64, 'usage: '],
        ];
    }
}
