<?php

declare(strict_types=1);

namespace OoWebhooks\Tests\Support;

/** A program that a test runs to its end, which comes within a minute. */
final class Program
{
    private function __construct(
        public readonly int $exitCode,
        public readonly string $output,
        public readonly string $errors,
    ) {
    }

    /**
     * @param list<string>          $command
     * @param array<string, string> $environment beside the test's own
     * @param string|null           $folder      to run it in
     */
    public static function run(array $command, array $environment = [], int $seconds = 60, ?string $folder = null): self
    {
        $pipes = [];
        $streams = [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']];
        $process = proc_open($command, $streams, $pipes, $folder, $environment + getenv());
        fclose($pipes[0]);
        $texts = self::read([1 => $pipes[1], 2 => $pipes[2]], microtime(true) + $seconds);
        if ($texts === null) {
            proc_terminate($process, SIGKILL);
            proc_close($process);
            throw new \RuntimeException(implode(' ', $command) . " did not end within $seconds s");
        }
        return new self(proc_close($process), $texts[1], $texts[2]);
    }

    /**
     * PHP with these arguments, in a process of its own.
     *
     * @param list<string>          $arguments
     * @param array<string, string> $environment
     */
    public static function php(array $arguments, array $environment = [], ?string $folder = null): self
    {
        return self::run([PHP_BINARY, ...$arguments], $environment, folder: $folder);
    }

    /**
     * @param array<int, resource> $pipes
     *
     * @return array<int, string>|null what came from each until its end; null when it did not come in time
     */
    private static function read(array $pipes, float $deadline): ?array
    {
        $texts = array_fill_keys(array_keys($pipes), '');
        while ($pipes !== []) {
            [$readable, $none] = [$pipes, null];
            $left = $deadline - microtime(true);
            if ($left <= 0 || stream_select($readable, $none, $none, (int) ceil($left)) === 0) {
                return null;
            }
            foreach ($readable as $number => $pipe) {
                $piece = fread($pipe, 65536);
                $texts[$number] .= $piece;
                if ($piece === '' || $piece === false) {
                    fclose($pipe);
                    unset($pipes[$number]);
                }
            }
        }
        return $texts;
    }
}
