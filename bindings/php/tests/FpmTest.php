<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Tests\Support\Fpm;
use OoWebhooks\Tests\Support\Mock;
use PHPUnit\Framework\TestCase;

/** A real PHP-FPM: who may use FFI, what a worker keeps between requests, and what it does not. */
final class FpmTest extends TestCase
{
    public function testByDefaultFfiIsClosedAndTheErrorNamesTheIniLine(): void
    {
        $answer = (new Fpm())->execute(1, Mock::fresh()->environment());

        self::assertSame('config_error', $answer['status']);
        self::assertStringContainsString('ffi.enable=preload', $answer['message']);
        self::assertStringContainsString('put ffi.enable=true into /', $answer['message']);
        self::assertStringContainsString('php_admin_value[ffi.enable] = true into the FPM pool', $answer['message']);
    }

    /**
     * @dataProvider settingsThatOpenFfi
     * @param list<string> $ini
     * @param list<string> $pool
     */
    public function testWhatOpensFfi(array $ini, array $pool, string $toOthers): void
    {
        $mock = Mock::fresh();
        $fpm = new Fpm($ini, $pool);

        self::assertSame('ok', $fpm->execute(1, $mock->environment())['status']);
        self::assertSame('ok', $fpm->execute(2, $mock->environment())['status']);
        self::assertSame(['task:1', 'task:2'], $mock->executed());
        self::assertSame($toOthers, $fpm->get('own_ffi.php'));
    }

    /** @return array<string, array{list<string>, list<string>, string}> */
    public static function settingsThatOpenFfi(): array
    {
        $preload = self::preload();
        return [
            'php.ini' => [['ffi.enable=true'], [], 'open'],
            'the pool' => [[], ['php_admin_value[ffi.enable] = true'], 'open'],
            'preloaded classes' => [$preload, [], 'closed'],
            'preloaded classes in a validating cache' => [[...$preload, 'opcache.validate_timestamps=1'], [], 'closed'],
        ];
    }

    /** @dataProvider attemptsAcrossTheBorder */
    public function testUnderPreloadOtherCodeNeitherChoosesTheLibraryNorGetsAtFfi(string $attempt, string $answer): void
    {
        [$folder, $foreign, $mark] = self::foreignLibrary();
        $fpm = new Fpm([...self::preload(), 'zend.exception_ignore_args=0'], ['pm.max_requests = 1']);

        $said = $fpm->get('border.php', ['QUERY_STRING' => urlencode($attempt), 'LIBRARY' => $foreign]);
        self::assertStringContainsString($answer, $said);
        self::assertFileDoesNotExist($mark, 'the foreign library was loaded');
        unset($folder);
    }

    /** @return array<string, array{string, string}> */
    public static function attemptsAcrossTheBorder(): array
    {
        $fixed = 'FFI is open to this package only (ffi.enable=preload)';
        $expected = [
            'nothing' => 'fine',
            'FFI' => 'FFI API is restricted',
            'scope' => 'FFI API is restricted',
            'useLibrary' => "Client::useLibrary is refused: $fixed",
            '$_SERVER' => "OO_WEBHOOKS_LIBRARY is not used: $fixed",
            '$_ENV' => "OO_WEBHOOKS_LIBRARY is not used: $fixed",
            'putenv' => "OO_WEBHOOKS_LIBRARY is not used: $fixed",
            'ini_set' => 'fine',
            'namesakes' => $fixed,
            'file:' => 'is not read from the disk',
            'internals' => 'fine',
            'traces' => 'fine',
            'handles' => 'fine',
            'mixed-up handles' => 'a client is needed, this is a request',
            'a closed handle' => 'the client is closed',
        ];
        return array_combine(array_keys($expected), array_map(null, array_keys($expected), $expected));
    }

    /** FFI would be closed to what is not preloaded, or open to what stands in its place. */
    public function testAnAppThatPreloadsOnlyTheClientLearnsThatMoreIsNeeded(): void
    {
        $fpm = new Fpm(self::preload('../public/preload_client.php'));
        $environment = Mock::fresh()->environment();

        self::assertSame('ok', $fpm->execute(1, $environment)['status']);
        foreach (['', 'RequestLibrary'] as $inItsPlace) {
            $said = $fpm->get('execute_all.php', ['QUERY_STRING' => $inItsPlace] + $environment);
            self::assertStringContainsString('RequestLibrary is not preloaded, as Client is: preload the whole', $said);
        }
    }

