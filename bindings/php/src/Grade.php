<?php

declare(strict_types=1);

namespace OoWebhooks;

/** What a doctor says of something. */
enum Grade: string
{
    case Good = 'ok';
    /** To be known; it works all the same. */
    case Warning = 'warning';
    /** To be cured. */
    case Bad = 'bad';
    /** It could not be looked at, or is not there. */
    case Unknown = 'unknown';
}
