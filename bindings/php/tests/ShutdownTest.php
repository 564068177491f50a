<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Tests\Support\Mock;
use OoWebhooks\Tests\Support\Program;
use PHPUnit\Framework\TestCase;

/** What was made is freed once, in whatever order PHP lets go of it. */
final class ShutdownTest extends TestCase
{
    private const PROGRAM = __DIR__ . '/programs/odd_order.php';

    public function testHandlesMayBeAliveWhenPhpEnds(): void
    {
        $program = Program::php([self::PROGRAM]);
        self::assertSame(['', 0], [$program->errors, $program->exitCode]);
        self::assertMatchesRegularExpression('/\A[.c]{8}\z/', $program->output, 'eight, closed or not');
    }

    /**
     * Without TLS: valgrind takes what ring's AES assembler makes for uninitialised, in C programs too.
     *
     * @dataProvider programs
     * @param list<string> $command
     */
    public function testValgrindFindsNothingToSayAboutTheLibrary(array $command, int $exitCode): void
    {
        // Without its own allocator PHP's blocks are seen one by one; leaks of PHP itself are its own.
        $environment = ['USE_ZEND_ALLOC' => '0', 'ZEND_DONT_UNLOAD_MODULES' => '1'] + Mock::plain()->environment();
        $valgrind = ['valgrind', '--quiet', '--error-exitcode=99', '--leak-check=full', '--errors-for-leak-kinds=none',
            '--show-leak-kinds=definite', '--num-callers=30', PHP_BINARY, '-d', 'opcache.enable=0', '-d', 'pcre.jit=0'];
        $program = Program::run([...$valgrind, ...$command], $environment, 120);

        self::assertSame($exitCode, $program->exitCode, $program->errors);
        self::assertStringNotContainsString('liboo_webhooks', $program->errors);
    }

    /** @return array<string, array{list<string>, int}> */
    public static function programs(): array
    {
        $example = dirname(__DIR__) . '/example.php';
        return [
            'handles alive at the end' => [[self::PROGRAM], 0],
            'every kind of call' => [[__DIR__ . '/programs/every_call.php'], 0],
            'rejected' => [[$example, 'task', '404'], 1],
        ];
    }
}