    /** The guide says so: PHP has no border within a process that would keep them from it. */
    public function testWhatRemainsOpenUnderPreload(): void
    {
        $fpm = new Fpm(self::preload(), ['pm.max_requests = 1']);

        foreach (['reflection', 'closure', 'array'] as $way) {
            $said = $fpm->get('border.php', ['QUERY_STRING' => $way, 'LIBRARY' => '']);
            self::assertMatchesRegularExpression('/^version \d/', $said);
        }
        self::assertSame('open', $fpm->get('own_ffi.php', ['PHP_ADMIN_VALUE' => 'ffi.enable=true']));
        self::assertSame('closed', $fpm->get('own_ffi.php'));
    }

    public function testUnderPreloadAnIniFileNamesTheLibrary(): void
    {
        $folder = new Support\Folder();
        $library = $folder->copy(Support\Build::library(), 'elsewhere/liboo_webhooks.so.1');
        $mock = Mock::fresh();
        $fpm = new Fpm([...self::preload(), "oo_webhooks.library=$library"]);

        // What the environment names does not count, whoever set it.
        $environment = ['OO_WEBHOOKS_LIBRARY' => '/nonexistent.so'] + $mock->environment();
        self::assertSame('ok', $fpm->execute(1, $environment)['status']);
        self::assertSame('ok ok ok', $fpm->get('execute_all.php', ['QUERY_STRING' => ''] + $environment));
        self::assertStringContainsString($library, $fpm->get('mapped.php'));
    }

    public function testThePoolDoesNotNameTheLibrary(): void
    {
        [$folder, $foreign, $mark] = self::foreignLibrary();
        $mock = Mock::fresh();
        $fpm = new Fpm(self::preload(), ["php_admin_value[oo_webhooks.library] = $foreign"]);
        self::assertSame('ok', $fpm->execute(1, $mock->environment())['status']);
        self::assertFileDoesNotExist($mark);
        unset($folder);
    }

    public function testUnderPreloadTheCureForAMissingLibraryIsTheIniFile(): void
    {
        $fpm = new Fpm([...self::preload(), 'oo_webhooks.library=/nonexistent/liboo.so']);
        $message = $fpm->execute(1, Mock::fresh()->environment())['message'];
        self::assertStringContainsString('was not found', $message);
        self::assertStringContainsString('or set oo_webhooks.library to its path in /', $message);
        self::assertStringEndsWith('searched: /nonexistent/liboo.so', $message);
    }

    public function testALibraryThatPhpMayNotReadIsSaidToBeThere(): void
    {
        $environment = Mock::fresh()->environment();
        $fpm = new Fpm(['ffi.enable=true']);
        [$library] = glob("$fpm->package/lib/*/liboo_webhooks.so.1");

        chmod($library, 0);
        $message = $fpm->execute(1, $environment)['message'];
        self::assertStringContainsString('of oo_webhooks cannot be opened; searched:', $message);
        self::assertStringContainsString("$library (is there, but PHP's user may not read it: chmod 755 $library)", $message);

        $folder = dirname($library);
        chmod($library, 0755);
        chmod($folder, 0);
        $message = $fpm->execute(1, $environment)['message'];
        chmod($folder, 0755);
        self::assertStringContainsString("$library (PHP's user may not look into $folder: chmod 755 $folder)", $message);
        self::assertSame('ok', $fpm->execute(1, $environment)['status']);
    }

    public function testALibraryOfTheSystemThatPhpMayNotReadIsSaidToBeThere(): void
    {
        $folder = new Support\Folder();
        $library = $folder->copy(Support\Build::library(), 'liboo_webhooks.so.1');
        putenv("LD_LIBRARY_PATH=$folder->path");
        try {
            $fpm = new Fpm(['ffi.enable=true'], ['clear_env = no', 'env[OO_WEBHOOKS_LIBRARY] = liboo_webhooks.so.1']);
        } finally {
            putenv('LD_LIBRARY_PATH');
        }
        chmod($library, 0);
        $message = $fpm->execute(1, Mock::fresh()->environment())['message'];
        self::assertStringContainsString('of oo_webhooks cannot be opened', $message);
        self::assertStringContainsString("$library (is there, but PHP's user may not read it: chmod 755 $library)", $message);
    }

    public function testALibraryThatIsPreloadedTooIsTheOneThatIsUsed(): void
    {
        [$folder, $library, $header] = self::preloadedHeader();
        $fpm = new Fpm([...self::preload(), "ffi.preload=$header"]);

        $environment = Mock::fresh()->environment();
        self::assertSame('ok', $fpm->execute(1, $environment)['status']);
        self::assertStringContainsString($library, $fpm->get('mapped.php'));
        self::assertSame('not_authenticated', $fpm->execute(1, ['ON_OFFICE_SECRET' => 'another'] + $environment)['status']);
        $refused = $fpm->execute(1, ['ON_OFFICE_URL' => 'ftp://host/'] + $environment);
        self::assertSame('config_error', $refused['status']);
        self::assertStringContainsString('https://', $refused['message']);

        self::assertSame('closed', $fpm->get('own_ffi.php'));
        $said = $fpm->get('border.php', ['QUERY_STRING' => 'scope', 'LIBRARY' => '']);
        self::assertStringContainsString('FFI API is restricted', $said);
        unset($folder);
    }

