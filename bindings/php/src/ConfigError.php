<?php

declare(strict_types=1);

namespace OoWebhooks;

/** Options, library or environment are wrong; nothing was sent. The message names the cause and the cure. */
final class ConfigError extends WebhooksError
{
}
