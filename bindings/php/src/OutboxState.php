<?php

declare(strict_types=1);

namespace OoWebhooks;

/** Where a record of an outbox is. */
enum OutboxState: string
{
    /** It will be sent, now or after a pause. */
    case Waiting = 'waiting';

    /** It is being sent, or its sender died and no drain has seen it since. */
    case Sending = 'sending';

    /** It may or may not have been executed. It is held for a person, or until it is saved again. */
    case Doubt = 'doubt';

    /** It was not executed and is not tried again, unless a person says so or it is saved again. */
    case Failed = 'failed';
}
