<?php

declare(strict_types=1);

namespace OoWebhooks;

/** What is known about one record after a call. */
final class Result
{
    /**
     * @param int         $httpStatus of the answer; 0 when none came
     * @param int         $errorCode  onOffice's; 0 when it gave none
     * @param string      $message    one line for a log: the record, what happened, the cause and the cure. Never a
     *                                token or a secret
     * @param string|null $body       the answer as received, for all records of its request; null when no whole
     *                                answer came. It is whatever a server sent: treat it so
     */
    public function __construct(
        public readonly Status $status,
        public readonly Outcome $outcome,
        public readonly Module $module,
        public readonly int $id,
        public readonly int $httpStatus,
        public readonly int $errorCode,
        public readonly string $message,
        public readonly ?string $body,
    ) {
    }

    /** Whether onOffice said that it executed the record's webhooks. */
    public function isExecuted(): bool
    {
        return $this->outcome === Outcome::Executed;
    }

    /**
     * The result that most needs attention: in doubt before rejected, rejected before not sent, not sent before
     * executed; within an outcome the first. As oo_status_worst has it, which {@see FakeClient} must do without: it
     * needs no library.
     *
     * @param non-empty-list<self> $results
     */
    public static function worst(array $results): self
    {
        $urgency = static fn (self $result): int => match ($result->outcome) {
            Outcome::Executed => 0,
            Outcome::NotSent => 1,
            Outcome::Rejected => 2,
            Outcome::InDoubt => 3,
        };
        $worst = $results[0];
        foreach ($results as $result) {
            if ($urgency($result) > $urgency($worst)) {
                $worst = $result;
            }
        }
        return $worst;
    }
}
