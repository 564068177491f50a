<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Doctor;
use OoWebhooks\DoctorReport;
use OoWebhooks\Finding;
use OoWebhooks\Options;
use OoWebhooks\Tests\Support\Build;
use OoWebhooks\Tests\Support\Database;
use OoWebhooks\Tests\Support\Folder;
use OoWebhooks\Tests\Support\Fpm;
use OoWebhooks\Tests\Support\Mock;
use OoWebhooks\Tests\Support\Program;
use PHPUnit\Framework\TestCase;

/** What is wrong is found, with its cure; nothing is executed and no secret is shown. */
final class DoctorTest extends TestCase
{
    /** Where the program looks at something else, or in another way. */
    private const OTHERWISE = ['library', 'header', 'program', 'Python', 'PHP (cli)', 'outbox space'];

    public function testAHealthySetUpIsSaidToBeOneInTheWordsOfTheProgram(): void
    {
        $mock = Mock::fresh();
        $outbox = self::outbox();
        $said = self::examined($mock->environment(), $outbox->path);
        self::assertSame([], self::names($said, 'bad'), json_encode($said));
        foreach (['token', 'secret', 'url', 'name', 'connection', 'clock', 'library', 'header', 'PHP (cli)', 'outbox'] as $name) {
            self::assertSame('ok', self::finding($said, $name)['grade'], $name);
        }
        self::assertSame([], $mock->executed());

        $program = Program::run(
            [Build::program(), 'doctor', '--json', '--outbox', $outbox->path],
            $mock->environment()
        );
        $theirs = json_decode($program->output, true, flags: JSON_THROW_ON_ERROR);
        self::assertSame(self::comparable($theirs), self::comparable($said));
        foreach ([$said, $theirs] as $report) {
            self::assertStringNotContainsString(Mock::TOKEN, json_encode($report));
            self::assertStringNotContainsString(Mock::SECRET, json_encode($report));
        }
    }

    public function testWhatIsWrongWithTheSettingsIsFoundInTheWordsOfTheProgram(): void
    {
        $mock = Mock::fresh();
        $right = $mock->environment();
        $foreign = self::otherAuthority();
        $cases = [
            'swapped' => [['ON_OFFICE_TOKEN' => Mock::SECRET, 'ON_OFFICE_SECRET' => Mock::TOKEN], 'credentials', 'exchange'],
            'none' => [['ON_OFFICE_TOKEN' => ''], 'token', 'set ON_OFFICE_TOKEN'],
            'quoted' => [['ON_OFFICE_SECRET' => '"' . Mock::SECRET . '"'], 'secret', 'without it'],
            'another CA' => [['ON_OFFICE_CA_FILE' => "$foreign->path/ca.pem"], 'connection', 'ON_OFFICE_CA_FILE'],
            'no CA file' => [['ON_OFFICE_CA_FILE' => '/nonexistent.pem'], 'settings', '/nonexistent.pem'],
            'nobody there' => [['ON_OFFICE_URL' => 'https://127.0.0.1:1/'], 'connection', 'firewall'],
            'no such name' => [['ON_OFFICE_URL' => 'https://name.invalid/'], 'connection', 'name servers'],
            'no such proxy' => [['ON_OFFICE_PROXY' => 'http://127.0.0.1:1'], 'connection', 'ON_OFFICE_PROXY'],
            'a URL of another kind' => [['ON_OFFICE_URL' => 'ftp://host/'], 'settings', 'https://'],
        ];
        foreach ($cases as $case => [$changes, $name, $words]) {
            $said = self::examined($changes + $right);
            $finding = self::finding($said, $name);
            self::assertSame([false, 'bad'], [$said['ok'], $finding['grade']], $case);
            self::assertStringContainsString($words, "$finding[found] $finding[cure]", $case);
            self::assertStringNotContainsString(Mock::SECRET, json_encode($said), $case);
            $program = Program::run([Build::program(), 'doctor', '--json'], $changes + $right);
            $theirs = self::finding(json_decode($program->output, true), $name);
            // A setting that is refused has the name of its variable there.
            self::assertStringEndsWith(self::words($finding), self::words($theirs), $case);
        }
        $proxied = self::examined(['HTTPS_PROXY' => 'http://127.0.0.1:1'] + $right);
        self::assertSame('warning', self::finding($proxied, 'proxy')['grade']);
        self::assertSame([], $mock->executed());
    }

