"""What is known about one record after a call."""

from __future__ import annotations

from ctypes import byref, c_size_t, string_at
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Optional

from .outcome import Outcome, Status
from .record import Module

if TYPE_CHECKING:
    from ctypes import _Pointer

    from ._bindings import Bindings, oo_result, oo_results
    from .record import Record


@dataclass(frozen=True)
class Result:
    """What is known about one record. It is true when the record was executed."""

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
    body: Optional[bytes] = field(default=None, repr=False)
    """The answer as received, decompressed, for all records of its request; None when no whole answer
    came. It is whatever a server sent: treat it so."""

    @property
    def is_executed(self) -> bool:
        """Whether onOffice said that it executed the record's webhooks."""
        return self.outcome is Outcome.EXECUTED

    def __bool__(self) -> bool:
        return self.is_executed

    def __str__(self) -> str:
        return self.message


def read_all(bindings: Bindings, results: _Pointer[oo_results]) -> list[Result]:
    """Copies of the results, which share one copy of the answer as the library's do."""
    bodies: dict[tuple[int, int], bytes] = {}
    count = bindings.oo_results_count(results)
    return [read(bindings, bindings.oo_results_get(results, index), bodies) for index in range(count)]


def read(
    bindings: Bindings, result: _Pointer[oo_result], bodies: Optional[dict[tuple[int, int], bytes]] = None
) -> Result:
    """A copy of a result; answers found in `bodies` are not copied again."""
    outcome = Outcome.of_number(bindings.oo_result_outcome(result))
    module = bindings.oo_result_module(result)
    length = c_size_t()
    address = bindings.oo_result_body(result, byref(length))
    body = None
    if address is not None:
        bodies = {} if bodies is None else bodies
        key = (address, length.value)
        if key not in bodies:
            bodies[key] = string_at(*key)
        body = bodies[key]
    return Result(
        status=Status.of_number(bindings.oo_result_status(result), outcome),
        outcome=outcome,
        module=None if module is None else Module(module),
        id=bindings.oo_result_id(result),
        http_status=bindings.oo_result_http_status(result),
        error_code=bindings.oo_result_error_code(result),
        message=bindings.oo_result_message(result) or "",
        body=body,
    )


def unexplained(bindings: Bindings, status: int, record: Record) -> Result:
    """For a call that gave a status alone, as it does after a defect of the library."""
    known = status_of(bindings, status)
    message = f"{record}: {bindings.oo_status_message(status)}"
    return Result(known, known.outcome, record.module, record.id, 0, 0, message)


def status_of(bindings: Bindings, number: int) -> Status:
    """The status with this number, and the outcome that the library gives with it."""
    return Status.of_number(number, Outcome.of_number(bindings.oo_status_outcome(number)))
