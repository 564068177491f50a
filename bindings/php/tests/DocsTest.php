<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Tests\Support\Folder;
use OoWebhooks\Tests\Support\Fpm;
use OoWebhooks\Tests\Support\Guide;
use OoWebhooks\Tests\Support\Mock;
use OoWebhooks\Tests\Support\Program;
use PHPUnit\Framework\TestCase;

/** What the documentation shows is what works. */
final class DocsTest extends TestCase
{
    private const PAGES = ['bindings/php/README.md', 'docs/php-fpm.md', 'docs/laravel.md', 'docs/wordpress.md',
        'docs/outbox-table.md'];

    /** @dataProvider phpSnippets */
    public function testEverySnippetIsPhp(string $code): void
    {
        $folder = new Folder();
        $program = Program::php(['-l', $folder->write('snippet.php', self::whole($code))]);
        self::assertSame(0, $program->exitCode, $program->output . $program->errors);
    }

    /** @return iterable<string, array{string}> */
    public static function phpSnippets(): iterable
    {
        foreach (self::PAGES as $page) {
            foreach ((new Guide($page))->snippets as $snippet) {
                if ($snippet['language'] === 'php') {
                    yield "$page:{$snippet['line']}" => [$snippet['code']];
                }
            }
        }
    }

    /** @dataProvider programs */
    public function testEveryProgramRuns(string $code): void
    {
        $mock = Mock::fresh();
        $folder = new Folder();
        $settings = ['ffi.enable=true', 'zend.assertions=1', 'error_reporting=-1', 'display_errors=stderr',
            'auto_prepend_file=' . dirname(__DIR__) . '/autoload.php'];
        $arguments = array_merge(...array_map(static fn (string $setting): array => ['-d', $setting], $settings));
        $file = $folder->write('program.php', self::whole($code));
        $program = Program::php([...$arguments, $file], $mock->environment());

        self::assertSame(['', 0], [$program->errors, $program->exitCode], $program->output);
    }

    /** @return iterable<string, array{string}> */
    public static function programs(): iterable
    {
        foreach (['bindings/php/README.md', 'docs/php-fpm.md'] as $page) {
            foreach ((new Guide($page))->programs('php') as $index => $code) {
                yield "$page, program $index" => [$code];
            }
        }
    }

    public function testThePoolOfTheFpmGuideOpensFfiAndHoldsCredentials(): void
    {
        $mock = Mock::fresh();
        [$open, $credentials] = (new Guide('docs/php-fpm.md'))->versionsOf('/etc/php/8.2/fpm/pool.d/app.conf');
        $fpm = new Fpm([], [$open, $credentials]);

        $elsewhere = array_diff_key($mock->environment(), ['ON_OFFICE_TOKEN' => 0, 'ON_OFFICE_SECRET' => 0]);
        self::assertSame('not_authenticated', $fpm->execute(1, $elsewhere)['status'], 'the made-up credentials were used');
    }

    public function testEachIniFileOfTheFpmGuideOpensFfi(): void
    {
        $files = (new Guide('docs/php-fpm.md'))->versionsOf('/etc/php/8.2/fpm/conf.d/99-oo-webhooks.ini');
        self::assertCount(2, $files);
        foreach ($files as $lines) {
            $lines = str_replace('/var/www/app/vendor/oo-webhooks/oo-webhooks', '{package}', $lines);
            $mock = Mock::fresh();
            $fpm = new Fpm([(string) preg_replace('/^opcache.preload_user = .*$/m', self::preloadUser(), $lines)]);
            self::assertSame('ok', $fpm->execute(1, $mock->environment())['status']);
        }
    }

    public function testTheLaravelAppRetriesWhatWasNotSentAndNothingElse(): void
    {
        $mock = Mock::fresh();
        $mock->fault('{"kind":"drop_after_executing","records":[3]}');
        $app = self::laravelApp();
        $run = static fn (array $environment, string ...$ids): array => explode(
            PHP_EOL,
            trim(self::in($app, [PHP_BINARY, __DIR__ . '/programs/laravel.php', ...$ids], $environment))
        );

        self::assertSame(
            ['done', 'failed: OoWebhooks\RejectedError', 'failed: OoWebhooks\InDoubtError'],
            $run($mock->environment(), '1', '404', '3')
        );
        self::assertSame(
            ['done, then attempt 1 in 10 s'],
            $run(['ON_OFFICE_URL' => 'https://127.0.0.1:1/'] + $mock->environment(), '5')
        );
        self::assertSame(
            ['done, reported OoWebhooks\ConfigError, then attempt 1 in 10 s'],
            $run(['ON_OFFICE_CA_FILE' => '/nonexistent/ca.pem'] + $mock->environment(), '6')
        );
        self::assertSame(['task:1', 'task:3'], $mock->executed());
    }

    public function testTheLaravelJobIsLockedNoLongerThanItWaits(): void
    {
        self::assertSame(
            <<<'END'
            1 after ten saves
            1 after a save in a transaction
            0 after a rollback
            1 after a rollback and a save at once
            0 after a failed push (the queue is away)
            0 after a save at once
            1 after a save ten seconds later
            1 after a save while its job is executed
            1 after a retry and a save
            0 after a save of what was removed
            1 after a save ten seconds after it was due

            END,
            self::in(self::laravelApp(), [PHP_BINARY, __DIR__ . '/programs/laravel_saves.php'])
        );
    }

