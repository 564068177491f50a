"""The errors, by what the caller does next, and the way from a result to its error."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Optional

    from .result import Result


class WebhooksError(Exception):
    """Base of the errors. Its text is the message of its result: one line, never a token or a secret."""

    def __init__(self, message: str, result: Optional[Result] = None, results: Sequence[Result] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.result = result
        """What is known about the record, of several the one that most needs attention; None when
        nothing was asked of onOffice."""
        self.results = list(results)
        """The results of all records of the call, in order."""

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.result, self.results)


class RejectedError(WebhooksError):
    """onOffice answered that it did not do it: fix the cause, a repeat is pointless."""

    result: Result

    @property
    def error_code(self) -> int:
        """onOffice's error code; 0 when it gave none."""
        # Tests of apps may raise one without a result.
        return 0 if self.result is None else self.result.error_code


class NotSentError(WebhooksError):
    """No byte of the request can have reached onOffice: retry freely."""

    result: Result


class InDoubtError(WebhooksError):
    """It may or may not have been executed: a repeat may execute the webhooks twice."""

    result: Result


class ConfigError(WebhooksError):
    """Options, library or environment are wrong; nothing was sent."""


class OutboxError(WebhooksError):
    """The outbox cannot be read or written; the message names the cause and the cure."""


def executed(result: Result) -> Result:
    """The result, if it is executed; otherwise it is raised."""
    return result if result.is_executed else all_executed([result])[0]


def all_executed(results: list[Result]) -> list[Result]:
    """The results, if all are executed; otherwise the one that most needs attention is raised."""
    if all(results):
        return results
    worst = most_urgent(results)
    raise _kind(worst)(worst.message, worst, results)


def most_urgent(results: list[Result]) -> Result:
    """The first of those that most need attention."""
    return max(results, key=lambda result: _URGENCY[result.outcome])


# As `oo_status_worst` has it, which a fake client must do without: it needs no library.
_URGENCY = {"executed": 0, "not_sent": 1, "rejected": 2, "in_doubt": 3}


def _kind(result: Result) -> type[WebhooksError]:
    from .outcome import Outcome, Status

    if result.status in (Status.INVALID_OPTION, Status.NOT_CONFIGURED):
        return ConfigError
    return {
        Outcome.REJECTED: RejectedError,
        Outcome.NOT_SENT: NotSentError,
    }.get(result.outcome, InDoubtError)
