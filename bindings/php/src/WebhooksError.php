<?php

declare(strict_types=1);

namespace OoWebhooks;

/**
 * Base of the errors: a record's webhooks were not executed, as far as is known. The subclass says what the caller
 * may do next. The code is the number of the status.
 */
abstract class WebhooksError extends \RuntimeException
{
    /**
     * @param Result|null  $result  what is known about the record, of several the one that most needs attention;
     *                              null when there was no call
     * @param list<Result> $results of all records, in their order
     */
    public function __construct(
        string $message,
        int $code = 0,
        public readonly ?Result $result = null,
        public readonly array $results = [],
        ?\Throwable $previous = null,
    ) {
        parent::__construct($message, $code, $previous);
    }

    /**
     * The error for results of which at least one is not executed.
     *
     * @param non-empty-list<Result> $results
     */
    public static function about(array $results): self
    {
        $worst = Result::worst($results);
        $class = match (true) {
            // Statuses 1 to 9: to retry would not help, whatever the outcome allows.
            $worst->status->value > 0 && $worst->status->value < 10 => ConfigError::class,
            $worst->outcome === Outcome::Rejected => RejectedError::class,
            $worst->outcome === Outcome::NotSent => NotSentError::class,
            default => InDoubtError::class,
        };
        return new $class($worst->message, $worst->status->value, $worst, $results);
    }
}
