<?php

// Makes a client and says how that went.

declare(strict_types=1);

require $_SERVER['OO_WEBHOOKS_AUTOLOAD'];

try {
    new OoWebhooks\Client(new OoWebhooks\Options('t', 's'));
    echo 'loaded';
} catch (OoWebhooks\ConfigError $error) {
    echo $error->getMessage();
}