    public function testAClockThatIsOffIsFound(): void
    {
        $mock = Mock::fresh();
        foreach ([[600, 'bad', '600 s behind'], [-30, 'warning', '30 s ahead of']] as [$offset, $grade, $words]) {
            $mock->clock($offset);
            $clock = self::finding(self::examined($mock->environment()), 'clock');
            self::assertSame($grade, $clock['grade'], $clock['found']);
            // A second may pass between the two clocks' looks.
            self::assertMatchesRegularExpression('/^(29|30|31|599|600|601) s (behind|ahead of) the server/', $clock['found']);
            self::assertStringContainsString(explode(' ', $words, 3)[2], $clock['found']);
            self::assertStringContainsString('NTP', $clock['cure']);
        }
    }

    public function testWithoutTheLibraryItStillLooksAndSavesAreNotSaidToFail(): void
    {
        $environment = Mock::fresh()->environment();
        $outbox = self::outbox();
        $closed = self::examined($environment, null, '0');
        self::assertSame('bad', self::finding($closed, 'library')['grade']);
        self::assertStringContainsString('ffi.enable=true', self::finding($closed, 'library')['cure']);
        self::assertSame('unknown', self::finding($closed, 'connection')['grade']);

        $named = ['ON_OFFICE_URL' => 'https://me:pass-word@127.0.0.1/'] + $environment;
        $named = self::examined($named, null, '0');
        self::assertStringContainsString('user or password', self::finding($named, 'settings')['found']);
        self::assertStringNotContainsString('pass-word', json_encode($named));

        $saves = self::examined($environment, $outbox->path, '0');
        self::assertSame(['warning', true], [self::finding($saves, 'library')['grade'], $saves['ok']]);
        $missing = self::examined(['OO_WEBHOOKS_LIBRARY' => '/nonexistent.so'] + $environment);
        self::assertStringContainsString('/nonexistent.so', self::finding($missing, 'library')['cure']);
    }

    public function testUnderFpmFfiIsJudgedByWhatFpmHas(): void
    {
        $environment = Mock::fresh()->environment();
        $name = fn (array $said): array => self::finding($said, self::names($said, null, '/^PHP \(php-fpm/')[0]);

        $closed = json_decode((new Fpm())->get('doctor.php', $environment), true);
        self::assertSame(['bad', 'warning'], [self::finding($closed, 'library')['grade'], $name($closed)['grade']]);
        self::assertStringContainsString("\nopcache.preload=", $name($closed)['cure']);
        self::assertStringContainsString("\nffi.enable=true", $name($closed)['cure']);
        self::assertSame('ok', self::finding($closed, 'opcache')['grade']);

        // The very lines that it names are a cure.
        $user = Fpm::user();
        $lines = ['opcache.preload={package}/preload.php', ...$user === null ? [] : ["opcache.preload_user=$user"]];
        $open = json_decode((new Fpm($lines))->get('doctor.php', $environment), true);
        self::assertSame(['ok', 'ok'], [self::finding($open, 'library')['grade'], $name($open)['grade']]);
        self::assertSame('ok', self::finding($open, 'connection')['grade']);
        self::assertMatchesRegularExpression('/\d+ files of this package are preloaded/', self::finding($open, 'opcache')['found']);
        self::assertSame('PHP (cli)', self::finding($open, 'PHP (cli)')['name']);

        $off = json_decode((new Fpm(['ffi.enable=0', 'opcache.enable=0']))->get('doctor.php', []), true);
        self::assertStringEndsWith("\nffi.enable=true", $name($off)['cure']);
        self::assertSame('warning', self::finding($off, 'opcache')['grade']);
        self::assertStringContainsString('env[ON_OFFICE_TOKEN]', self::finding($off, 'token')['cure']);
    }

