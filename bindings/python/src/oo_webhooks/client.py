"""The client, which executes webhooks."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from ctypes import POINTER, byref
from typing import TYPE_CHECKING, Protocol, Union

from . import _real_calls
from ._bindings import oo_client, oo_result, oo_results
from ._handle import Handle, Owned
from ._library import library
from .errors import ConfigError, all_executed, executed
from .options import Options, new_options
from .outcome import Outcome
from .record import Module, Record
from .request import request_for
from .result import Result, read, read_all, unexplained

if TYPE_CHECKING:
    from ._bindings import oo_options

logger = logging.getLogger("oo_webhooks")
logger.addHandler(logging.NullHandler())


class ExecutesWebhooks(Protocol):
    """What `Client` and `FakeClient` have in common, for the annotations of code that takes either."""

    def execute_webhooks(self, module: Union[Module, str], id: int) -> Result: ...

    def execute_all(self, records: Iterable[Record]) -> list[Result]: ...

    def try_execute_webhooks(self, module: Union[Module, str], id: int) -> Result: ...

    def try_execute_all(self, records: Iterable[Record]) -> list[Result]: ...

    def close(self) -> None: ...


class Client(Handle[oo_client]):
    """Executes webhooks with the credentials and settings of its options.

    Cheap to make: connections belong to the process and outlive every client. Any number of threads may
    use one; it may be closed while they do, and their calls end as usual. It goes on working in a forked
    child. A call gives the interpreter to other threads while it waits, and a signal such as Ctrl-C is
    handled when it is done, after `timeout_ms` at the latest.

    Every call raises TypeError and ValueError for wrong arguments, and ValueError once it is closed.
    Each outcome is one line in the log "oo_webhooks".
    """

    _noun = "client"

    def __init__(self, options: Options) -> None:
        """Raises ConfigError when an option is refused, or the library is not found."""
        if not isinstance(options, Options):
            raise TypeError(f"a client is made of Options, not {type(options).__name__}")
        self._owned = _new(options._to_library())

    @classmethod
    def from_environment(cls) -> Client:
        """A client from ON_OFFICE_TOKEN, ON_OFFICE_SECRET, ON_OFFICE_URL, ON_OFFICE_CA_FILE, ON_OFFICE_PROXY
        and ON_OFFICE_TIMEOUT_MS, where one that is empty counts as not set.

        Raises ConfigError when a variable is refused, token or secret are missing, or the library is not found.
        """
        client = cls.__new__(cls)
        client._owned = _new(new_options(from_environment=True))
        return client

    def execute_webhooks(self, module: Union[Module, str], id: int) -> Result:
        """Executes all active marketplace webhooks of a record that was just saved, and waits for the answer.

        The result is executed. Otherwise RejectedError, NotSentError or InDoubtError is raised.
        """
        return executed(self.try_execute_webhooks(module, id))

    def execute_all(self, records: Iterable[Record]) -> list[Result]:
        """Executes the webhooks of up to 500 different records in one exchange.

        All results are executed, one a record, in order. Otherwise the one that most needs attention is
        raised, in doubt before rejected before not sent; the error has all results.
        """
        return all_executed(self.try_execute_all(records))

    def try_execute_webhooks(self, module: Union[Module, str], id: int) -> Result:
        """As `execute_webhooks`, but every outcome is told by the result."""
        record = Record(module, id)
        client = self._open()
        _real_calls.fail_if_forbidden(record)
        bindings = library()
        pointer = POINTER(oo_result)()
        status = bindings.oo_client_execute_webhooks(
            client.pointer, record.module.value.encode(), record.id, byref(pointer)
        )
        if pointer:
            given = Owned(pointer, bindings.oo_result_free)
            result = read(bindings, given.pointer)
        else:
            result = unexplained(bindings, status, record)
        _log(result)
        return result

    def try_execute_all(self, records: Iterable[Record]) -> list[Result]:
        """As `execute_all`, but every outcome is told by the results."""
        records = list(records)
        request = request_for(records)
        client = self._open()
        _real_calls.fail_if_forbidden(*records)
        bindings = library()
        pointer = POINTER(oo_results)()
        handle = request._open()
        status = bindings.oo_client_execute_request(client.pointer, handle.pointer, byref(pointer))
        if pointer:
            given = Owned(pointer, bindings.oo_results_free)
            results = read_all(bindings, given.pointer)
        else:
            results = [unexplained(bindings, status, record) for record in records]
        for result in results:
            _log(result)
        return results


_LEVELS = {
    Outcome.EXECUTED: logging.INFO,
    Outcome.NOT_SENT: logging.WARNING,
    Outcome.REJECTED: logging.ERROR,
    Outcome.IN_DOUBT: logging.ERROR,
}


def _log(result: Result) -> None:
    logger.log(_LEVELS[result.outcome], "%s", result.message)


def _new(options: Owned[oo_options]) -> Owned[oo_client]:
    bindings = library()
    pointer = POINTER(oo_client)()
    status = bindings.oo_client_new(options.pointer, byref(pointer))
    if not pointer:
        message = bindings.oo_options_message(options.pointer) or bindings.oo_status_message(status)
        raise ConfigError(message or "")
    return Owned(pointer, bindings.oo_client_free)
