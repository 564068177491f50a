"""The functions and numbers of oo_webhooks.h, declared for ctypes.

Generated from include/oo_webhooks.h by make generate (tools/generate_bindings.py): change it there.
"""

from __future__ import annotations

import ctypes
from ctypes import CDLL, POINTER, PyDLL, Structure, c_char, c_char_p, c_void_p

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, ClassVar, Optional


class Owned(c_void_p):
    """A handle of the library's, NULL until a call gives it, which is freed with the last reference to this object.

    Python's count of references is what keeps a handle alive while calls on it run in other threads;
    a lock would do as well, but a fork in the wrong moment would leave it locked in the child.
    """

    __slots__ = ()

    # Kept here: at the interpreter's end the names of modules may be gone already.
    _free: ClassVar[Any]

    def __del__(self) -> None:
        type(self)._free(self)


def _text(value: Any, function: Any, arguments: Any) -> Any:
    """Lent text, copied at once."""
    return None if value is None else value.decode("utf-8")


OO_OUTCOME_EXECUTED = 0
OO_OUTCOME_REJECTED = 1
OO_OUTCOME_NOT_SENT = 2
OO_OUTCOME_IN_DOUBT = 3

OO_STATUS_OK = 0
OO_STATUS_INVALID_ARGUMENT = 1
OO_STATUS_INVALID_MODULE = 2
OO_STATUS_INVALID_ID = 3
OO_STATUS_INVALID_OPTION = 4
OO_STATUS_NOT_CONFIGURED = 5
OO_STATUS_DNS_FAILED = 10
OO_STATUS_CONNECT_FAILED = 11
OO_STATUS_CONNECT_TIMEOUT = 12
OO_STATUS_TLS_FAILED = 13
OO_STATUS_PROXY_FAILED = 14
OO_STATUS_OUT_OF_MEMORY = 15
OO_STATUS_FORKED_TOO_EARLY = 16
OO_STATUS_TIMEOUT = 20
OO_STATUS_CONNECTION_LOST = 21
OO_STATUS_BAD_RESPONSE = 22
OO_STATUS_HTTP_ERROR = 23
OO_STATUS_SERVER_ERROR = 24
OO_STATUS_NOT_AUTHENTICATED = 30
OO_STATUS_CLOCK_SKEW = 31
OO_STATUS_NOT_ALLOWED = 32
OO_STATUS_UNKNOWN_RECORD = 33
OO_STATUS_REJECTED = 34
OO_STATUS_OUTBOX_FAILED = 40
OO_STATUS_INTERNAL = 90

OO_OUTBOX_STATE_WAITING = 0
OO_OUTBOX_STATE_SENDING = 1
OO_OUTBOX_STATE_DOUBT = 2
OO_OUTBOX_STATE_FAILED = 3
OO_OUTBOX_STATE_CORRUPT = 4

OO_OUTBOX_IN_DOUBT_HOLD = 0
OO_OUTBOX_IN_DOUBT_RESEND = 1
OO_OUTBOX_IN_DOUBT_DROP = 2

OO_OUTBOX_REASON_EXECUTED = 0
OO_OUTBOX_REASON_NOT_SENT = 1
OO_OUTBOX_REASON_GIVEN_UP = 2
OO_OUTBOX_REASON_REJECTED = 3
OO_OUTBOX_REASON_HELD = 4
OO_OUTBOX_REASON_RESENT = 5
OO_OUTBOX_REASON_DROPPED = 6
OO_OUTBOX_REASON_SUPERSEDED = 7
OO_OUTBOX_REASON_CORRUPT = 8
OO_OUTBOX_REASON_SENDER_DIED = 9
OO_OUTBOX_REASON_ABANDONED = 10
OO_OUTBOX_REASON_BUSY = 11

_HANDLES = (
    "oo_client",
    "oo_options",
    "oo_outbox",
    "oo_outbox_entries",
    "oo_outbox_report",
    "oo_probe",
    "oo_request",
    "oo_result",
    "oo_results",
)

_STRUCTS = {
    "oo_result_fields": "c_int64 id, c_void_p module, c_void_p message, c_size_t message_length, c_void_p body, c_size_t body_length, c_int32 status, c_int32 outcome, c_int32 http_status, c_int32 error_code",
}

