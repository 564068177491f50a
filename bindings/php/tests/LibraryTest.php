<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Client;
use OoWebhooks\Tests\Support\Build;
use OoWebhooks\Tests\Support\Folder;
use OoWebhooks\Tests\Support\Fpm;
use OoWebhooks\Tests\Support\Program;
use PHPUnit\Framework\TestCase;

/** How the library is found, and what is said when it is not. */
final class LibraryTest extends TestCase
{
    private const NOWHERE = ['OO_WEBHOOKS_LIBRARY' => '', 'LD_LIBRARY_PATH' => ''];

    public function testTheEnvironmentNamesIt(): void
    {
        self::assertSame('loaded', self::load(['OO_WEBHOOKS_LIBRARY' => Build::library()]));
    }

    public function testThePackageHasItInAFolderOfItsOwn(): void
    {
        $folder = new Folder();
        $package = Fpm::install($folder);
        self::assertSame('loaded', self::load(self::NOWHERE, package: $package));
    }

    public function testTheSystemsLoaderKnowsIt(): void
    {
        $environment = ['LD_LIBRARY_PATH' => dirname(Build::library())] + self::NOWHERE;
        self::assertSame('loaded', self::load($environment));
    }

    public function testOneThatIsNamedIsTheOnlyOneThatIsTried(): void
    {
        $folder = new Folder();
        $package = Fpm::install($folder);
        $message = self::load(['OO_WEBHOOKS_LIBRARY' => '/nonexistent/liboo.so'], package: $package);
        self::assertStringEndsWith('searched: /nonexistent/liboo.so', $message);
    }

    public function testAProgramMayNameItBeforeTheFirstClient(): void
    {
        $code = sprintf('require %s; OoWebhooks\Client::useLibrary(%s); new OoWebhooks\Request(); echo "loaded";', ...[
            var_export(dirname(__DIR__) . '/autoload.php', true),
            var_export(Build::library(), true),
        ]);
        $program = Program::php(['-r', $code], ['OO_WEBHOOKS_LIBRARY' => '/nonexistent.so']);
        self::assertSame(['loaded', 0], [$program->output, $program->exitCode], $program->errors);
    }

    public function testAnIniFileNamesItUnlessTheEnvironmentDoes(): void
    {
        $named = '-doo_webhooks.library=' . Build::library();
        self::assertSame('loaded', self::load(self::NOWHERE, [$named]));
        $message = self::load(['OO_WEBHOOKS_LIBRARY' => '/nonexistent/liboo.so'] + self::NOWHERE, [$named]);
        self::assertStringEndsWith('searched: /nonexistent/liboo.so', $message);
    }

    public function testOnceItIsLoadedItIsNotExchanged(): void
    {
        new \OoWebhooks\Request();
        $this->expectException(\LogicException::class);
        Client::useLibrary(Build::library());
    }

    public function testWithoutItAllPathsThatWereSearchedAreNamed(): void
    {
        $message = self::load(self::NOWHERE);
        self::assertStringContainsString('set OO_WEBHOOKS_LIBRARY', $message);
        self::assertStringContainsString('/lib/linux-' . php_uname('m') . '/liboo_webhooks.so.1, ', $message);
        self::assertStringContainsString("liboo_webhooks.so.1 (in the loader's folders)", $message);
    }

    public function testAFileThatCannotBeLoadedIsSaidToBeThere(): void
    {
        $folder = new Folder();
        $file = $folder->write('liboo_webhooks.so.1', 'not a library');
        $message = self::load(['OO_WEBHOOKS_LIBRARY' => $file]);
        self::assertStringContainsString("$file (is there, but", $message);
    }

    public function testAnotherLibraryIsRefused(): void
    {
        $message = self::load(['OO_WEBHOOKS_LIBRARY' => 'libc.so.6']);
        self::assertStringStartsWith('libc.so.6 is not the library of oo_webhooks', $message);
    }

    public function testAnotherAbiIsRefused(): void
    {
        $message = self::load(['OO_WEBHOOKS_LIBRARY' => self::built(abi: 2)]);
        self::assertStringContainsString('has the ABI version 2, this package needs 1', $message);
    }

    public function testALibraryThatLacksAFunctionIsSaidToBeTooOld(): void
    {
        $message = self::load(['OO_WEBHOOKS_LIBRARY' => self::built(abi: 1)]);
        self::assertStringContainsString('is version 0.0.9, too old for this package', $message);
        self::assertStringContainsString('oo_client_new_with', $message);
    }

    public function testFfiThatIsClosedIsNamedWithItsCure(): void
    {
        foreach (['0', 'false', 'off'] as $value) {
            $message = self::load([], ["-dffi.enable=$value"]);
            self::assertStringContainsString('ffi.enable=false', $message);
            self::assertStringContainsString('run php -d ffi.enable=true', $message);
        }
    }

    public function testAMissingExtensionIsNamedWithItsCure(): void
    {
        $message = self::load([], ['-n']);
        self::assertStringContainsString('extension FFI is not loaded: put extension=ffi', $message);
    }

    /**
     * @param array<string, string> $environment
     * @param list<string>          $arguments   of PHP
     */
    private static function load(array $environment, array $arguments = [], ?string $package = null): string
    {
        $environment['OO_WEBHOOKS_AUTOLOAD'] = ($package ?? dirname(__DIR__)) . '/autoload.php';
        $program = Program::php([...$arguments, __DIR__ . '/programs/load.php'], $environment);
        self::assertSame(['', 0], [$program->errors, $program->exitCode]);
        return $program->output;
    }

    /** A library that calls itself ours, of this ABI. */
    private static function built(int $abi): string
    {
        static $folders = [];
        $folders[] = $folder = new Folder();
        $source = $folder->write('other.c', <<<C
            unsigned int oo_abi_version(void) { return $abi; }
            const char *oo_version(void) { return "0.0.9"; }
            C);
        $library = "$folder->path/liboo_webhooks.so.1";
        $compiler = Program::run(['cc', '-shared', '-fPIC', '-o', $library, $source]);
        self::assertSame(0, $compiler->exitCode, $compiler->errors);
        return $library;
    }
}
