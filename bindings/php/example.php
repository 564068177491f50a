<?php

/*
 * Executes the marketplace webhooks of one record and shows what each outcome asks of the caller.
 *
 *     ON_OFFICE_TOKEN=... ON_OFFICE_SECRET=... php -d ffi.enable=true example.php address 15005
 *
 * It ends with the number of the outcome: 0 executed, 1 rejected, 2 not sent, 3 in doubt.
 */

declare(strict_types=1);

// With Composer: vendor/autoload.php.
require __DIR__ . '/autoload.php';

use OoWebhooks\Client;
use OoWebhooks\ConfigError;
use OoWebhooks\InDoubtError;
use OoWebhooks\NotSentError;
use OoWebhooks\RejectedError;

function execute(string $module, int $id): int
{
    try {
        // Token and secret, and a URL or CA file if set, come from the environment.
        Client::fromEnvironment()->executeWebhooks($module, $id);
        echo "executed: $module $id\n";
        return 0;
    } catch (RejectedError $error) {
        echo "fix the cause: {$error->getMessage()} (onOffice's error $error->errorCode)\n";
        return 1;
    } catch (NotSentError $error) {
        echo "nothing was sent: {$error->getMessage()}\n";
        return 2;
    } catch (InDoubtError $error) {
        echo "a repeat may execute twice: {$error->getMessage()}\n";
        return 3;
    }
}

$module = $argv[1] ?? 'address';
$id = filter_var($argv[2] ?? '15005', FILTER_VALIDATE_INT);
if ($id === false) {
    fwrite(STDERR, "usage: $argv[0] [estate|address|task|calendar] [id]\n");
    exit(64);
}
try {
    exit(execute($module, $id));
} catch (ConfigError | \ValueError $error) {
    // Nothing was sent: a setting, the environment or an argument is wrong.
    fwrite(STDERR, "{$error->getMessage()}\n");
    exit(2);
}
