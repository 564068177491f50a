"""The client, which executes webhooks."""

from __future__ import annotations

import sys
from ctypes import byref, c_int64

from . import _arguments, _real_calls
from ._handle import Handle
from ._library import library
from .options import Options, new_options
from .record import C_NAMES, Record, checked
from .result import result_of, results_of, status_of, unexplained

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Union

    from ._bindings import Owned
    from .module import Module
    from .outcome import Status
    from .result import Result


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
        return status_of(library().oo_client_connect(client, milliseconds))

    def execute_webhooks(self, module: Union[Module, str], id: int) -> Result:
        """Executes all active marketplace webhooks of a record that was just saved, and waits for the answer.

        The result is executed. Otherwise RejectedError, NotSentError or InDoubtError is raised.
        """
        result = self.try_execute_webhooks(module, id)
        if result._unread is None:
            from .errors import executed

            return executed(result)
        return result

    def execute_all(self, records: Iterable[Record]) -> list[Result]:
        """Executes the webhooks of up to 500 different records in one exchange.

        All results are executed, one a record, in order. Otherwise the one that most needs attention is
        raised, in doubt before rejected before not sent; the error has all results.
        """
        results, status = self._execute(records)
        if status != 0:
            from .errors import all_executed

            return all_executed(results)
        return results

    def try_execute_webhooks(self, module: Union[Module, str], id: int) -> Result:
        """As `execute_webhooks`, but every outcome is told by the result."""
        # What runs after a wait runs with cold caches: few functions, and none twice.
        name = C_NAMES.get(module) if isinstance(module, str) else None
        if name is None or type(id) is not int or not 0 < id <= _arguments.INT64_MAX:
            name, id = checked(module, id)
        client = self._owned or self._open()
        if _real_calls.bans:
            _real_calls.fail_if_forbidden(Record(module, id))
        given = self._new_result()
        status = self._bindings.oo_client_execute_webhooks(client, name, id, byref(given))
        result = result_of(given, status) if given else unexplained(status, Record(module, id))
        if _logger is not None or "logging" in sys.modules:
            _log(result)
        return result

    def try_execute_all(self, records: Iterable[Record]) -> list[Result]:
        """As `execute_all`, but every outcome is told by the results."""
        return self._execute(records)[0]

    def _execute(self, records: Iterable[Record]) -> tuple[list[Result], int]:
        """The results, and the worst of their statuses."""
        records = list(records)
        request = _request_for(records)
        client = self._open()
        if _real_calls.bans:
            _real_calls.fail_if_forbidden(*records)
        bindings = library()
        given = bindings.oo_results()
        status = bindings.oo_client_execute_request(client, request, byref(given))
        results = results_of(given, status) if given else [unexplained(status, record) for record in records]
        if _logger is not None or "logging" in sys.modules:
            for result in results:
                _log(result)
        return results, status

    def _own(self, options: Owned) -> None:
        self._owned = new_client(options)
        self._bindings, self._new_result = library(), library().oo_result


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
    for kind in {*map(type, records)}:
        if not issubclass(kind, Record):
            raise TypeError(f"records are Record(module, id), not {kind.__name__}")
    if not records:
        raise ValueError("there is no record to execute: give at least one")
    bindings = library()
    request = bindings.oo_request()
    status = bindings.oo_request_new(byref(request))
    if not request:
        raise MemoryError(bindings.oo_status_message(status))

    def add(name: bytes, ids: list[int]) -> None:
        if bindings.oo_request_add_all(request, name, (c_int64 * len(ids))(*ids), len(ids)) != 0:
            raise ValueError(bindings.oo_request_message(request))

    # Those of a module that follow each other by one call.
    name: bytes = records[0].c_name
    ids: list[int] = []
    for record in records:
        if record.c_name is not name:
            add(name, ids)
            name, ids = record.c_name, []
        ids.append(record.id)
    add(name, ids)
    return request


def new_client(options: Owned) -> Owned:
    bindings = library()
    client = bindings.oo_client()
    status = bindings.oo_client_new(options, byref(client))
    if not client:
        from .errors import ConfigError

        message = bindings.oo_options_message(options) or bindings.oo_status_message(status)
        raise ConfigError(message or "")
    return client
