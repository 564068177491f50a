"""The outbox: a folder in which records wait until their webhooks are executed."""

from __future__ import annotations

import os
from ctypes import byref, c_int64
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Optional, Union

from . import _arguments, _bindings, _real_calls
from ._library import library
from .errors import OutboxError
from .outcome import Status
from .record import Record
from .result import status_of

if TYPE_CHECKING:
    from ._bindings import Bindings, Owned
    from .client import Client
    from .module import Module


class OutboxState(str, Enum):
    """Where a record of an outbox is."""

    WAITING = "waiting"
    """It will be sent, now or after a pause."""
    SENDING = "sending"
    """It is being sent, or its sender died and no drain has seen it since."""
    DOUBT = "doubt"
    """It may or may not have been executed. It is held for a person, or until it is saved again."""
    FAILED = "failed"
    """It was not executed and is not tried again, unless a person says so or it is saved again."""

    # Enum's own texts differ between versions of Python.
    def __str__(self) -> str:
        return self.value


class WhenInDoubt(str, Enum):
    """What becomes of a record that is in doubt."""

    HOLD = "hold"
    """It is held for a person: executed at most once."""
    RESEND = "resend"
    """It is sent again after a pause, for a day at most: executed at least once, perhaps twice."""
    DROP = "drop"
    """It is counted and forgotten: executed at most once, perhaps never."""

    def __str__(self) -> str:
        return self.value


# In the order of their numbers in C.
_STATES = tuple(OutboxState)
_WISHES = tuple(WhenInDoubt)
_CORRUPT = len(_STATES)


@dataclass(frozen=True)
class OutboxCounts:
    """How many records are in each state, and how many files were set aside since they are no record's."""

    waiting: int
    sending: int
    doubt: int
    failed: int
    corrupt: int


@dataclass(frozen=True)
class OutboxEntry:
    """A record that an outbox holds."""

    record: Record
    state: OutboxState
    since_ms: int
    """When it got into its state, in Unix milliseconds; while it waits, when it was last saved or first tried
    in vain."""
    due_ms: Optional[int]
    """When it is due, in Unix milliseconds; None unless it waits."""
    status: Optional[Status]
    """The status of the last try; None before the first."""
    error_code: int
    """onOffice's error code in the last try; 0 when it gave none."""
    message: str
    """One line about the last try; empty before the first. Never a token or a secret."""


@dataclass(frozen=True)
class DrainReport:
    """What a drain did: how many records left their place for which reason."""

    tried: int
    """Records that were sent, or tried to be."""
    executed: int
    not_sent: int
    """Not a byte was sent; they wait for the next try."""
    given_up: int
    """They were not sent for a day, and have failed."""
    rejected: int
    held: int
    """In doubt, and held for a person."""
    resent: int
    dropped: int
    superseded: int
    """They were in doubt or had failed, and a newer save made them wait again."""
    corrupt: int
    """Files that are no record's, set aside."""
    sender_died: int
    """Their sender had died while it was sending; counted under what became of them too."""
    abandoned: int
    """Writers had died before their save; what they left was removed."""
    busy: int
    """Somebody else was sending them."""
    status: Status
    """OK when nothing more was due or a limit was reached; otherwise why the drain ended early."""
    message: str
    """Why it ended early, in one line; empty when it did not."""


