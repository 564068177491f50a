"""What is known about one record after a call."""

from __future__ import annotations

import sys
from ctypes import byref, sizeof, string_at

from ._bindings import OO_OUTCOME_IN_DOUBT, OO_STATUS_INTERNAL
from ._library import library
from ._value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Optional

    from ._bindings import Owned
    from .module import Module
    from .outcome import Outcome, Status
    from .record import Record

_set = object.__setattr__


class Result(Value):
    """What is known about one record. It is true when the record was executed."""

    __slots__ = (
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
    _unread: Optional[tuple[Any, ...]]
    """Of an executed result, which nobody may ever look at: where the library has it, which frees it with the last
    that was not read. Of the results of a request also its index, and the answers that were copied already, by
    address and length: they share one copy, as the library's do."""

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
        _set(self, "_unread", None)
        values = (status, outcome, module, id, http_status, error_code, message, body)
        for name, value in zip(self.__match_args__, values):
            _set(self, name, value)

    @property
    def is_executed(self) -> bool:
        """Whether onOffice said that it executed the record's webhooks."""
        return self._unread is not None or self.outcome == "executed"

    def __bool__(self) -> bool:
        return self.is_executed

    def __str__(self) -> str:
        return self.message

    def __getattr__(self, name: str) -> Any:
        if name not in self.__match_args__:
            raise AttributeError(f"'Result' object has no attribute {name!r}")
        unread = self._unread
        # Another thread may have read all since this one found nothing; where two read at once, both read the same.
        if unread is not None:
            _read(self, *unread)
        return object.__getattribute__(self, name)


# Results are read by one thread at a time, which the interpreter's lock sees to, where there is one.
READ_LATER = bool(getattr(sys, "_is_gil_enabled", lambda: True)())


# By its slot, which takes half as long as by object.__setattr__.
_new, _set_unread = Result.__new__, vars(Result)["_unread"].__set__


def result_of(given: Owned, status: int) -> Result:
    """The result of a call that ended with this status."""
    result = _new(Result)
    if status == 0 and READ_LATER:
        _set_unread(result, (given,))
    else:
        _read(result, given)
    return result


def results_of(given: Owned, status: int) -> list[Result]:
    """The results of a request whose worst status this is."""
    bodies: dict[tuple[int, int], bytes] = {}
    results = [_new(Result) for _ in range(library().oo_results_count(given))]
    if status == 0 and READ_LATER:
        for index, result in enumerate(results):
            _set_unread(result, (given, index, bodies))
    else:
        for index, result in enumerate(results):
            _read(result, given, index, bodies)
    return results


def _read(
    result: Result, given: Owned, index: Optional[int] = None, bodies: Optional[dict[tuple[int, int], bytes]] = None
) -> None:
    from .module import Module
    from .outcome import Outcome, Status

    bindings = library()
    lent: Any = given if index is None else bindings.oo_results_get(given, index)
    # In doubt, should the library write nothing.
    fields = bindings.oo_result_fields(status=OO_STATUS_INTERNAL, outcome=OO_OUTCOME_IN_DOUBT)
    bindings.oo_result_read(lent, sizeof(fields), byref(fields))
    outcome = Outcome.of_number(fields.outcome)
    body = None
    if fields.body is not None:
        key = (fields.body, fields.body_length)
        body = None if bodies is None else bodies.get(key)
        if body is None:
            body = string_at(*key)
            if bodies is not None:
                bodies[key] = body
    message = "" if fields.message is None else string_at(fields.message, fields.message_length).decode()
    _set(result, "status", Status.of_number(fields.status, outcome))
    _set(result, "outcome", outcome)
    _set(result, "module", None if fields.module is None else Module(string_at(fields.module).decode()))
    _set(result, "id", fields.id)
    _set(result, "http_status", fields.http_status)
    _set(result, "error_code", fields.error_code)
    _set(result, "message", message)
    _set(result, "body", body)
    _set(result, "_unread", None)


def unexplained(status: int, record: Record) -> Result:
    """For a call that gave only a status, as it does after a defect of the library."""
    known = status_of(status)
    message = f"{record}: {library().oo_status_message(status)}"
    return Result(known, known.outcome, record.module, record.id, 0, 0, message)


def status_of(number: int) -> Status:
    """The status with this number, and the outcome that the library gives with it."""
    from .outcome import Outcome, Status

    return Status.of_number(number, Outcome.of_number(library().oo_status_outcome(number)))
