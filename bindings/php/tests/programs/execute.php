<?php

// Executes the webhooks of the task in the query and says what it knows afterwards, under FPM.

declare(strict_types=1);

require $_SERVER['OO_WEBHOOKS_AUTOLOAD'];

try {
    $result = OoWebhooks\Client::fromEnvironment()->tryExecuteWebhooks('task', (int) $_GET['id']);
    $answer = ['status' => $result->status->name(), 'error_code' => $result->errorCode, 'message' => $result->message];
} catch (OoWebhooks\ConfigError $error) {
    $answer = ['status' => 'config_error', 'message' => $error->getMessage()];
}
echo json_encode(['worker' => getmypid()] + $answer, JSON_THROW_ON_ERROR);
