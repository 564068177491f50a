"""For the tests of apps: a client without a network, and a ban on real calls."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Any, Optional, Union

from . import _arguments, _real_calls
from .errors import OutboxError, all_executed, executed
from .module import Module
from .outbox_table import check_account
from .outcome import Outcome, Status
from .record import Record
from .result import Result


class FakeClient:
    """Has the methods of `Client`, needs neither network nor library, and keeps the records.

    Arguments are checked as `Client` checks them.
    """

    def __init__(self) -> None:
        self._closed = False
        self.reset()

    def answer_with(self, status: Status, error_code: int = 0) -> None:
        """Every call from now on ends with this status, and this error code of onOffice."""
        if not isinstance(status, Status):
            raise TypeError(f"status must be Status, not {type(status).__name__}")
        self._status, self._error_code = status, _arguments.integer("error_code", error_code)

    @property
    def executed(self) -> list[Record]:
        """The records that it was asked to execute, in order and whatever it answered, repeats included."""
        return list(self._executed)

    def reset(self) -> None:
        """Forgets the records and answers with `Status.OK` again."""
        self._executed: list[Record] = []
        self._status, self._error_code = Status.OK, 0

    def connect(self, timeout_ms: int = 0) -> Status:
        """As `Client.connect`: OK, or what it was told to answer when that is a way not to be sent."""
        if _arguments.integer("timeout_ms", timeout_ms) < 0:
            raise ValueError("timeout_ms is 0, for the connect timeout, or more")
        if self._closed:
            raise ValueError("client is closed")
        return self._status if self._status.outcome is Outcome.NOT_SENT else Status.OK

    def execute_webhooks(self, module: Union[Module, str], id: int) -> Result:
        """As `Client.execute_webhooks`."""
        return executed(self.try_execute_webhooks(module, id))

    def execute_all(self, records: Iterable[Record]) -> list[Result]:
        """As `Client.execute_all`."""
        return all_executed(self.try_execute_all(records))

    def try_execute_webhooks(self, module: Union[Module, str], id: int) -> Result:
        """As `Client.try_execute_webhooks`."""
        return self._answer([Record(module, id)])[0]

    def try_execute_all(self, records: Iterable[Record]) -> list[Result]:
        """As `Client.try_execute_all`."""
        records = list(records)
        _check(records)
        return self._answer(records)

    def close(self) -> None:
        """As `Client.close`: calls raise ValueError from now on."""
        self._closed = True

    def _answer(self, records: list[Record]) -> list[Result]:
        if self._closed:
            raise ValueError("client is closed")
        self._executed += records
        return [self._result(record) for record in records]

    def _result(self, record: Record) -> Result:
        outcome = self._status.outcome
        answered = outcome in (Outcome.EXECUTED, Outcome.REJECTED)
        return Result(
            status=self._status,
            outcome=outcome,
            module=record.module,
            id=record.id,
            http_status=200 if answered else 0,
            error_code=self._error_code,
            message=f"{record}: {self._status}, says a fake client",
        )

    def __enter__(self) -> FakeClient:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()


class FakeOutbox:
    """Has the `put` of `Outbox`, needs neither folder nor library, and keeps the records.

    Arguments are checked as `Outbox` checks them.
    """

    def __init__(self) -> None:
        self._waiting: dict[Record, None] = {}
        self._error: Optional[OutboxError] = None

    def put(self, module: Union[Module, str], id: int) -> None:
        """As `Outbox.put`: a record that waits already stays one."""
        record = Record(module, id)
        if self._error is not None:
            raise self._error
        self._waiting[record] = None

    def fail_with(self, error: Optional[OutboxError]) -> None:
        """Every save from now on raises this error; None: none does."""
        self._error = error

    @property
    def waiting(self) -> list[Record]:
        """The records that were saved, in order, each once."""
        return list(self._waiting)

    def reset(self) -> None:
        """Forgets the records, and saves again."""
        self._waiting.clear()
        self._error = None


class FakeOutboxTable:
    """Has the `put` of `OutboxTable`, needs no database, and keeps the records.

    Arguments are checked as `OutboxTable` checks them, but for the connection, which is not looked at. It knows
    nothing of transactions: what the app rolls back stays here.
    """

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, Record], None] = {}
        self._error: Optional[OutboxError] = None

    def put(self, connection: Any, module: Union[Module, str], id: int, account: str = "") -> None:
        """As `OutboxTable.put`."""
        record = Record(module, id)
        check_account(account)
        if self._error is not None:
            raise self._error
        self._waiting[account, record] = None

    def fail_with(self, error: Optional[OutboxError]) -> None:
        """Every save from now on raises this error; None: none does."""
        self._error = error

    def waiting(self, account: str = "") -> list[Record]:
        """The records that were saved for an account, in order, each once."""
        return [record for name, record in self._waiting if name == account]

    def reset(self) -> None:
        """Forgets the records, and saves again."""
        self._waiting.clear()
        self._error = None


class Ban:
    """A ban on real calls that holds until it is lifted, or until the end of its `with` block."""

    def __init__(self) -> None:
        _real_calls.bans += 1
        self._holds = True

    def lift(self) -> None:
        """Allows real calls again, unless another ban holds. Lifting twice is fine."""
        if self._holds:
            self._holds = False
            _real_calls.bans -= 1

    def __enter__(self) -> Ban:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.lift()


def forbid_real_calls() -> Ban:
    """From now on every call of a real client raises AssertionError, so that the test fails.

    It holds for the process, until the `with` block of what it gives ends, or until `lift()`.
    """
    return Ban()


def _check(records: list[Record]) -> None:
    """What the library refuses."""
    for record in records:
        if not isinstance(record, Record):
            raise TypeError(f"records are Record(module, id), not {type(record).__name__}")
    if not records:
        raise ValueError("there is no record to execute: give at least one")
    if len(set(records)) < len(records):
        raise ValueError("a record is in the request already: add each record once")
    if len(records) > 500:
        raise ValueError("a request takes 500 records: put the others in another one")
