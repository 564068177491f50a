<?php

declare(strict_types=1);

namespace OoWebhooks;

/** The outbox cannot be read or written; the message names the cause and the cure. The code is that of the status. */
final class OutboxError extends WebhooksError
{
    public function __construct(string $message, ?\Throwable $previous = null)
    {
        parent::__construct($message, Status::OutboxFailed->value, previous: $previous);
    }
}