    public function testUnderFpmAFolderIsJudgedAsItsUserSeesIt(): void
    {
        $outbox = self::outbox();
        $fpm = new Fpm();
        $rights = fn (): array => self::finding(
            json_decode($fpm->get('doctor.php', ['QUERY_STRING' => 'outbox=' . urlencode($outbox->path)]), true),
            'outbox rights'
        );
        if (Fpm::user() !== null) {
            self::assertSame('bad', $rights()['grade']);
            self::assertStringContainsString('chmod 2770', $rights()['cure']);
            foreach (['', '/tmp', '/new'] as $folder) {
                chown($outbox->path . $folder, Fpm::user());
            }
        }
        self::assertContains($rights()['grade'], ['ok', 'warning'], json_encode($rights()));
    }

    public function testWhatIsWrongWithAFolderIsFound(): void
    {
        $outbox = self::outbox();
        $look = static fn (string $name, ?string $path = null): Finding
            => self::of((new Doctor(outbox: $path ?? $outbox->path))->examine(), $name);

        self::assertSame('ok', $look('outbox rights')->grade->value);
        chmod($outbox->path, 0777);
        self::assertStringContainsString('chmod o-w', $look('outbox rights')->cure);
        chmod($outbox->path, 0755);

        rmdir("$outbox->path/retry");
        symlink('/tmp', "$outbox->path/retry");
        self::assertSame('bad', $look('outbox files')->grade->value);
        file_put_contents("$outbox->path/version", "7\n");
        self::assertSame('version "7"', $look('outbox format')->found);
        unlink("$outbox->path/version");
        posix_mkfifo("$outbox->path/version", 0600);
        self::assertSame('version is no file', $look('outbox format')->found);

        self::assertStringContainsString('mkdir', $look('outbox', "$outbox->path/nowhere")->cure);
        self::assertStringContainsString('is not a folder', $look('outbox', __FILE__)->found);
        // What the package's own writer needs and does not make.
        self::assertStringContainsString('saves fail', $look('outbox format', "$outbox->path/new")->found);
    }

    /** @dataProvider kinds */
    public function testWhatIsWrongWithADatabaseIsFound(string $kind): void
    {
        $server = Database::server($kind);
        $name = $server->make();
        $examine = static fn (\PDO $connection): DoctorReport => (new Doctor(connection: $connection))->examine();

        $worker = $examine($server->connect($name));
        foreach (['database', 'database version', 'database isolation', 'database primary', 'database schema', 'database rights'] as $what) {
            self::assertSame('ok', self::of($worker, $what)->grade->value, $what);
        }
        // The app may only INSERT, and needs no more.
        $app = $examine($server->connect($name, 'app'));
        self::assertSame('ok', self::of($app, 'database rights')->grade->value);
        self::assertSame('unknown', self::of($app, 'database schema')->grade->value);
        self::assertSame([], $server->saves($name));

        foreach ([\PDO::ERRMODE_EXCEPTION, \PDO::ERRMODE_WARNING, \PDO::ERRMODE_SILENT] as $mode) {
            $elsewhere = $server->connect($kind === 'mariadb' ? 'mysql' : 'postgres', 'root', [\PDO::ATTR_ERRMODE => $mode]);
            $rights = self::of($examine($elsewhere), 'database rights');
            self::assertSame('bad', $rights->grade->value);
            self::assertStringContainsString('oo-webhooks schema', $rights->cure);
        }
        $busy = $server->connect($name);
        $busy->beginTransaction();
        self::assertSame('unknown', self::of($examine($busy), 'database')->grade->value);
        $busy->rollBack();
    }

    /** @return array<string, array{string}> */
    public static function kinds(): array
    {
        return ['MariaDB' => ['mariadb'], 'PostgreSQL' => ['postgresql']];
    }

