"""A request for callers with an HTTP client of their own."""

from __future__ import annotations

import time
from ctypes import byref, c_size_t, string_at
from threading import Lock
from typing import TYPE_CHECKING, Optional, Union

from . import _arguments
from ._handle import Handle
from ._library import library
from .record import Record
from .result import Result, results_of

if TYPE_CHECKING:
    from .client import Client
    from .module import Module


class Request(Handle):
    """Records to execute in one HTTP exchange: sign it, send the body by POST as application/json with
    an HTTP client of your own, and have the answer parsed.

    Threads may share one: they take turns.
    """

    _noun = "request"

    def __init__(self) -> None:
        """Raises ConfigError when the library is not found."""
        bindings = library()
        request = bindings.oo_request()
        status = bindings.oo_request_new(byref(request))
        if not request:
            raise MemoryError(bindings.oo_status_message(status))
        self._owned = request
        # The library leaves it to callers that nothing reads a request while it changes, and calls
        # do not hold the interpreter.
        self._turn = Lock()

    def add(self, module: Union[Module, str], id: int) -> None:
        """Adds a record; a request takes 500, each once. What was signed before is void.

        Raises TypeError and ValueError as `Record` does, and ValueError for one that is too many.
        """
        record = Record(module, id)
        request, bindings = self._open(), library()
        with self._turn:
            status = bindings.oo_request_add(request, record.c_name, record.id)
            if status != 0:
                raise ValueError(bindings.oo_request_message(request))

    @property
    def count(self) -> int:
        """The number of records."""
        request, bindings = self._open(), library()
        with self._turn:
            return bindings.oo_request_count(request)

    def sign(self, client: Client, unix_seconds: Optional[int] = None) -> bytes:
        """The JSON to send, signed with the client's credentials for a time, which is now by default.

        onOffice accepts it within 120 s of that time: sign just before sending, and anew for every
        try. It holds the token. Raises ValueError without a record and for a negative time.
        """
        from .client import Client

        if not isinstance(client, Client):
            raise TypeError(f"a request is signed with a Client, not {type(client).__name__}")
        seconds = int(time.time()) if unix_seconds is None else _arguments.integer("unix_seconds", unix_seconds)
        request, credentials, bindings = self._open(), client._open(), library()
        length = c_size_t()
        with self._turn:
            if bindings.oo_request_sign(request, credentials, seconds) != 0:
                raise ValueError(bindings.oo_request_message(request))
            address = bindings.oo_request_body(request, byref(length))
            assert address is not None
            return string_at(address, length.value)

    def parse_response(self, http_status: int, body: bytes) -> list[Result]:
        """Understands the answer to this request: its HTTP status and its whole body, decompressed.

        Gives one result a record, in order. Without a whole answer do not call it: the outcome is in
        doubt, if anything was sent. Raises ValueError for a request without a record and for an HTTP
        status outside 100 to 999.
        """
        number = _arguments.integer("http_status", http_status)
        if not 100 <= number <= 999:
            raise ValueError(f"the HTTP status {number} is outside 100 to 999")
        if not isinstance(body, bytes):
            raise TypeError(f"body must be bytes, not {type(body).__name__}")
        request, bindings = self._open(), library()
        results = bindings.oo_results()
        with self._turn:
            if bindings.oo_request_count(request) == 0:
                raise ValueError("the request has no record: there is nothing to parse for")
            status = bindings.oo_request_parse_response(request, number, body, len(body), byref(results))
        if not results:
            raise ValueError(bindings.oo_status_message(status))
        return results_of(results, status)