    /** As one that an administrator copied stays when the package is updated. */
    public function testAPreloadedHeaderThatIsOlderThanThePackageIsNoHindrance(): void
    {
        [$folder, , $header] = self::preloadedHeader();
        $new = '/oo_status oo_client_(new_with|execute_and_read)\([^)]*\);/';
        $older = (string) preg_replace($new, '', (string) file_get_contents($header), -1, $removed);
        self::assertSame(2, $removed);
        $path = $folder->write('older.ffi.h', $older);
        $fpm = new Fpm([...self::preload(), "ffi.preload=$path"]);
        $environment = Mock::fresh()->environment();
        self::assertSame('ok', $fpm->execute(1, $environment)['status']);
        self::assertSame('ok ok ok', $fpm->get('execute_all.php', ['QUERY_STRING' => ''] + $environment));
    }

    /** Which the guide warns of. */
    public function testAPreloadedHeaderWithoutItsLibraryStopsAllOfPhp(): void
    {
        $folder = new Support\Folder();
        $header = $folder->write('x.h', "#define FFI_SCOPE \"x\"\n#define FFI_LIB \"/nonexistent.so\"\nint abs(int);\n");
        $this->expectException(\RuntimeException::class);
        $this->expectExceptionMessage('PHP-FPM does not start');
        new Fpm(["ffi.preload=$header"]);
    }

    public function testTheSecondRequestOfAWorkerMakesNoTlsHandshake(): void
    {
        $mock = Mock::fresh();
        $fpm = new Fpm(['ffi.enable=true']);
        $workers = [];
        foreach (range(1, 5) as $id) {
            $workers[] = $fpm->execute($id, $mock->environment())['worker'];
        }

        self::assertCount(1, array_unique($workers));
        self::assertSame(5, $mock->counts()['requests']);
        self::assertSame([1, 1], [$mock->handshakes(), $mock->counts()['connections']]);
    }

    public function testAConnectionThatTheServerClosedMeanwhileIsReplaced(): void
    {
        $mock = Mock::fresh();
        $fpm = new Fpm(['ffi.enable=true']);
        $fpm->execute(1, $mock->environment());
        $mock->closeIdle();

        self::assertSame('ok', $fpm->execute(2, $mock->environment())['status']);
        self::assertSame(['task:1', 'task:2'], $mock->executed());
        self::assertSame(2, $mock->handshakes());
    }

    public function testTwoTenantsInOneWorkerNeverGetEachOthersCredentials(): void
    {
        $mock = Mock::fresh();
        $fpm = new Fpm(['ffi.enable=true']);
        $ours = $mock->environment();
        $theirs = ['ON_OFFICE_TOKEN' => Mock::PROVIDER_TOKEN] + $ours;
        $nobody = ['ON_OFFICE_TOKEN' => '', 'ON_OFFICE_SECRET' => ''] + $ours;

        $answers = [];
        foreach ([1 => $ours, 2 => $theirs, 3 => $nobody, 4 => $ours, 5 => $theirs, 6 => $nobody] as $id => $tenant) {
            $answers[] = $fpm->execute($id, $tenant);
        }
        self::assertCount(1, array_unique(array_column($answers, 'worker')));
        self::assertSame(
            ['ok', 'not_allowed', 'config_error', 'ok', 'not_allowed', 'config_error'],
            array_column($answers, 'status')
        );
        self::assertSame(['task:1', 'task:4'], $mock->executed());
        self::assertSame(1, $mock->handshakes(), 'tenants share connections, which know nobody');
    }

    public function testThePoolMayHoldTheCredentials(): void
    {
        $mock = Mock::fresh();
        $pool = [];
        foreach ($mock->environment() as $name => $value) {
            $pool[] = "env[$name] = $value";
        }
        $fpm = new Fpm(['ffi.enable=true'], $pool);
        self::assertSame('ok', $fpm->execute(1, [])['status']);
    }

    public function testWithoutCredentialsTheErrorNamesThePool(): void
    {
        $answer = (new Fpm(['ffi.enable=true']))->execute(1, []);
        self::assertStringContainsString('env[ON_OFFICE_TOKEN]', $answer['message']);
    }