    public function testMysqliIsLookedAtToo(): void
    {
        $server = Database::server('mariadb');
        $connection = new \mysqli(username: 'app', database: $server->make(), socket: $server->socket);
        self::assertSame('ok', self::of((new Doctor(connection: $connection))->examine(), 'database rights')->grade->value);
        $lite = new class () extends \PDO {
            public function __construct()
            {
            }

            public function getAttribute(int $attribute): mixed
            {
                return 'sqlite';
            }
        };
        self::assertSame('bad', self::of((new Doctor(connection: $lite))->examine(), 'database')->grade->value);
    }

    public function testTheTextIsThatOfTheProgram(): void
    {
        $mock = Mock::fresh();
        $options = new Options('geheim', Mock::SECRET, url: $mock->url, caFile: $mock->caFile);
        $text = (string) (new Doctor($options))->examine();
        self::assertStringStartsWith("warning  token              ON_OFFICE_TOKEN has 6 characters; usual are 32\n", $text);
        self::assertStringContainsString("\n                            -> copy it again, if calls are not authenticated\n", $text);
        self::assertStringEndsWith("\n\nnothing must be cured\n", $text);
        self::assertStringNotContainsString('geheim', $text);
    }

    /**
     * @param array<string, string> $environment
     *
     * @return array{ok: bool, findings: list<array{name: string, grade: string, found: string, cure: string|null}>}
     */
    private static function examined(array $environment, ?string $outbox = null, string $ffi = 'true'): array
    {
        $arguments = ['-d', "ffi.enable=$ffi", __DIR__ . '/programs/doctor.php', ...$outbox === null ? [] : [$outbox]];
        $program = Program::php($arguments, $environment + ['OO_WEBHOOKS_LIBRARY' => Build::library()]);
        self::assertSame(['', 0], [$program->errors, $program->exitCode]);
        return json_decode($program->output, true, flags: JSON_THROW_ON_ERROR);
    }

    /** @return array{name: string, grade: string, found: string, cure: string|null} */
    private static function finding(array $report, string $name): array
    {
        foreach ($report['findings'] as $finding) {
            if ($finding['name'] === $name) {
                return $finding;
            }
        }
        self::fail("nothing about $name: " . json_encode($report));
    }

    /** @param array{found: string, cure: string|null} $finding */
    private static function words(array $finding): string
    {
        return $finding['found'] . ($finding['cure'] === null ? '' : ": $finding[cure]");
    }

    private static function of(DoctorReport $report, string $name): Finding
    {
        foreach ($report->findings as $finding) {
            if ($finding->name === $name) {
                return $finding;
            }
        }
        self::fail("nothing about $name: $report");
    }

    /** @return list<string> */
    private static function names(array $report, ?string $grade, string $pattern = '//'): array
    {
        $wanted = static fn (array $finding): bool
            => ($grade === null || $finding['grade'] === $grade) && preg_match($pattern, $finding['name']) === 1;
        return array_values(array_column(array_filter($report['findings'], $wanted), 'name'));
    }

    /** @return list<string> all that program and package look at in the same way, without what was measured */
    private static function comparable(array $report): array
    {
        $lines = [];
        foreach ($report['findings'] as $finding) {
            if (!in_array($finding['name'], self::OTHERWISE, true)) {
                ksort($finding);
                $lines[] = preg_replace('/\(\d+ ms\)/', '', json_encode($finding));
            }
        }
        return $lines;
    }

    private static function outbox(): Folder
    {
        $folder = new Folder();
        Program::run([Build::program(), 'status', '--outbox', $folder->path]);
        return $folder;
    }

    /** The certificate of another authority. */
    private static function otherAuthority(): Folder
    {
        $folder = new Folder();
        $words = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=other';
        $made = Program::run(['openssl', 'req', ...explode(' ', $words), '-keyout', "$folder->path/key", '-out', "$folder->path/ca.pem"]);
        self::assertSame(0, $made->exitCode, $made->errors);
        return $folder;
    }
}
