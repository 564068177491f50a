"""The client, which executes webhooks."""

from __future__ import annotations

import sys
from ctypes import POINTER, byref, c_int64
from itertools import groupby

from . import _arguments, _real_calls
from ._bindings import oo_client, oo_request, oo_result, oo_results
from ._handle import Handle, Owned
from ._library import library
from .errors import ConfigError, all_executed, executed
from .options import Options, new_options
from .record import C_NAMES, Record, checked
from .result import Given, result_of, results_of, status_of, unexplained

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Union

    from .module import Module
    from .outcome import Status
    from .result import Result

_NEW_RESULT = POINTER(oo_result)
_NEW_RESULTS = POINTER(oo_results)


class Client(Handle):
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
        self._own(options._to_library())

    @classmethod
    def from_environment(cls) -> Client:
        """A client from ON_OFFICE_TOKEN, ON_OFFICE_SECRET, ON_OFFICE_URL, ON_OFFICE_CA_FILE, ON_OFFICE_PROXY
        and ON_OFFICE_TIMEOUT_MS, where one that is empty counts as not set.

        Raises ConfigError when a variable is refused, token or secret are missing, or the library is not found.
        """
        client = cls.__new__(cls)
        client._own(new_options(from_environment=True))
        return client

    def connect(self, timeout_ms: int = 0) -> Status:
        """Opens a connection ahead, so that the next call pays no handshake: while the record is being saved, say.

        `Status.OK` when one waits, and otherwise why not; nothing of a request is sent. `timeout_ms` is the time for
        it, 0 for the connect timeout, which it never exceeds.
        """
        milliseconds = _arguments.integer("timeout_ms", timeout_ms)
        if milliseconds < 0:
            raise ValueError("timeout_ms is 0, for the connect timeout, or more")
        client = self._open()
        if _real_calls.bans:
            raise AssertionError("a real client was asked to connect: give the code a FakeClient")
        return status_of(library().oo_client_connect(client.pointer, milliseconds))

    def execute_webhooks(self, module: Union[Module, str], id: int) -> Result:
        """Executes all active marketplace webhooks of a record that was just saved, and waits for the answer.

        The result is executed. Otherwise RejectedError, NotSentError or InDoubtError is raised.
        """
        result = self.try_execute_webhooks(module, id)
        return result if result._is_executed else executed(result)

    def execute_all(self, records: Iterable[Record]) -> list[Result]:
        """Executes the webhooks of up to 500 different records in one exchange.

        All results are executed, one a record, in order. Otherwise the one that most needs attention is
        raised, in doubt before rejected before not sent; the error has all results.
        """
        return all_executed(self.try_execute_all(records))

    def try_execute_webhooks(self, module: Union[Module, str], id: int) -> Result:
        """As `execute_webhooks`, but every outcome is told by the result."""
        # What runs after a wait runs with cold caches: few functions, and none twice.
        name = C_NAMES.get(module) if type(module) is str else None
        if name is None or type(id) is not int or not 0 < id <= _arguments.INT64_MAX:
            name, id = checked(module, id)
        client, bindings = self._owned or self._open(), self._bindings
        if _real_calls.bans:
            _real_calls.fail_if_forbidden(Record(module, id))
        pointer = _NEW_RESULT()
        status = bindings.oo_client_execute_webhooks(client.pointer, name, id, byref(pointer))
        if pointer:
            result = result_of(Given(pointer, bindings.oo_result_free), status)
        else:
            result = unexplained(status, Record(module, id))
        if _logger is not None or "logging" in sys.modules:
            _log(result)
        return result

    def try_execute_all(self, records: Iterable[Record]) -> list[Result]:
        """As `execute_all`, but every outcome is told by the results."""
        records = list(records)
        request = _request_for(records)
        client = self._open()
        if _real_calls.bans:
            _real_calls.fail_if_forbidden(*records)
        bindings = library()
        pointer = _NEW_RESULTS()
        status = bindings.oo_client_execute_request(client.pointer, request.pointer, byref(pointer))
        if pointer:
            results = results_of(Given(pointer, bindings.oo_results_free), status)
        else:
            results = [unexplained(status, record) for record in records]
        if _logger is not None or "logging" in sys.modules:
            for result in results:
                _log(result)
        return results

    def _own(self, options: Owned) -> None:
        self._bindings = library()
        self._owned = new_client(options)


_logger: Any = None


def _log(result: Result) -> None:
    """One line, where the program has imported logging: nobody would read it otherwise."""
    global _logger
    if _logger is None:
        import logging

        _logger = logging.getLogger("oo_webhooks")
        _logger.addHandler(logging.NullHandler())
    # The numbers of logging's INFO, WARNING and ERROR.
    level = 20 if result.is_executed else 30 if result.outcome == "not_sent" else 40
    if _logger.isEnabledFor(level):
        _logger.log(level, "%s", result.message)


def _request_for(records: list[Record]) -> Owned:
    """A request for these records, of which there is one at least."""
    for record in records:
        if not isinstance(record, Record):
            raise TypeError(f"records are Record(module, id), not {type(record).__name__}")
    if not records:
        raise ValueError("there is no record to execute: give at least one")
    bindings = library()
    pointer = POINTER(oo_request)()
    status = bindings.oo_request_new(byref(pointer))
    if not pointer:
        raise MemoryError(bindings.oo_status_message(status))
    request = Owned(pointer, bindings.oo_request_free)
    # Those of a module that follow each other by one call.
    for name, group in groupby(records, lambda record: record.c_name):
        ids = [record.id for record in group]
        if bindings.oo_request_add_all(pointer, name, (c_int64 * len(ids))(*ids), len(ids)) != 0:
            raise ValueError(bindings.oo_request_message(pointer))
    return request


def new_client(options: Owned) -> Owned:
    bindings = library()
    pointer = POINTER(oo_client)()
    status = bindings.oo_client_new(options.pointer, byref(pointer))
    if not pointer:
        message = bindings.oo_options_message(options.pointer) or bindings.oo_status_message(status)
        raise ConfigError(message or "")
    return Owned(pointer, bindings.oo_client_free)
