<?php

declare(strict_types=1);

namespace OoWebhooks;

/** What becomes of a record that is in doubt. */
enum WhenInDoubt: string
{
    /** It is held for a person: executed at most once. */
    case Hold = 'hold';

    /** It is sent again after a pause, for a day at most: executed at least once, perhaps twice. */
    case Resend = 'resend';

    /** It is counted and forgotten: executed at most once, perhaps never. */
    case Drop = 'drop';
}
