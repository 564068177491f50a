<?php

// Ends a request while a client, a request and a result are alive, without any destructor.

declare(strict_types=1);

require $_SERVER['OO_WEBHOOKS_AUTOLOAD'];

$client = OoWebhooks\Client::fromEnvironment();
$request = new OoWebhooks\Request();
$request->add('task', 1);
$result = $client->tryExecuteWebhooks('task', 1);
trigger_error('the end', E_USER_ERROR);
