<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Client;
use OoWebhooks\ConfigError;
use OoWebhooks\Options;
use OoWebhooks\Status;
use OoWebhooks\Tests\Support\Mock;
use PHPUnit\Framework\TestCase;

final class OptionsTest extends TestCase
{
    private const NAMES = ['TOKEN', 'SECRET', 'URL', 'CA_FILE', 'PROXY', 'TIMEOUT_MS'];

    protected function tearDown(): void
    {
        foreach (self::NAMES as $name) {
            putenv("ON_OFFICE_$name");
            unset($_SERVER["ON_OFFICE_$name"], $_ENV["ON_OFFICE_$name"]);
        }
    }

    public function testTheEnvironmentNamesAllSettings(): void
    {
        foreach (['t', 's', 'https://x/', '/ca.pem', 'http://p:1', '1500'] as $index => $value) {
            putenv('ON_OFFICE_' . self::NAMES[$index] . "=$value");
        }
        $options = Options::fromEnvironment();
        self::assertSame(['t', 's', 'https://x/', '/ca.pem', 'http://p:1', null, 1500], [
            $options->token(), $options->secret(), $options->url, $options->caFile, $options->proxy(),
            $options->connectTimeoutMs, $options->timeoutMs,
        ]);
    }

    public function testWhatADotenvFileOrTheWebServerSetComesBeforeTheProcess(): void
    {
        putenv('ON_OFFICE_TOKEN=of the process');
        $_ENV['ON_OFFICE_SECRET'] = 'of the .env file';
        $_ENV['ON_OFFICE_TOKEN'] = 'of the .env file';
        $_SERVER['ON_OFFICE_TOKEN'] = 'of the server';
        $options = Options::fromEnvironment();
        self::assertSame(['of the server', 'of the .env file'], [$options->token(), $options->secret()]);
    }

    public function testOneThatIsEmptyCountsAsNotSet(): void
    {
        [$_ENV['ON_OFFICE_TOKEN'], $_ENV['ON_OFFICE_SECRET']] = ['t', 's'];
        foreach (['URL', 'CA_FILE', 'PROXY', 'TIMEOUT_MS'] as $name) {
            $_ENV["ON_OFFICE_$name"] = '';
        }
        $options = Options::fromEnvironment();
        self::assertSame([null, null, null, null], [
            $options->url, $options->caFile, $options->proxy(), $options->timeoutMs,
        ]);
    }

    /**
     * @dataProvider environmentsThatAreRefused
     * @param array<string, string> $environment
     */
    public function testARefusedEnvironmentNamesTheVariable(array $environment, Status $status, string $named): void
    {
        foreach ($environment as $name => $value) {
            $_ENV["ON_OFFICE_$name"] = $value;
        }
        try {
            Options::fromEnvironment();
            self::fail('not refused');
        } catch (ConfigError $error) {
            self::assertStringContainsString($named, $error->getMessage());
            self::assertSame($status->value, $error->getCode());
            self::assertStringNotContainsString('hidden', $error->getMessage());
        }
    }

    /** @return iterable<string, array{array<string, string>, Status, string}> */
    public static function environmentsThatAreRefused(): iterable
    {
        $both = ['TOKEN' => 'hidden', 'SECRET' => 'hidden'];
        yield 'nothing' => [[], Status::NotConfigured, 'ON_OFFICE_TOKEN and ON_OFFICE_SECRET'];
        yield 'a token alone' => [['TOKEN' => 'hidden'], Status::NotConfigured, 'ON_OFFICE_SECRET is not'];
        yield 'a secret alone' => [['SECRET' => 'hidden'], Status::NotConfigured, 'ON_OFFICE_TOKEN is not'];
        yield 'an empty secret' => [['SECRET' => ''] + $both, Status::NotConfigured, 'ON_OFFICE_SECRET is not'];
        yield 'a NUL' => [['SECRET' => "hidden\0"] + $both, Status::InvalidOption, 'secret'];
        foreach (['abc', '1.9', '1e3', '99999999999999999999', '0x10'] as $value) {
            yield "a timeout of $value" => [$both + ['TIMEOUT_MS' => $value], Status::InvalidOption, 'ON_OFFICE_TIMEOUT_MS'];
        }
    }

    public function testNoDumpShowsCredentials(): void
    {
        $options = new Options('hidden token', 'hidden secret', proxy: 'http://user:hidden@proxy:1');
        $client = new Client($options);
        foreach ([$options, $client] as $object) {
            ob_start();
            var_dump($object);
            print_r($object);
            var_export((array) $object);
            $dump = ob_get_clean() . json_encode($object);
            self::assertStringNotContainsString('hidden', $dump);
        }
    }

    public function testNoStackTraceShowsCredentials(): void
    {
        ini_set('zend.exception_ignore_args', '0');
        $traces = '';
        foreach ([["hidden\0", 'hidden'], ['hidden', "hidden\0"]] as [$token, $secret]) {
            try {
                new Options($token, $secret);
            } catch (\ValueError $error) {
                $traces .= $error->getTraceAsString() . print_r(self::argumentsIn($error), true);
            }
        }
        try {
            new Client(new Options('hidden', 'hidden', timeoutMs: 0));
        } catch (ConfigError $error) {
            $traces .= $error->getTraceAsString() . print_r(self::argumentsIn($error), true);
        }
        self::assertStringContainsString('Options->__construct', $traces);
        self::assertStringNotContainsString('hidden', $traces);
    }

    /** A setting that the library refuses is named by it.
     *
     * @dataProvider settingsThatAreRefused
     * @param array<string, string|int> $settings
     */
    public function testASettingOutOfItsRangeMakesNoClient(array $settings, string $named): void
    {
        $this->expectException(ConfigError::class);
        $this->expectExceptionMessageMatches("/$named/i");
        new Client(new Options(...$settings + ['token' => Mock::TOKEN, 'secret' => Mock::SECRET]));
    }

    /** @return iterable<array{array<string, string|int>, string}> */
    public static function settingsThatAreRefused(): iterable
    {
        yield [['token' => ''], 'token'];
        yield [['secret' => ''], 'secret'];
        yield [['url' => ''], 'url'];
        yield [['url' => 'http://api.example/'], 'https'];
        yield [['caFile' => ''], 'CA file'];
        yield [['proxy' => 'ftp://x'], 'proxy'];
        foreach ([0, -1, 86400001, 1 << 32, (1 << 32) + 1, PHP_INT_MAX, PHP_INT_MIN] as $milliseconds) {
            yield [['timeoutMs' => $milliseconds], 'timeout'];
            yield [['connectTimeoutMs' => $milliseconds], 'connect timeout'];
        }
    }

    /** @return list<array<mixed>> the arguments of the package's own frames */
    private static function argumentsIn(\Throwable $error): array
    {
        $own = static fn (array $frame): bool => !str_starts_with($frame['class'] ?? '', 'PHPUnit\\');
        return array_column(array_filter($error->getTrace(), $own), 'args');
    }
}