    public function testAWorkerThatIsReplacedAfterEveryRequestExecutesAndEndsInPeace(): void
    {
        $mock = Mock::fresh();
        $fpm = new Fpm(['ffi.enable=true'], ['pm.max_requests = 1']);
        $workers = [];
        foreach (range(1, 5) as $id) {
            $answer = $fpm->execute($id, $mock->environment());
            self::assertSame('ok', $answer['status']);
            $workers[] = $answer['worker'];
        }
        self::assertCount(5, array_unique($workers));
        self::assertSame(['task:1', 'task:2', 'task:3', 'task:4', 'task:5'], $mock->executed());
        self::assertSame(5, $mock->handshakes());
        self::assertStringNotContainsString('exited on signal', $fpm->end());
    }

    public function testAFatalErrorLeavesTheWorkerUsable(): void
    {
        $mock = Mock::fresh();
        $fpm = new Fpm(['ffi.enable=true']);
        $worker = $fpm->execute(1, $mock->environment())['worker'];
        foreach (range(1, 20) as $ignored) {
            self::assertStringContainsString('the end', $fpm->get('fatal.php', $mock->environment()));
        }
        $answer = $fpm->execute(2, $mock->environment());

        self::assertSame(['ok', $worker], [$answer['status'], $answer['worker']]);
        self::assertSame(1, $mock->handshakes());
        self::assertStringNotContainsString('exited on signal', $fpm->end());
    }

    public function testAfterFinishRequestTheBrowserDoesNotWaitButTheNextRequestDoes(): void
    {
        $mock = Mock::fresh();
        $fpm = new Fpm(['ffi.enable=true']);
        $mock->fault('{"kind":"delay","ms":700,"before":"execute"}');

        self::assertSame('saved', $fpm->get('execute_later.php', $mock->environment() + ['QUERY_STRING' => 'id=1']));
        self::assertSame([], $mock->executed());
        $fpm->get('own_ffi.php');
        self::assertSame(['task:1'], $mock->executed());
    }

    public function testMaxExecutionTimeDoesNotEndACallThatWaits(): void
    {
        $mock = Mock::fresh();
        $fpm = new Fpm(['ffi.enable=true', 'max_execution_time=1']);
        $mock->fault('{"kind":"delay","ms":1500}');
        self::assertSame('ok', $fpm->execute(1, $mock->environment())['status']);
    }

    public function testRequestTerminateTimeoutEndsTheWorkerAndNobodyLearnsTheOutcome(): void
    {
        $mock = Mock::fresh();
        $fpm = new Fpm(['ffi.enable=true'], ['request_terminate_timeout = 1s']);
        $mock->fault('{"kind":"delay","ms":20000,"before":"answer","times":1}');
        try {
            $fpm->execute(1, $mock->environment());
            self::fail('there was an answer');
        } catch (\RuntimeException $error) {
            self::assertStringContainsString('without an answer', $error->getMessage());
        }
        self::assertSame(['task:1'], $mock->executed());
        self::assertSame('ok', $fpm->execute(2, $mock->environment())['status']);
    }

    /** @return list<string> only the package, which root's FPM does not preload without a user */
    private static function preload(string $script = 'preload.php'): array
    {
        $user = Fpm::user();
        return ["opcache.preload={package}/$script", ...$user === null ? [] : ["opcache.preload_user=$user"]];
    }

    /** @return array{Support\Folder, string, string} a library and the file that there is once it was loaded */
    private static function foreignLibrary(): array
    {
        $folder = new Support\Folder();
        $mark = dirname($folder->write('marks/none', '')) . '/loaded';
        chmod(dirname($mark), 0777);
        $source = $folder->write('foreign.c', <<<'C'
            #include <fcntl.h>
            #include <unistd.h>
            __attribute__((constructor)) static void leave_a_mark(void) { close(open(MARK, O_CREAT | O_WRONLY, 0644)); }
            unsigned oo_abi_version(void) { return 1; }
            const char *oo_version(void) { return "9.9.9"; }
            C);
        $library = "$folder->path/liboo_webhooks.so.1";
        $command = ['cc', '-shared', '-fPIC', "-DMARK=\"$mark\"", '-o', $library, $source];
        $compiler = Support\Program::run($command);
        self::assertSame(0, $compiler->exitCode, $compiler->errors);
        return [$folder, $library, $mark];
    }

    /**
     * What a server's administrator makes: a header that names the library by its whole path.
     *
     * @return array{Support\Folder, string, string} they live as long as the folder
     */
    private static function preloadedHeader(): array
    {
        $folder = new Support\Folder();
        $library = $folder->copy(Support\Build::library(), 'elsewhere/liboo_webhooks.so.1');
        $header = (string) file_get_contents(dirname(__DIR__) . '/include/oo_webhooks.ffi.h');
        return [$folder, $library, $folder->write('x.ffi.h', str_replace('"liboo_webhooks.so.1"', "\"$library\"", $header))];
    }
}
