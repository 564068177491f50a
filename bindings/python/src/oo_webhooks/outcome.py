"""What is known after a call: the status says what happened, the outcome what the caller may do next."""

from __future__ import annotations

from enum import Enum, IntEnum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional


class Outcome(str, Enum):
    """What the caller may do next."""

    EXECUTED = "executed"
    """onOffice answered success: go on."""
    REJECTED = "rejected"
    """onOffice answered that it did not do it: fix the cause, a repeat is pointless."""
    NOT_SENT = "not_sent"
    """No byte of the request can have reached onOffice: retry freely."""
    IN_DOUBT = "in_doubt"
    """It may or may not have been executed: a repeat may execute the webhooks twice."""

    # Enum's own texts differ between versions of Python.
    def __str__(self) -> str:
        return self.value

    def __format__(self, specification: str) -> str:
        return format(self.value, specification)

    @classmethod
    def of_number(cls, number: int) -> Outcome:
        """The outcome with this number in C; in doubt for a number that a later version added."""
        return _OUTCOMES.get(number, cls.IN_DOUBT)


_OUTCOMES = dict(enumerate((Outcome.EXECUTED, Outcome.REJECTED, Outcome.NOT_SENT, Outcome.IN_DOUBT)))


class Status(IntEnum):
    """What happened to a record, with the numbers of C's `oo_status`.

    A number that a later version of the library added is kept: `Status(25)` has the value 25, the
    name `UNKNOWN`, and the outcome that the library gave with it, or else in doubt.
    """

    OK = 0
    INVALID_ARGUMENT = 1
    INVALID_MODULE = 2
    INVALID_ID = 3
    INVALID_OPTION = 4
    NOT_CONFIGURED = 5
    DNS_FAILED = 10
    CONNECT_FAILED = 11
    CONNECT_TIMEOUT = 12
    TLS_FAILED = 13
    PROXY_FAILED = 14
    OUT_OF_MEMORY = 15
    FORKED_TOO_EARLY = 16
    TIMEOUT = 20
    CONNECTION_LOST = 21
    BAD_RESPONSE = 22
    HTTP_ERROR = 23
    SERVER_ERROR = 24
    NOT_AUTHENTICATED = 30
    CLOCK_SKEW = 31
    NOT_ALLOWED = 32
    UNKNOWN_RECORD = 33
    REJECTED = 34
    OUTBOX_FAILED = 40
    INTERNAL = 90

    _later_outcome: Optional[Outcome]

    @classmethod
    def of_number(cls, number: int, outcome: Outcome) -> Status:
        """The status with this number, which has this outcome if it is one of a later version."""
        status = cls(number)
        if status.name == "UNKNOWN":
            status._later_outcome = outcome
        return status

    @classmethod
    def _missing_(cls, value: object) -> Optional[Status]:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        status = int.__new__(cls, value)
        status._name_ = "UNKNOWN"
        status._value_ = value
        status._later_outcome = None
        return status

    @property
    def outcome(self) -> Outcome:
        """What the caller may do next."""
        if self.name == "UNKNOWN":
            return self._later_outcome or Outcome.IN_DOUBT
        if self == Status.OK:
            return Outcome.EXECUTED
        if self < 20 or 40 <= self < 50:
            return Outcome.NOT_SENT
        if 30 <= self < 40:
            return Outcome.REJECTED
        return Outcome.IN_DOUBT

    # Some versions of Python pickle the name, which says nothing of a later status.
    def __reduce_ex__(self, protocol: object) -> tuple[Any, ...]:
        return Status.of_number, (self.value, self.outcome)

    # In C's words, in every version of Python.
    def __str__(self) -> str:
        return self.name.lower()

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)
