<?php

// Answers the browser first and executes the webhooks then, under FPM.

declare(strict_types=1);

require $_SERVER['OO_WEBHOOKS_AUTOLOAD'];

echo 'saved';
fastcgi_finish_request();
OoWebhooks\Client::fromEnvironment()->executeWebhooks('task', (int) $_GET['id']);
