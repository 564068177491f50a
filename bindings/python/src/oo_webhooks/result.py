"""What is known about one record after a call."""

from __future__ import annotations

import sys
from ctypes import byref, sizeof, string_at

from ._bindings import OO_OUTCOME_IN_DOUBT, OO_STATUS_INTERNAL, oo_result_fields
from ._handle import Owned
from ._library import library
from ._value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ctypes import _Pointer
    from typing import Any, ClassVar, Optional

    from ._bindings import oo_result
    from .module import Module
    from .outcome import Outcome, Status
    from .record import Record

_set = object.__setattr__


class Result(Value):
    """What is known about one record. It is true when the record was executed."""

    __slots__ = (
        "_is_executed",
        "_unread",
        "body",
        "error_code",
        "http_status",
        "id",
        "message",
        "module",
        "outcome",
        "status",
    )
    __match_args__ = ("status", "outcome", "module", "id", "http_status", "error_code", "message", "body")
    _defaults: ClassVar[dict[str, Any]] = {"body": None}
    _hidden: ClassVar[tuple[str, ...]] = ("body",)
    _is_executed: bool

    status: Status
    """What happened."""
    outcome: Outcome
    """What the caller may do next."""
    module: Optional[Module]
    """The record's module."""
    id: int
    """The record's id."""
    http_status: int
    """The HTTP status of the answer; 0 when none came."""
    error_code: int
    """onOffice's error code; 0 when it gave none."""
    message: str
    """One line for a log: the record, what happened, the cause and the cure. Never a token or a secret."""
    body: Optional[bytes]
    """The answer as received, decompressed, for all records of its request; None when no whole answer
    came. It is whatever a server sent: treat it so."""

    def __init__(
        self,
        status: Status,
        outcome: Outcome,
        module: Optional[Module],
        id: int,
        http_status: int,
        error_code: int,
        message: str,
        body: Optional[bytes] = None,
    ) -> None:
        _set(self, "_is_executed", outcome == "executed")
        values = (status, outcome, module, id, http_status, error_code, message, body)
        for name, value in zip(self.__match_args__, values):
            _set(self, name, value)

    @property
    def is_executed(self) -> bool:
        """Whether onOffice said that it executed the record's webhooks."""
        return self._is_executed

    def __bool__(self) -> bool:
        return self._is_executed

    def __str__(self) -> str:
        return self.message

    def __getattr__(self, name: str) -> Any:
        # Of an executed result, which nobody may ever look at.
        if name not in self.__match_args__:
            raise AttributeError(f"'Result' object has no attribute {name!r}")
        unread = self._unread
        # Another thread may have read all since this one found nothing; where two read at once, both read the same.
        if unread is not None:
            given, index = unread
            _fill(self, given, given.pointer if index is None else library().oo_results_get(given.pointer, index))
            _set(self, "_unread", None)
        return object.__getattribute__(self, name)


class Given(Owned):
    """A result, or the results of a request, as the library gives them: freed with the last that was not read."""

    __slots__ = ("bodies",)

    # Results share one copy of the answer, as the library's do; found by address and length.
    bodies: dict[tuple[int, int], bytes]

    def __getattr__(self, name: str) -> dict[tuple[int, int], bytes]:
        # Made when a result is read: an executed one may never be.
        if name != "bodies":
            raise AttributeError(f"'Given' object has no attribute {name!r}")
        self.bodies = {}
        return self.bodies


def result_of(given: Given, status: int) -> Result:
    """The result of a call that ended with this status."""
    return _executed(given, None) if status == 0 and READ_LATER else _read(given, given.pointer)


def results_of(given: Given, status: int) -> list[Result]:
    """The results of a request whose worst status this is."""
    results, count = given.pointer, library().oo_results_count(given.pointer)
    if status == 0 and READ_LATER:
        return [_executed(given, index) for index in range(count)]
    return [_read(given, library().oo_results_get(results, index)) for index in range(count)]


# Results are read by one thread at a time, which the interpreter's lock sees to, where there is one.
READ_LATER = bool(getattr(sys, "_is_gil_enabled", lambda: True)())


def _executed(given: Given, index: Optional[int]) -> Result:
    """A result of which only this is known: the rest is read when it is asked for."""
    result = Result.__new__(Result)
    _set(result, "_is_executed", True)
    _set(result, "_unread", (given, index))
    return result


def _read(given: Given, pointer: _Pointer[oo_result]) -> Result:
    result = Result.__new__(Result)
    _fill(result, given, pointer)
    _set(result, "_is_executed", result.outcome == "executed")
    return result


def _fill(result: Result, given: Given, pointer: _Pointer[oo_result]) -> None:
    from .module import Module
    from .outcome import Outcome, Status

    # In doubt, should the library write nothing.
    fields = oo_result_fields(status=OO_STATUS_INTERNAL, outcome=OO_OUTCOME_IN_DOUBT)
    library().oo_result_read(pointer, sizeof(fields), byref(fields))
    outcome = Outcome.of_number(fields.outcome)
    body = None
    if fields.body is not None:
        key = (fields.body, fields.body_length)
        body = given.bodies.get(key)
        if body is None:
            body = given.bodies[key] = string_at(*key)
    message = "" if fields.message is None else string_at(fields.message, fields.message_length).decode()
    _set(result, "status", Status.of_number(fields.status, outcome))
    _set(result, "outcome", outcome)
    _set(result, "module", None if fields.module is None else Module(string_at(fields.module).decode()))
    _set(result, "id", fields.id)
    _set(result, "http_status", fields.http_status)
    _set(result, "error_code", fields.error_code)
    _set(result, "message", message)
    _set(result, "body", body)


def unexplained(status: int, record: Record) -> Result:
    """For a call that gave only a status, as it does after a defect of the library."""
    known = status_of(status)
    message = f"{record}: {library().oo_status_message(status)}"
    return Result(known, known.outcome, record.module, record.id, 0, 0, message)


def status_of(number: int) -> Status:
    """The status with this number, and the outcome that the library gives with it."""
    from .outcome import Outcome, Status

    return Status.of_number(number, Outcome.of_number(library().oo_status_outcome(number)))
