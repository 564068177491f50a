<?php

declare(strict_types=1);

namespace OoWebhooks;

/** What the caller may do next. */
enum Outcome: string
{
    /** onOffice answered success: go on. */
    case Executed = 'executed';

    /** onOffice answered that it did not do it: fix the cause, a repeat is pointless. */
    case Rejected = 'rejected';

    /** No byte of the request can have reached onOffice: retry freely. */
    case NotSent = 'not_sent';

    /** It may or may not have been executed: a repeat may execute the webhooks twice. */
    case InDoubt = 'in_doubt';
}
