<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Tests\Support\Build;
use OoWebhooks\Tests\Support\Folder;
use OoWebhooks\Tests\Support\Program;
use PHPUnit\Framework\TestCase;

/** The package as Composer, PHP and its readers see it. */
final class PackageTest extends TestCase
{
    /** @dataProvider sourceFiles */
    public function testAFileHoldsOneStrictTypeThatIsNotExtended(string $file): void
    {
        $code = (string) file_get_contents($file);
        self::assertStringContainsString("\ndeclare(strict_types=1);\n", $code);
        $kinds = '(final class|enum|interface|trait|abstract class)';
        self::assertSame(1, preg_match_all("/^$kinds (\w+)/m", $code, $found), 'one type');
        self::assertSame(basename($file, '.php'), $found[2][0]);
        self::assertTrue(str_starts_with($found[1][0], 'abstract') === ($found[2][0] === 'WebhooksError'));
        self::assertSame(str_contains($file, '/Internal/'), str_contains($code, "\n * @internal\n"));
    }

    /** @dataProvider sourceFiles */
    public function testNothingButTheInternalClassesTouchesFfi(string $file): void
    {
        $these = ['Library', 'LibraryPath', 'Loader', 'OutboxLibrary', 'RequestLibrary'];
        $mayCall = in_array(basename($file, '.php'), $these, true);
        self::assertSame($mayCall, str_contains((string) file_get_contents($file), '\FFI::'));
    }

    /**
     * PHP looks into the namespace first, where any code of the program may define a strlen.
     *
     * @dataProvider filesOfTheBorder
     */
    public function testWhatStandsAtTheBorderNamesFunctionsAndConstantsInFull(string $file): void
    {
        $tokens = array_values(array_filter(
            \PhpToken::tokenize((string) file_get_contents($file)),
            static fn (\PhpToken $token): bool => !$token->isIgnorable()
        ));
        $before = [T_OBJECT_OPERATOR, T_NULLSAFE_OBJECT_OPERATOR, T_DOUBLE_COLON, T_FUNCTION, T_CONST, T_NEW];
        $found = [];
        foreach ($tokens as $index => $token) {
            if (!$token->is(T_STRING) || $tokens[$index - 1]->is($before) || in_array($token->text, ['self', 'FFI'], true)) {
                continue;
            }
            if ($tokens[$index + 1]->text === '(' || preg_match('/^[A-Z][A-Z0-9_]+$/', $token->text) === 1) {
                $found[] = "$token->text in line $token->line";
            }
        }
        self::assertSame([], $found);
    }

    /** @return iterable<string, array{string}> */
    public static function filesOfTheBorder(): iterable
    {
        foreach (['Handle', 'Library', 'LibraryFile', 'LibraryPath', 'Loader', 'OutboxLibrary', 'RequestLibrary'] as $class) {
            yield $class => [dirname(__DIR__) . "/src/Internal/$class.php"];
        }
    }

    /** @dataProvider allFiles */
    public function testPhpAcceptsEveryFile(string $file): void
    {
        $program = Program::php(['-d', 'error_reporting=-1', '-d', 'display_errors=stderr', '-l', $file]);
        self::assertSame(['', 0], [$program->errors, $program->exitCode], $program->output);
    }

    public function testComposerAcceptsThePackage(): void
    {
        $folder = new Folder();
        $folder->copy(dirname(__DIR__) . '/composer.json', 'composer.json');
        self::composer($folder, 'validate', '--strict', '--no-check-lock');
    }

    public function testAProgramInstallsItWithComposerAndUsesIt(): void
    {
        $folder = new Folder();
        $folder->write('composer.json', json_encode([
            'repositories' => [
                ['type' => 'path', 'url' => dirname(__DIR__), 'options' => ['symlink' => false]],
                ['packagist.org' => false],
            ],
            'require' => ['oo-webhooks/oo-webhooks' => '*@dev'],
        ], JSON_THROW_ON_ERROR));
        self::composer($folder, 'update', '--no-progress');
        $program = Program::php(
            ['-r', 'require "vendor/autoload.php"; new OoWebhooks\Request(); echo (new ReflectionClass("OoWebhooks\Request"))->getFileName();'],
            ['OO_WEBHOOKS_LIBRARY' => Build::library()],
            $folder->path
        );
        self::assertSame("$folder->path/vendor/oo-webhooks/oo-webhooks/src/Request.php", $program->output, $program->errors);
        self::checkThatAClientComesFromOneFile($folder);
        $said = self::composer($folder, 'dump-autoload', '--optimize');
        self::assertStringNotContainsStringIgnoringCase('ambiguous', $said);
        self::assertStringNotContainsStringIgnoringCase('psr-4', $said);
        self::checkThatAClientComesFromOneFile($folder);
    }

    private static function checkThatAClientComesFromOneFile(Folder $folder): void
    {
        $code = 'require "vendor/autoload.php"; foreach (["Client", "Outbox"] as $name) '
            . '{ echo basename((new ReflectionClass("OoWebhooks\\\\$name"))->getFileName()), " "; }';
        $program = Program::php(['-r', $code], [], $folder->path);
        self::assertSame('call.php Outbox.php ', $program->output, $program->errors);
    }

    public function testItsHistoryIsSplitOffAsARepositoryThatComposerAccepts(): void
    {
        $folder = new Folder();
        $root = dirname(__DIR__, 3);
        // The newest commit only: what is split is the same, in less time.
        foreach ([['git', 'clone', '--quiet', '--depth=1', "file://$root", '.'], ['make', '--silent', 'split-php']] as $command) {
            $program = Program::run($command, folder: $folder->path);
            self::assertSame(0, $program->exitCode, $program->output . $program->errors);
        }
        $listed = Program::run(['git', 'ls-tree', '--name-only', 'php-package'], folder: $folder->path)->output;
        self::assertSame([], array_diff(['composer.json', 'autoload.php', 'src'], explode("\n", $listed)), $listed);
        Program::run(['git', 'checkout', '--quiet', 'php-package'], folder: $folder->path);
        self::composer($folder, 'validate', '--strict', '--no-check-lock');
    }

    /** @return iterable<string, array{string}> */
    public static function sourceFiles(): iterable
    {
        foreach (['src', 'src/Internal'] as $folder) {
            yield from self::filesIn($folder);
        }
    }

    /** @return iterable<string, array{string}> */
    public static function allFiles(): iterable
    {
        foreach (['.', 'src', 'src/Internal', 'tests', 'tests/Support', 'tests/programs', 'tests/standins'] as $folder) {
            yield from self::filesIn($folder);
        }
    }

    /** @return iterable<string, array{string}> */
    private static function filesIn(string $folder): iterable
    {
        foreach (glob(dirname(__DIR__) . "/$folder/*.php") ?: [] as $file) {
            yield $folder . '/' . basename($file) => [$file];
        }
    }

    private static function composer(Folder $folder, string ...$arguments): string
    {
        $environment = ['COMPOSER_ALLOW_SUPERUSER' => '1', 'COMPOSER_HOME' => "$folder->path/home", 'COMPOSER_DISABLE_NETWORK' => '1'];
        $command = ['composer', '--no-interaction', '--no-ansi', ...$arguments];
        $program = Program::run($command, $environment, folder: $folder->path);
        self::assertSame(0, $program->exitCode, $program->output . $program->errors);
        return $program->output . $program->errors;
    }
}
