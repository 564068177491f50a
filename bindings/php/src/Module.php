<?php

declare(strict_types=1);

namespace OoWebhooks;

/** What kind of record it is; the values are the API's own words. */
enum Module: string
{
    case Estate = 'estate';
    case Address = 'address';
    case Task = 'task';
    case Calendar = 'calendar';
}
