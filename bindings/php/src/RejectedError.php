<?php

declare(strict_types=1);

namespace OoWebhooks;

/** onOffice answered that it did not do it: fix the cause, a repeat is pointless. */
final class RejectedError extends WebhooksError
{
    /** onOffice's error code; 0 when it gave none. */
    public readonly int $errorCode;

    /** @param list<Result> $results */
    public function __construct(
        string $message,
        int $code = 0,
        ?Result $result = null,
        array $results = [],
        ?\Throwable $previous = null,
    ) {
        parent::__construct($message, $code, $result, $results, $previous);
        $this->errorCode = $result->errorCode ?? 0;
    }
}