# What each gives and takes; with a plus, those that are too quick to let other threads go on.
_DECLARATIONS = {
    "oo_version": "c_char_p",
    "oo_abi_version": "c_uint32",
    "oo_status_name": "+c_char_p c_int32",
    "oo_status_outcome": "+c_int c_int32",
    "oo_status_worst": "+c_int32 c_int32 c_int32",
    "oo_status_message": "+c_char_p c_int32",
    "oo_execute_webhooks": "c_int c_char_p c_int64 c_void_p",
    "oo_set_default_client": "c_int oo_client",
    "oo_options_new": "+c_int c_void_p",
    "oo_options_from_env": "c_int c_void_p",
    "oo_options_set_credentials": "c_int oo_options c_char_p c_char_p",
    "oo_options_set_url": "c_int oo_options c_char_p",
    "oo_options_set_ca_file": "c_int oo_options c_char_p",
    "oo_options_set_proxy": "c_int oo_options c_char_p",
    "oo_options_set_connect_timeout_ms": "c_int oo_options c_int64",
    "oo_options_set_timeout_ms": "c_int oo_options c_int64",
    "oo_options_message": "+c_char_p oo_options",
    "oo_options_free": "+void c_void_p",
    "oo_client_new": "c_int oo_options c_void_p",
    "oo_client_new_with": "c_int c_char_p c_char_p c_char_p c_char_p c_char_p c_int64 c_int64 c_void_p",
    "oo_client_connect": "c_int oo_client c_int64",
    "oo_client_execute_webhooks": "c_int oo_client c_char_p c_int64 c_void_p",
    "oo_client_execute_and_read": "c_int oo_client c_char_p c_int64 c_void_p c_size_t oo_result_fields*",
    "oo_client_execute_request": "c_int oo_client oo_request c_void_p",
    "oo_client_free": "void c_void_p",
    "oo_client_probe": "c_int oo_client c_void_p",
    "oo_probe_message": "c_char_p oo_probe",
    "oo_probe_http_status": "c_int32 oo_probe",
    "oo_probe_clock_ahead": "c_int64 oo_probe",
    "oo_probe_keep_alive": "c_char_p oo_probe",
    "oo_probe_free": "void c_void_p",
    "oo_request_new": "+c_int c_void_p",
    "oo_request_add": "+c_int oo_request c_char_p c_int64",
    "oo_request_add_all": "+c_int oo_request c_char_p c_int64* c_size_t",
    "oo_request_count": "+c_size_t oo_request",
    "oo_request_sign": "c_int oo_request oo_client c_int64",
    "oo_request_body": "+c_void_p oo_request c_size_t*",
    "oo_request_message": "+c_char_p oo_request",
    "oo_request_parse_response": "c_int oo_request c_int32 c_char_p c_size_t c_void_p",
    "oo_request_free": "+void c_void_p",
    "oo_results_count": "+c_size_t oo_results",
    "oo_results_get": "+c_void_p oo_results c_size_t",
    "oo_results_statuses": "+c_size_t oo_results c_size_t c_int32*",
    "oo_results_messages": "+c_void_p oo_results c_size_t*",
    "oo_results_free": "+void c_void_p",
    "oo_result_status": "+c_int oo_result",
    "oo_result_outcome": "+c_int oo_result",
    "oo_result_module": "+c_char_p oo_result",
    "oo_result_id": "+c_int64 oo_result",
    "oo_result_http_status": "+c_int32 oo_result",
    "oo_result_error_code": "+c_int32 oo_result",
    "oo_result_message": "+c_char_p oo_result",
    "oo_result_body": "+c_void_p oo_result c_size_t*",
    "oo_result_read": "+c_int oo_result c_size_t oo_result_fields*",
    "oo_result_free": "+void c_void_p",
    "oo_outbox_open": "c_int c_char_p c_void_p",
    "oo_outbox_set_fsync": "c_int oo_outbox c_int32",
    "oo_outbox_set_in_doubt": "c_int oo_outbox c_int32",
    "oo_outbox_put": "c_int oo_outbox c_char_p c_int64",
    "oo_outbox_drain": "c_int oo_outbox oo_client c_int64 c_int64 c_void_p",
    "oo_outbox_count": "c_int oo_outbox c_int32 c_int64*",
    "oo_outbox_list": "c_int oo_outbox c_int32 c_int64 c_void_p",
    "oo_outbox_retry": "c_int oo_outbox c_char_p c_int64 c_int64",
    "oo_outbox_drop": "c_int oo_outbox c_char_p c_int64 c_int64",
    "oo_outbox_message": "c_char_p oo_outbox",
    "oo_outbox_free": "void c_void_p",
    "oo_outbox_report_count": "c_int64 oo_outbox_report c_int32",
    "oo_outbox_report_tried": "c_int64 oo_outbox_report",
    "oo_outbox_report_message": "c_char_p oo_outbox_report",
    "oo_outbox_report_free": "void c_void_p",
    "oo_outbox_entries_count": "c_size_t oo_outbox_entries",
    "oo_outbox_entries_module": "c_char_p oo_outbox_entries c_size_t",
    "oo_outbox_entries_id": "c_int64 oo_outbox_entries c_size_t",
    "oo_outbox_entries_since_ms": "c_int64 oo_outbox_entries c_size_t",
    "oo_outbox_entries_due_ms": "c_int64 oo_outbox_entries c_size_t",
    "oo_outbox_entries_status": "c_int oo_outbox_entries c_size_t",
    "oo_outbox_entries_error_code": "c_int32 oo_outbox_entries c_size_t",
    "oo_outbox_entries_message": "c_char_p oo_outbox_entries c_size_t",
    "oo_outbox_entries_free": "void c_void_p",
}


