<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\Module;
use OoWebhooks\Outcome;
use OoWebhooks\Result;
use OoWebhooks\WebhooksError;

/**
 * The two methods that throw, by way of those that report.
 *
 * @internal
 */
trait ThrowsUnlessExecuted
{
    public function executeWebhooks(Module|string $module, mixed $id): Result
    {
        $result = $this->tryExecuteWebhooks($module, $id);
        return $result->outcome === Outcome::Executed ? $result : throw WebhooksError::about([$result]);
    }

    public function executeAll(iterable $records): array
    {
        $results = $this->tryExecuteAll($records);
        foreach ($results as $result) {
            if ($result->outcome !== Outcome::Executed) {
                throw WebhooksError::about($results);
            }
        }
        return $results;
    }
}
