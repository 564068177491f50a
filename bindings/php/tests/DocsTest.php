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
    private const PAGES = ['bindings/php/README.md', 'docs/php-fpm.md', 'docs/laravel.md', 'docs/symfony.md',
        'docs/wordpress.md', 'docs/outbox-table.md'];

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

    private static function whole(string $code): string
    {
        return str_starts_with($code, '<?php') ? $code : "<?php\n$code";
    }

    private static function preloadUser(): string
    {
        return Fpm::user() === null ? '' : 'opcache.preload_user = ' . Fpm::user();
    }
}
