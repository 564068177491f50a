<?php

declare(strict_types=1);

namespace OoWebhooks\Tests;

use OoWebhooks\Module;
use OoWebhooks\Result;
use OoWebhooks\Status;
use PHPUnit\Framework\TestCase;

final class ResultTest extends TestCase
{
    /**
     * @dataProvider statuses
     * @param non-empty-list<Status> $statuses
     */
    public function testTheWorstIsTheOneThatMostNeedsAttention(array $statuses, Status $worst): void
    {
        $results = array_map(self::resultWith(...), $statuses);
        self::assertSame($worst, Result::worst($results)->status);
    }

    /** @return array<string, array{non-empty-list<Status>, Status}> */
    public static function statuses(): array
    {
        return [
            'one' => [[Status::Ok], Status::Ok],
            'not sent before executed' => [[Status::Ok, Status::DnsFailed, Status::Ok], Status::DnsFailed],
            'rejected before not sent' => [[Status::DnsFailed, Status::NotAllowed], Status::NotAllowed],
            'rejected before not sent, first' => [[Status::NotAllowed, Status::DnsFailed], Status::NotAllowed],
            'in doubt before rejected' => [[Status::Rejected, Status::Timeout, Status::Ok], Status::Timeout],
            'in doubt before rejected, first' => [[Status::Timeout, Status::Rejected], Status::Timeout],
            'the first of an outcome' => [[Status::Ok, Status::BadResponse, Status::Timeout], Status::BadResponse],
        ];
    }

    private static function resultWith(Status $status): Result
    {
        return new Result($status, $status->outcome(), Module::Task, 1, 0, 0, '', null);
    }
}
