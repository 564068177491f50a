<?php

// Deliberately without strict_types, as many programs are: here PHP would turn 1.9, "5" and true into ints.

namespace OoWebhooks\Tests\Support;

use OoWebhooks\ExecutesWebhooks;
use OoWebhooks\Record;

final class LooseCaller
{
    public static function execute(ExecutesWebhooks $client, $module, $id)
    {
        return $client->executeWebhooks($module, $id);
    }

    public static function record($module, $id)
    {
        return new Record($module, $id);
    }
}
