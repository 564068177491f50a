<?php

declare(strict_types=1);

namespace OoWebhooks;

/** What {@see Client} and {@see FakeClient} have in common: the type for code that executes webhooks. */
interface ExecutesWebhooks
{
    /**
     * Executes all active marketplace webhooks of a record that was just saved, and waits for the answer.
     *
     * @param Module|string $module a module, or its word: "estate", "address", "task" or "calendar"
     * @param int<1, max>   $id     the record number; anything but an int is a \TypeError, nothing is coerced
     *
     * @return Result that is executed
     *
     * @throws RejectedError   fix the cause, a repeat is pointless
     * @throws NotSentError    retry freely
     * @throws InDoubtError    decide: a repeat may execute the webhooks twice
     * @throws \ValueError     for an unknown module and an id below 1
     * @throws \LogicException when the client is closed
     */
    public function executeWebhooks(Module|string $module, mixed $id): Result;

    /**
     * Executes the webhooks of 1 to 500 different records in one exchange.
     *
     * @param iterable<Record> $records
     *
     * @return non-empty-list<Result> one a record, in their order, all of them executed
     *
     * @throws WebhooksError   by the result that most needs attention, when one of them is not executed; it has
     *                         all results
     * @throws \ValueError     for no record, more than 500, and one that is given twice
     * @throws \LogicException when the client is closed
     */
    public function executeAll(iterable $records): array;

    /**
     * As executeWebhooks, but every outcome is reported by the result.
     *
     * @param Module|string $module as for executeWebhooks
     * @param int<1, max>   $id     as for executeWebhooks
     *
     * @throws \ValueError     for an unknown module and an id below 1
     * @throws \LogicException when the client is closed
     */
    public function tryExecuteWebhooks(Module|string $module, mixed $id): Result;

    /**
     * As executeAll, but every outcome is reported by the results.
     *
     * @param iterable<Record> $records
     *
     * @return non-empty-list<Result> one a record, in their order
     *
     * @throws \ValueError     for no record, more than 500, and one that is given twice
     * @throws \LogicException when the client is closed
     */
    public function tryExecuteAll(iterable $records): array;

    /** Lets go of the credentials; what comes after is a \LogicException. Closing twice does nothing. */
    public function close(): void;
}
