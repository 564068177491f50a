<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Module;
use OoWebhooks\Outcome;
use OoWebhooks\Result;
use OoWebhooks\Status;
use OoWebhooks\Tests\Support\Build;
use PHPUnit\Framework\TestCase;

/** The package's own copy of what the library says. */
final class StatusTest extends TestCase
{
    public function testEveryStatusOfTheHeaderIsACaseWithItsNumber(): void
    {
        preg_match_all('/OO_STATUS_(\w+) = (\d+)/', self::header(), $found);
        $cases = array_map(static fn (Status $status): string => strtoupper($status->name()), Status::cases());
        self::assertSame(array_combine($found[1], $found[2]), array_combine($cases, array_map(
            static fn (Status $status): string => (string) $status->value,
            Status::cases()
        )));
    }

    public function testNamesAndOutcomesAreThoseOfTheLibrary(): void
    {
        $library = \FFI::cdef('const char *oo_status_name(int); int oo_status_outcome(int);', Build::library());
        $outcomes = [Outcome::Executed, Outcome::Rejected, Outcome::NotSent, Outcome::InDoubt];
        foreach (Status::cases() as $status) {
            self::assertSame($library->oo_status_name($status->value), $status->name());
            self::assertSame($outcomes[$library->oo_status_outcome($status->value)], $status->outcome());
        }
    }

    public function testTheWorstOfTwoIsTheLibrarys(): void
    {
        $library = \FFI::cdef('int oo_status_worst(int, int);', Build::library());
        $result = static fn (Status $status): Result =>
            new Result($status, $status->outcome(), Module::Task, 1, 0, 0, '', null);
        foreach (Status::cases() as $first) {
            foreach (Status::cases() as $second) {
                $worst = Result::worst([$result($first), $result($second)])->status;
                self::assertSame($library->oo_status_worst($first->value, $second->value), $worst->value);
            }
        }
    }

    public function testThePackagesHeaderIsTheProjects(): void
    {
        self::assertSame(self::header(), file_get_contents(__DIR__ . '/../include/oo_webhooks.ffi.h'));
    }

    private static function header(): string
    {
        return (string) file_get_contents(Build::root() . '/include/oo_webhooks.ffi.h');
    }
}
