<?php

declare(strict_types=1);

namespace OoWebhooks;

use OoWebhooks\Internal\Records;
use OoWebhooks\Internal\ThrowsUnlessExecuted;

/**
 * A client without a network, for the tests of programs: it checks its arguments as {@see Client} does, answers what
 * it is told to, and keeps the records. It needs neither FFI nor the library.
 */
final class FakeClient implements ExecutesWebhooks
{
    use ThrowsUnlessExecuted;

    private Status $status = Status::Ok;
    private int $errorCode = 0;
    private bool $isClosed = false;

    /** @var list<Record> */
    private array $executed = [];

    /** What to answer from now on, whatever the record is. */
    public function answerWith(Status $status, int $errorCode = 0): void
    {
        $this->status = $status;
        $this->errorCode = $errorCode;
    }

    /**
     * The records it was asked to execute, in order and whatever the answer was, repeats included.
     *
     * @return list<Record>
     */
    public function executed(): array
    {
        return $this->executed;
    }

    /** Forgets the records and answers with success again. */
    public function reset(): void
    {
        $this->executed = [];
        $this->answerWith(Status::Ok);
    }

    /** As {@see Client::connect}: Ok, or what it was told to answer when that is a way not to be sent. */
    public function connect(int $timeoutMs = 0): Status
    {
        if ($timeoutMs < 0) {
            throw new \ValueError('timeoutMs is 0, for the connect timeout, or more');
        }
        if ($this->isClosed) {
            throw new \LogicException('the client is closed: make a new one');
        }
        return $this->status->outcome() === Outcome::NotSent ? $this->status : Status::Ok;
    }

    public function tryExecuteWebhooks(Module|string $module, mixed $id): Result
    {
        return $this->tryExecuteAll([new Record($module, $id)])[0];
    }

    public function tryExecuteAll(iterable $records): array
    {
        $records = Records::check($records);
        if ($this->isClosed) {
            throw new \LogicException('the client is closed: make a new one');
        }
        array_push($this->executed, ...$records);
        return array_map($this->result(...), $records);
    }

    public function close(): void
    {
        $this->isClosed = true;
    }

    private function result(Record $record): Result
    {
        $outcome = $this->status->outcome();
        $answered = $outcome === Outcome::Executed || $outcome === Outcome::Rejected;
        $code = $this->errorCode === 0 ? '' : " (error $this->errorCode)";
        return new Result(
            status: $this->status,
            outcome: $outcome,
            module: $record->module,
            id: $record->id,
            httpStatus: $answered ? 200 : 0,
            errorCode: $this->errorCode,
            message: "{$record->module->value} $record->id: {$this->status->name()}$code, as the fake client was told",
            body: null,
        );
    }
}
