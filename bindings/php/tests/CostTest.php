<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Internal\Library;
use OoWebhooks\Tests\Support\Mock;
use OoWebhooks\Tests\Support\Program;
use PHPUnit\Framework\TestCase;

/** What a call costs, by what can be counted: files that are loaded, and what FFI has to parse. */
final class CostTest extends TestCase
{
    public function testACallLoadsOneFile(): void
    {
        $code = sprintf(
            'require %s; OoWebhooks\Client::fromEnvironment()->executeWebhooks("task", 1);'
            . ' echo implode(" ", array_map(fn ($file) => basename($file, ".php"), get_included_files()));',
            var_export(dirname(__DIR__) . '/autoload.php', true)
        );
        $program = Program::php(['-r', $code], Mock::fresh()->environment());
        self::assertSame(['', 0], [$program->errors, $program->exitCode]);
        self::assertSame('autoload call', $program->output);
    }

    /** It is parsed in each request that makes a client. */
    public function testWhatACallDeclaresIsOfTheHeaderAndASmallPartOfIt(): void
    {
        $header = (string) file_get_contents(dirname(__DIR__) . '/include/oo_webhooks.ffi.h');
        [$call, $connect, $options, $requests] = array_map(
            static fn (string $name): string => (new \ReflectionClassConstant(Library::class, $name))->getValue(),
            ['CALL', 'CONNECT', 'OPTIONS', 'REQUESTS']
        );

        self::assertLessThan(strlen($header) / 5, strlen($call));
        $declared = array_map(self::declarations(...), [$call, $connect, $options, $requests]);
        self::assertSame([5, 1, 10, 16], array_map(count(...), $declared));
        self::assertSame([], array_diff(array_merge(...$declared), self::declarations($header)));
        self::assertSame(self::fields($header), self::fields($call));
        $fields = str_replace('const void *body', 'const char *body', self::fields($requests));
        self::assertSame(self::fields($header), $fields);
    }

    /** A client, or one that is refused, a call, a connection ahead and several records do without the rest of the header. */
    public function testTheWholeHeaderIsNotReadForACall(): void
    {
        $package = dirname(__DIR__);
        $folder = new Support\Folder();
        foreach (['src', 'autoload.php', 'call.php'] as $part) {
            $folder->copy("$package/$part", "package/$part");
        }
        $code = <<<'PHP'
            require 'package/autoload.php';
            $client = OoWebhooks\Client::fromEnvironment();
            $client->connect();
            $client->executeWebhooks('task', 1);
            $client->executeAll([new OoWebhooks\Record('task', 2), new OoWebhooks\Record('task', 3)]);
            $refused = [
                fn () => new OoWebhooks\Client(new OoWebhooks\Options('t', 's', url: 'ftp://host/')),
                fn () => (new OoWebhooks\Outbox(sys_get_temp_dir()))->counts(),
            ];
            foreach ($refused as $call) {
                try {
                    $call();
                } catch (OoWebhooks\ConfigError $error) {
                    echo $error->getMessage(), "\n";
                }
            }
            PHP;
        $program = Program::php(['-r', $code], Mock::fresh()->environment(), $folder->path);
        self::assertSame(['', 0], [$program->errors, $program->exitCode]);
        self::assertMatchesRegularExpression('~^the URL does not begin with https://.*\ncannot read .*\n$~', $program->output);
    }

    /** @return list<string> the functions, with handles as `void *` and enums as numbers */
    private static function declarations(string $header): array
    {
        preg_match_all('/^[\w *]+\boo_\w+\([^)]*\);/m', (string) preg_replace('/^ +/m', '', $header), $found);
        $plain = [
            '/\s+/' => ' ',
            '/\boo_(status|outcome)\b(?! ?\()/' => 'int32_t',
            '/(const )?\boo_(?!result_fields)\w+ (\*+)/' => 'void $2',
            '/\bint64_t \*ids/' => 'char *ids',
        ];
        return preg_replace(array_keys($plain), array_values($plain), $found[0]);
    }

    private static function fields(string $header): string
    {
        self::assertSame(1, preg_match('/typedef struct (?:oo_result_fields )?(\{.*?\} oo_result_fields;)/s', $header, $found));
        return (string) preg_replace('/\s+/', ' ', strtr($found[1], [', ' => '; int32_t ']));
    }
}