class Bindings:
    """Every function, handle and struct of the header, for a library. Each is declared when it is first used."""

    def __init__(self, library: CDLL) -> None:
        """Raises ValueError when the library lacks a function: a call would find that out too late."""
        self._library, self._quick = library, PyDLL(library._name, handle=library._handle)
        for name in _DECLARATIONS:
            c_char.in_dll(library, name)

    def __getattr__(self, name: str) -> Any:
        if name in _DECLARATIONS:
            made = self._function(name)
        elif name in _HANDLES:
            made = type(name, (Owned,), {"__slots__": (), "_free": getattr(self, f"{name}_free")})
        elif name in _STRUCTS:
            members = map(str.split, _STRUCTS[name].split(", "))
            made = type(name, (Structure,), {"_fields_": [(member, self._type(kind)) for kind, member in members]})
        else:
            raise AttributeError(f"oo_webhooks.h has no {name!r}")
        # Where two threads declare it at once, the first one's counts for both.
        return self.__dict__.setdefault(name, made)

    def _function(self, name: str) -> Any:
        declared = _DECLARATIONS[name]
        function = (self._quick if declared[0] == "+" else self._library)[name]
        function.restype, *function.argtypes = map(self._type, declared.lstrip("+").split())
        if function.restype is c_char_p:
            function.errcheck = _text
        return function

    def _type(self, name: str) -> Any:
        """A type that the tables above name."""
        if name.endswith("*"):
            return POINTER(self._type(name[:-1]))
        if name == "void":
            return None
        return getattr(self if name.startswith("oo_") else ctypes, name)

    def _types(self) -> None:
        """Of the attributes, for type checkers. In a function they cost a program nothing."""
        self.oo_client: type[Owned]
        self.oo_options: type[Owned]
        self.oo_outbox: type[Owned]
        self.oo_outbox_entries: type[Owned]
        self.oo_outbox_report: type[Owned]
        self.oo_probe: type[Owned]
        self.oo_request: type[Owned]
        self.oo_result: type[Owned]
        self.oo_results: type[Owned]
        self.oo_result_fields: type[Any]
        self.oo_version: Callable[[], Optional[str]]
        self.oo_abi_version: Callable[[], int]
        self.oo_status_name: Callable[[int], Optional[str]]
        self.oo_status_outcome: Callable[[int], int]
        self.oo_status_worst: Callable[[int, int], int]
        self.oo_status_message: Callable[[int], Optional[str]]
        self.oo_execute_webhooks: Callable[[Optional[bytes], int, Any], int]
        self.oo_set_default_client: Callable[[Owned], int]
        self.oo_options_new: Callable[[Any], int]
        self.oo_options_from_env: Callable[[Any], int]
        self.oo_options_set_credentials: Callable[[Owned, Optional[bytes], Optional[bytes]], int]
        self.oo_options_set_url: Callable[[Owned, Optional[bytes]], int]
        self.oo_options_set_ca_file: Callable[[Owned, Optional[bytes]], int]
        self.oo_options_set_proxy: Callable[[Owned, Optional[bytes]], int]
        self.oo_options_set_connect_timeout_ms: Callable[[Owned, int], int]
        self.oo_options_set_timeout_ms: Callable[[Owned, int], int]
        self.oo_options_message: Callable[[Owned], Optional[str]]
        self.oo_options_free: Callable[[Any], None]
        self.oo_client_new: Callable[[Owned, Any], int]
        self.oo_client_new_with: Callable[[Optional[bytes], Optional[bytes], Optional[bytes], Optional[bytes], Optional[bytes], int, int, Any], int]
        self.oo_client_connect: Callable[[Owned, int], int]
        self.oo_client_execute_webhooks: Callable[[Owned, Optional[bytes], int, Any], int]
        self.oo_client_execute_and_read: Callable[[Owned, Optional[bytes], int, Any, int, Any], int]
        self.oo_client_execute_request: Callable[[Owned, Owned, Any], int]
        self.oo_client_free: Callable[[Any], None]
        self.oo_client_probe: Callable[[Owned, Any], int]
        self.oo_probe_message: Callable[[Owned], Optional[str]]
        self.oo_probe_http_status: Callable[[Owned], int]
        self.oo_probe_clock_ahead: Callable[[Owned], int]
        self.oo_probe_keep_alive: Callable[[Owned], Optional[str]]
        self.oo_probe_free: Callable[[Any], None]
        self.oo_request_new: Callable[[Any], int]
        self.oo_request_add: Callable[[Owned, Optional[bytes], int], int]
        self.oo_request_add_all: Callable[[Owned, Optional[bytes], Any, int], int]
        self.oo_request_count: Callable[[Owned], int]
        self.oo_request_sign: Callable[[Owned, Owned, int], int]
        self.oo_request_body: Callable[[Owned, Any], Optional[int]]
        self.oo_request_message: Callable[[Owned], Optional[str]]
        self.oo_request_parse_response: Callable[[Owned, int, Optional[bytes], int, Any], int]
        self.oo_request_free: Callable[[Any], None]
        self.oo_results_count: Callable[[Owned], int]
        self.oo_results_get: Callable[[Owned, int], Optional[int]]
        self.oo_results_statuses: Callable[[Owned, int, Any], int]
        self.oo_results_messages: Callable[[Owned, Any], Optional[int]]
        self.oo_results_free: Callable[[Any], None]
        self.oo_result_status: Callable[[Owned], int]
        self.oo_result_outcome: Callable[[Owned], int]
        self.oo_result_module: Callable[[Owned], Optional[str]]
        self.oo_result_id: Callable[[Owned], int]
        self.oo_result_http_status: Callable[[Owned], int]
        self.oo_result_error_code: Callable[[Owned], int]
        self.oo_result_message: Callable[[Owned], Optional[str]]
        self.oo_result_body: Callable[[Owned, Any], Optional[int]]
        self.oo_result_read: Callable[[Owned, int, Any], int]
        self.oo_result_free: Callable[[Any], None]
        self.oo_outbox_open: Callable[[Optional[bytes], Any], int]
        self.oo_outbox_set_fsync: Callable[[Owned, int], int]
        self.oo_outbox_set_in_doubt: Callable[[Owned, int], int]
        self.oo_outbox_put: Callable[[Owned, Optional[bytes], int], int]
        self.oo_outbox_drain: Callable[[Owned, Owned, int, int, Any], int]
        self.oo_outbox_count: Callable[[Owned, int, Any], int]
        self.oo_outbox_list: Callable[[Owned, int, int, Any], int]
        self.oo_outbox_retry: Callable[[Owned, Optional[bytes], int, int], int]
        self.oo_outbox_drop: Callable[[Owned, Optional[bytes], int, int], int]
        self.oo_outbox_message: Callable[[Owned], Optional[str]]
        self.oo_outbox_free: Callable[[Any], None]
        self.oo_outbox_report_count: Callable[[Owned, int], int]
        self.oo_outbox_report_tried: Callable[[Owned], int]
        self.oo_outbox_report_message: Callable[[Owned], Optional[str]]
        self.oo_outbox_report_free: Callable[[Any], None]
        self.oo_outbox_entries_count: Callable[[Owned], int]
        self.oo_outbox_entries_module: Callable[[Owned, int], Optional[str]]
        self.oo_outbox_entries_id: Callable[[Owned, int], int]
        self.oo_outbox_entries_since_ms: Callable[[Owned, int], int]
        self.oo_outbox_entries_due_ms: Callable[[Owned, int], int]
        self.oo_outbox_entries_status: Callable[[Owned, int], int]
        self.oo_outbox_entries_error_code: Callable[[Owned, int], int]
        self.oo_outbox_entries_message: Callable[[Owned, int], Optional[str]]
        self.oo_outbox_entries_free: Callable[[Any], None]