    public function testTheTestsOfTheLaravelGuidePass(): void
    {
        $phpunit = [PHP_BINARY, $_SERVER['argv'][0], '--no-configuration'];
        $bootstrap = ['--bootstrap', __DIR__ . '/standins/laravel_tests.php'];
        $output = self::in(self::laravelApp(), [...$phpunit, ...$bootstrap, 'tests/Feature/ExecuteWebhooksTest.php']);
        self::assertStringContainsString('OK (4 tests', $output);
    }

    /** @dataProvider wordPressQueues */
    public function testTheWordPressSiteRetriesWhatWasNotSentAndRecordsWhatFailed(int $queue, string $listed): void
    {
        $mock = Mock::fresh();
        $mock->fault('{"kind":"drop_after_executing","records":[3]}');
        $site = self::wordPressSite($queue);
        $run = static fn (array $environment, string ...$arguments): string => self::in(
            $site,
            [PHP_BINARY, '-d', 'zend.assertions=1', __DIR__ . '/programs/wordpress.php', ...$arguments],
            $environment
        );

        self::assertSame(
            "turns: 1, executed\nturns: 1, OoWebhooks\RejectedError$listed\nturns: 1, OoWebhooks\InDoubtError$listed\n",
            $run($mock->environment(), '1', '404', '3')
        );
        $unreachable = ['ON_OFFICE_URL' => 'https://127.0.0.1:1/'] + $mock->environment();
        self::assertSame("turns: 7, OoWebhooks\NotSentError$listed\n", $run($unreachable, '5'));
        $refused = ['ON_OFFICE_CA_FILE' => '/nonexistent/ca.pem'] + $mock->environment();
        self::assertSame("turns: 7, OoWebhooks\ConfigError$listed\n", $run($refused, '6'));
        $unset = array_diff_key($mock->environment(), ['ON_OFFICE_TOKEN' => '']);
        self::assertSame("turns: 1, Error$listed\n", $run($unset, '7'));
        self::assertSame("turns: 0, RuntimeException\n", $run($mock->environment(), 'queue-is-away', '8'));
        self::assertSame(['task:1', 'task:3'], $mock->executed());
    }

    /** @return array<string, array{int, string}> */
    public static function wordPressQueues(): array
    {
        return ['Action Scheduler' => [0, ', listed as failed'], 'WP-Cron' => [1, '']];
    }

    public function testTheTestOfTheWordPressGuidePasses(): void
    {
        $site = self::wordPressSite(0);
        [, $test] = (new Guide('docs/wordpress.md'))->programs('php');
        $site->write('test.php', "<?php\nrequire 'wordpress.php';\n" . (string) preg_replace('/^use .*$/m', '', $test));
        $site->write('wordpress.php', sprintf(
            "<?php require %s; const OO_WEBHOOKS_AUTOLOAD = %s; require 'wp-content/mu-plugins/oo-webhooks.php';"
            . 'class_alias("OoWebhooks\FakeClient", "FakeClient");',
            var_export(__DIR__ . '/standins/wordpress.php', true),
            var_export(dirname(__DIR__) . '/autoload.php', true)
        ));
        self::assertSame('', self::in($site, [PHP_BINARY, '-d', 'zend.assertions=1', 'test.php']));
    }

    /** @param int $queue which of the guide's */
    private static function wordPressSite(int $queue): Folder
    {
        $guide = new Guide('docs/wordpress.md');
        $site = new Folder();
        foreach (['oo-webhooks.php' => 0, 'oo-webhooks/queue.php' => $queue] as $file => $version) {
            $site->write("wp-content/mu-plugins/$file", $guide->versionsOf("wp-content/mu-plugins/$file")[$version]);
        }
        return $site;
    }

    private static function laravelApp(): Folder
    {
        $guide = new Guide('docs/laravel.md');
        $app = new Folder();
        $files = ['config/services.php', 'app/Providers/WebhooksServiceProvider.php', 'app/Jobs/ExecuteWebhooks.php',
            'tests/Feature/ExecuteWebhooksTest.php'];
        foreach ($files as $file) {
            $app->write($file, $guide->versionsOf($file)[0]);
        }
        return $app;
    }

    /**
     * Runs a program in a folder to its good end and gives what it said.
     *
     * @param list<string>          $command
     * @param array<string, string> $environment
     */
    private static function in(Folder $folder, array $command, array $environment = []): string
    {
        $program = Program::run($command, $environment, folder: $folder->path);
        self::assertSame(['', 0], [$program->errors, $program->exitCode], $program->output);
        return $program->output;
    }

    private static function whole(string $code): string
    {
        return str_starts_with($code, '<?php') ? $code : "<?php\n$code";
    }

    private static function preloadUser(): string
    {
        return Fpm::user() === null ? '' : 'opcache.preload_user = ' . Fpm::user();
    }
}