class Outbox:
    """A folder in which records wait: a save takes microseconds, and repeated saves become one call.

    It holds nothing open: any number of threads and processes may use one, also after a fork.
    """

    def __init__(
        self,
        path: Union[str, os.PathLike[str]],
        *,
        fsync: bool = False,
        when_in_doubt: WhenInDoubt = WhenInDoubt.HOLD,
    ) -> None:
        """The folder exists; what is missing in it is made. With `fsync`, saves survive a power cut.

        Raises OutboxError when it cannot be opened, ConfigError when the library is not found.
        """
        self._path = _arguments.text("the path of the outbox", os.fspath(path))
        self._fsync = bool(fsync)
        self._when_in_doubt = WhenInDoubt(when_in_doubt)
        self._opened()

    def put(self, module: Union[Module, str], id: int) -> None:
        """Saves that a record's webhooks are to be executed. A record that waits already stays one.

        Raises OutboxError when it is not saved, as on a full disk; nothing is half-written then.
        """
        record = Record(module, id)
        outbox = self._opened()
        bindings = library()
        name = record.c_name
        self._check(outbox, bindings.oo_outbox_put(outbox, name, record.id))

    def drain(self, client: Client, max: int = 0, deadline_ms: int = 0) -> DrainReport:
        """Executes what is due, one record at a time and the longest due first, and settles each.

        At most `max` records are sent, and no sending is begun after `deadline_ms`; 0 is no limit. It ends
        early when the network, onOffice or the credentials fail: wait before the next drain.
        """
        most, deadline = _arguments.integer("max", max), _arguments.integer("deadline_ms", deadline_ms)
        if most < 0 or deadline < 0:
            raise ValueError("max and deadline_ms are 0, for no limit, or more")
        opened = client._open()
        _real_calls.fail_if_forbidden()
        outbox = self._opened()
        bindings = library()
        report = bindings.oo_outbox_report()
        status = bindings.oo_outbox_drain(outbox, opened, most, deadline, byref(report))
        if not report:
            self._check(outbox, status)

        def count(reason: int) -> int:
            return bindings.oo_outbox_report_count(report, reason)

        return DrainReport(
            tried=bindings.oo_outbox_report_tried(report),
            executed=count(_bindings.OO_OUTBOX_REASON_EXECUTED),
            not_sent=count(_bindings.OO_OUTBOX_REASON_NOT_SENT),
            given_up=count(_bindings.OO_OUTBOX_REASON_GIVEN_UP),
            rejected=count(_bindings.OO_OUTBOX_REASON_REJECTED),
            held=count(_bindings.OO_OUTBOX_REASON_HELD),
            resent=count(_bindings.OO_OUTBOX_REASON_RESENT),
            dropped=count(_bindings.OO_OUTBOX_REASON_DROPPED),
            superseded=count(_bindings.OO_OUTBOX_REASON_SUPERSEDED),
            corrupt=count(_bindings.OO_OUTBOX_REASON_CORRUPT),
            sender_died=count(_bindings.OO_OUTBOX_REASON_SENDER_DIED),
            abandoned=count(_bindings.OO_OUTBOX_REASON_ABANDONED),
            busy=count(_bindings.OO_OUTBOX_REASON_BUSY),
            status=status_of(status),
            message=bindings.oo_outbox_report_message(report) or "",
        )

    def counts(self) -> OutboxCounts:
        """How many records are in each state. Every file name is read for it."""
        outbox = self._opened()
        numbers = []
        for state in range(_CORRUPT + 1):
            number = c_int64()
            self._check(outbox, library().oo_outbox_count(outbox, state, byref(number)))
            numbers.append(number.value)
        return OutboxCounts(*numbers)

    def list(self, state: OutboxState, max: int = 0) -> list[OutboxEntry]:
        """The records in a state, the oldest first, `max` of them at most; 0 is no limit."""
        state = OutboxState(state)
        outbox = self._opened()
        bindings = library()
        entries = bindings.oo_outbox_entries()
        number, most = _STATES.index(state), _arguments.integer("max", max)
        self._check(outbox, bindings.oo_outbox_list(outbox, number, most, byref(entries)))
        count = bindings.oo_outbox_entries_count(entries)
        return [_entry(bindings, entries, index, state) for index in range(count)]

    def retry(self, what: Union[OutboxEntry, Record]) -> None:
        """Has a record that is in doubt or has failed sent again. One that was executed is executed twice by that.

        Raises ValueError when it is neither in doubt nor failed, is being sent, or, for an entry, is not as it was
        when it was listed.
        """
        self._decide(library().oo_outbox_retry, what)

    def drop(self, what: Union[OutboxEntry, Record]) -> None:
        """Has a record that waits, is in doubt or has failed forgotten: it is not executed.

        Raises ValueError when it is not there, is being sent, or, for an entry, is not as it was when it was listed.
        """
        self._decide(library().oo_outbox_drop, what)

    def __repr__(self) -> str:
        return f"Outbox({self._path!r})"

    def _decide(self, call: Any, what: Union[OutboxEntry, Record]) -> None:
        if not isinstance(what, (OutboxEntry, Record)):
            raise TypeError(f"give an OutboxEntry or a Record, not {type(what).__name__}")
        record, since = (what, 0) if isinstance(what, Record) else (what.record, what.since_ms)
        outbox = self._opened()
        self._check(outbox, call(outbox, record.c_name, record.id, since))

    def _opened(self) -> Owned:
        """A handle for one call: two threads may not share one."""
        bindings = library()
        outbox = bindings.oo_outbox()
        status = bindings.oo_outbox_open(self._path.encode(), byref(outbox))
        self._check(outbox, status)
        bindings.oo_outbox_set_fsync(outbox, int(self._fsync))
        bindings.oo_outbox_set_in_doubt(outbox, _WISHES.index(self._when_in_doubt))
        return outbox

    def _check(self, outbox: Owned, number: int) -> None:
        if number == Status.OK:
            return
        message = library().oo_outbox_message(outbox) or library().oo_status_message(number) or ""
        if number == Status.INVALID_ARGUMENT:
            raise ValueError(message)
        raise OutboxError(message)


def _entry(bindings: Bindings, entries: Any, index: int, state: OutboxState) -> OutboxEntry:
    message = bindings.oo_outbox_entries_message(entries, index) or ""
    status = status_of(bindings.oo_outbox_entries_status(entries, index))
    return OutboxEntry(
        record=Record(
            bindings.oo_outbox_entries_module(entries, index) or "", bindings.oo_outbox_entries_id(entries, index)
        ),
        state=state,
        since_ms=bindings.oo_outbox_entries_since_ms(entries, index),
        due_ms=bindings.oo_outbox_entries_due_ms(entries, index) or None,
        status=None if status is Status.OK else status,
        error_code=bindings.oo_outbox_entries_error_code(entries, index),
        message=message,
    )
