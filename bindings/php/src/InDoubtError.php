<?php

declare(strict_types=1);

namespace OoWebhooks;

/** It may or may not have been executed: decide, a repeat may execute the webhooks twice. */
final class InDoubtError extends WebhooksError
{
}
