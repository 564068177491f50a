<?php

declare(strict_types=1);

namespace OoWebhooks\Internal;

use OoWebhooks\Outcome;
use OoWebhooks\Result;
use Psr\Log\LoggerInterface;

/**
 * Writes one line for each result to a PSR-3 logger.
 *
 * @internal
 */
final class OutcomeLog
{
    public function __construct(private readonly LoggerInterface $logger)
    {
    }

    /** @param list<Result> $results */
    public function add(array $results): void
    {
        foreach ($results as $result) {
            try {
                $this->logger->log(self::level($result->outcome), $result->message, self::context($result));
            } catch (\Throwable) {
                // A disk that is full must not hide that the webhooks were executed: the caller would repeat them.
            }
        }
    }

    private static function level(Outcome $outcome): string
    {
        return match ($outcome) {
            Outcome::Executed => 'info',
            Outcome::NotSent => 'warning',
            Outcome::Rejected, Outcome::InDoubt => 'error',
        };
    }

    /** @return array<string, string|int> */
    private static function context(Result $result): array
    {
        return [
            'module' => $result->module->value,
            'id' => $result->id,
            'outcome' => $result->outcome->value,
            'status' => $result->status->name(),
            'http_status' => $result->httpStatus,
            'error_code' => $result->errorCode,
        ];
    }
}
