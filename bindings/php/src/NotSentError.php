<?php

declare(strict_types=1);

namespace OoWebhooks;

/** No byte of the request can have reached onOffice: retry freely. */
final class NotSentError extends WebhooksError
{
}
