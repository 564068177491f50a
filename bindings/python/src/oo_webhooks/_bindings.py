"""The functions and numbers of oo_webhooks.h, declared for ctypes.

Generated from include/oo_webhooks.h by make generate (tools/generate_bindings.py): change it there.
"""

from __future__ import annotations

import ctypes
from ctypes import CDLL, POINTER, PyDLL, Structure, c_char_p, c_int32, c_int64, c_size_t, c_void_p

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ctypes import _Pointer
    from typing import Any, Callable, Optional


def _text(value: Any, function: Any, arguments: Any) -> Any:
    """Lent text, copied at once."""
    return None if value is None else value.decode("utf-8")


def _type(name: str) -> Any:
    """A type that the table below names."""
    if name.endswith("*"):
        return POINTER(_type(name[:-1]))
    if name == "void":
        return None
    return globals().get(name) or getattr(ctypes, name)


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


class oo_client(Structure):
    """Opaque."""


class oo_options(Structure):
    """Opaque."""


class oo_outbox(Structure):
    """Opaque."""


class oo_outbox_entries(Structure):
    """Opaque."""


class oo_outbox_report(Structure):
    """Opaque."""


class oo_probe(Structure):
    """Opaque."""


class oo_request(Structure):
    """Opaque."""


class oo_result(Structure):
    """Opaque."""


class oo_results(Structure):
    """Opaque."""


class oo_result_fields(Structure):
    """Of oo_webhooks.h."""

    _fields_ = [
        ("id", c_int64),
        ("module", c_void_p),
        ("message", c_void_p),
        ("message_length", c_size_t),
        ("body", c_void_p),
        ("body_length", c_size_t),
        ("status", c_int32),
        ("outcome", c_int32),
        ("http_status", c_int32),
        ("error_code", c_int32),
    ]


# What each gives and takes; with a plus, those that are too quick to let other threads go on.
_DECLARATIONS = {
    "oo_version": "c_char_p",
    "oo_abi_version": "c_uint32",
    "oo_status_name": "+c_char_p c_int32",
    "oo_status_outcome": "+c_int c_int32",
    "oo_status_worst": "+c_int32 c_int32 c_int32",
    "oo_status_message": "+c_char_p c_int32",
    "oo_execute_webhooks": "c_int c_char_p c_int64 oo_result**",
    "oo_set_default_client": "c_int oo_client*",
    "oo_options_new": "+c_int oo_options**",
    "oo_options_from_env": "c_int oo_options**",
    "oo_options_set_credentials": "c_int oo_options* c_char_p c_char_p",
    "oo_options_set_url": "c_int oo_options* c_char_p",
    "oo_options_set_ca_file": "c_int oo_options* c_char_p",
    "oo_options_set_proxy": "c_int oo_options* c_char_p",
    "oo_options_set_connect_timeout_ms": "c_int oo_options* c_int64",
    "oo_options_set_timeout_ms": "c_int oo_options* c_int64",
    "oo_options_message": "+c_char_p oo_options*",
    "oo_options_free": "+void oo_options*",
    "oo_client_new": "c_int oo_options* oo_client**",
    "oo_client_connect": "c_int oo_client* c_int64",
    "oo_client_execute_webhooks": "c_int oo_client* c_char_p c_int64 oo_result**",
    "oo_client_execute_request": "c_int oo_client* oo_request* oo_results**",
    "oo_client_free": "void oo_client*",
    "oo_client_probe": "c_int oo_client* oo_probe**",
    "oo_probe_message": "c_char_p oo_probe*",
    "oo_probe_http_status": "c_int32 oo_probe*",
    "oo_probe_clock_ahead": "c_int64 oo_probe*",
    "oo_probe_keep_alive": "c_char_p oo_probe*",
    "oo_probe_free": "void oo_probe*",
    "oo_request_new": "+c_int oo_request**",
    "oo_request_add": "+c_int oo_request* c_char_p c_int64",
    "oo_request_add_all": "+c_int oo_request* c_char_p c_int64* c_size_t",
    "oo_request_count": "+c_size_t oo_request*",
    "oo_request_sign": "c_int oo_request* oo_client* c_int64",
    "oo_request_body": "+c_void_p oo_request* c_size_t*",
    "oo_request_message": "+c_char_p oo_request*",
    "oo_request_parse_response": "c_int oo_request* c_int32 c_char_p c_size_t oo_results**",
    "oo_request_free": "+void oo_request*",
    "oo_results_count": "+c_size_t oo_results*",
    "oo_results_get": "+oo_result* oo_results* c_size_t",
    "oo_results_statuses": "+c_size_t oo_results* c_size_t c_int32*",
    "oo_results_messages": "+c_void_p oo_results* c_size_t*",
    "oo_results_free": "+void oo_results*",
    "oo_result_status": "+c_int oo_result*",
    "oo_result_outcome": "+c_int oo_result*",
    "oo_result_module": "+c_char_p oo_result*",
    "oo_result_id": "+c_int64 oo_result*",
    "oo_result_http_status": "+c_int32 oo_result*",
    "oo_result_error_code": "+c_int32 oo_result*",
    "oo_result_message": "+c_char_p oo_result*",
    "oo_result_body": "+c_void_p oo_result* c_size_t*",
    "oo_result_read": "+c_int oo_result* c_size_t oo_result_fields*",
    "oo_result_free": "+void oo_result*",
    "oo_outbox_open": "c_int c_char_p oo_outbox**",
    "oo_outbox_set_fsync": "c_int oo_outbox* c_int32",
    "oo_outbox_set_in_doubt": "c_int oo_outbox* c_int32",
    "oo_outbox_put": "c_int oo_outbox* c_char_p c_int64",
    "oo_outbox_drain": "c_int oo_outbox* oo_client* c_int64 c_int64 oo_outbox_report**",
    "oo_outbox_count": "c_int oo_outbox* c_int32 c_int64*",
    "oo_outbox_list": "c_int oo_outbox* c_int32 c_int64 oo_outbox_entries**",
    "oo_outbox_retry": "c_int oo_outbox* c_char_p c_int64 c_int64",
    "oo_outbox_drop": "c_int oo_outbox* c_char_p c_int64 c_int64",
    "oo_outbox_message": "c_char_p oo_outbox*",
    "oo_outbox_free": "void oo_outbox*",
    "oo_outbox_report_count": "c_int64 oo_outbox_report* c_int32",
    "oo_outbox_report_tried": "c_int64 oo_outbox_report*",
    "oo_outbox_report_message": "c_char_p oo_outbox_report*",
    "oo_outbox_report_free": "void oo_outbox_report*",
    "oo_outbox_entries_count": "c_size_t oo_outbox_entries*",
    "oo_outbox_entries_module": "c_char_p oo_outbox_entries* c_size_t",
    "oo_outbox_entries_id": "c_int64 oo_outbox_entries* c_size_t",
    "oo_outbox_entries_since_ms": "c_int64 oo_outbox_entries* c_size_t",
    "oo_outbox_entries_due_ms": "c_int64 oo_outbox_entries* c_size_t",
    "oo_outbox_entries_status": "c_int oo_outbox_entries* c_size_t",
    "oo_outbox_entries_error_code": "c_int32 oo_outbox_entries* c_size_t",
    "oo_outbox_entries_message": "c_char_p oo_outbox_entries* c_size_t",
    "oo_outbox_entries_free": "void oo_outbox_entries*",
}


class Bindings:
    """Every function of the header, taken from a library. Each is declared when it is first used."""

    def __init__(self, library: CDLL) -> None:
        """Raises AttributeError when the library lacks one: a call would find that out too late."""
        self._library, self._quick = library, PyDLL(library._name, handle=library._handle)
        for name in _DECLARATIONS:
            getattr(library, name)

    def __getattr__(self, name: str) -> Any:
        if name not in _DECLARATIONS:
            raise AttributeError(f"oo_webhooks.h has no function {name!r}")
        declared = _DECLARATIONS[name]
        function = (self._quick if declared[0] == "+" else self._library)[name]
        function.restype, *function.argtypes = map(_type, declared.lstrip("+").split())
        if function.restype is c_char_p:
            function.errcheck = _text
        setattr(self, name, function)
        return function

    if TYPE_CHECKING:
        oo_version: Callable[[], Optional[str]]
        oo_abi_version: Callable[[], int]
        oo_status_name: Callable[[int], Optional[str]]
        oo_status_outcome: Callable[[int], int]
        oo_status_worst: Callable[[int, int], int]
        oo_status_message: Callable[[int], Optional[str]]
        oo_execute_webhooks: Callable[[Optional[bytes], int, Any], int]
        oo_set_default_client: Callable[[_Pointer[oo_client]], int]
        oo_options_new: Callable[[Any], int]
        oo_options_from_env: Callable[[Any], int]
        oo_options_set_credentials: Callable[[_Pointer[oo_options], Optional[bytes], Optional[bytes]], int]
        oo_options_set_url: Callable[[_Pointer[oo_options], Optional[bytes]], int]
        oo_options_set_ca_file: Callable[[_Pointer[oo_options], Optional[bytes]], int]
        oo_options_set_proxy: Callable[[_Pointer[oo_options], Optional[bytes]], int]
        oo_options_set_connect_timeout_ms: Callable[[_Pointer[oo_options], int], int]
        oo_options_set_timeout_ms: Callable[[_Pointer[oo_options], int], int]
        oo_options_message: Callable[[_Pointer[oo_options]], Optional[str]]
        oo_options_free: Callable[[_Pointer[oo_options]], None]
        oo_client_new: Callable[[_Pointer[oo_options], Any], int]
        oo_client_connect: Callable[[_Pointer[oo_client], int], int]
        oo_client_execute_webhooks: Callable[[_Pointer[oo_client], Optional[bytes], int, Any], int]
        oo_client_execute_request: Callable[[_Pointer[oo_client], _Pointer[oo_request], Any], int]
        oo_client_free: Callable[[_Pointer[oo_client]], None]
        oo_client_probe: Callable[[_Pointer[oo_client], Any], int]
        oo_probe_message: Callable[[_Pointer[oo_probe]], Optional[str]]
        oo_probe_http_status: Callable[[_Pointer[oo_probe]], int]
        oo_probe_clock_ahead: Callable[[_Pointer[oo_probe]], int]
        oo_probe_keep_alive: Callable[[_Pointer[oo_probe]], Optional[str]]
        oo_probe_free: Callable[[_Pointer[oo_probe]], None]
        oo_request_new: Callable[[Any], int]
        oo_request_add: Callable[[_Pointer[oo_request], Optional[bytes], int], int]
        oo_request_add_all: Callable[[_Pointer[oo_request], Optional[bytes], Any, int], int]
        oo_request_count: Callable[[_Pointer[oo_request]], int]
        oo_request_sign: Callable[[_Pointer[oo_request], _Pointer[oo_client], int], int]
        oo_request_body: Callable[[_Pointer[oo_request], Any], Optional[int]]
        oo_request_message: Callable[[_Pointer[oo_request]], Optional[str]]
        oo_request_parse_response: Callable[[_Pointer[oo_request], int, Optional[bytes], int, Any], int]
        oo_request_free: Callable[[_Pointer[oo_request]], None]
        oo_results_count: Callable[[_Pointer[oo_results]], int]
        oo_results_get: Callable[[_Pointer[oo_results], int], _Pointer[oo_result]]
        oo_results_statuses: Callable[[_Pointer[oo_results], int, Any], int]
        oo_results_messages: Callable[[_Pointer[oo_results], Any], Optional[int]]
        oo_results_free: Callable[[_Pointer[oo_results]], None]
        oo_result_status: Callable[[_Pointer[oo_result]], int]
        oo_result_outcome: Callable[[_Pointer[oo_result]], int]
        oo_result_module: Callable[[_Pointer[oo_result]], Optional[str]]
        oo_result_id: Callable[[_Pointer[oo_result]], int]
        oo_result_http_status: Callable[[_Pointer[oo_result]], int]
        oo_result_error_code: Callable[[_Pointer[oo_result]], int]
        oo_result_message: Callable[[_Pointer[oo_result]], Optional[str]]
        oo_result_body: Callable[[_Pointer[oo_result], Any], Optional[int]]
        oo_result_read: Callable[[_Pointer[oo_result], int, Any], int]
        oo_result_free: Callable[[_Pointer[oo_result]], None]
        oo_outbox_open: Callable[[Optional[bytes], Any], int]
        oo_outbox_set_fsync: Callable[[_Pointer[oo_outbox], int], int]
        oo_outbox_set_in_doubt: Callable[[_Pointer[oo_outbox], int], int]
        oo_outbox_put: Callable[[_Pointer[oo_outbox], Optional[bytes], int], int]
        oo_outbox_drain: Callable[[_Pointer[oo_outbox], _Pointer[oo_client], int, int, Any], int]
        oo_outbox_count: Callable[[_Pointer[oo_outbox], int, Any], int]
        oo_outbox_list: Callable[[_Pointer[oo_outbox], int, int, Any], int]
        oo_outbox_retry: Callable[[_Pointer[oo_outbox], Optional[bytes], int, int], int]
        oo_outbox_drop: Callable[[_Pointer[oo_outbox], Optional[bytes], int, int], int]
        oo_outbox_message: Callable[[_Pointer[oo_outbox]], Optional[str]]
        oo_outbox_free: Callable[[_Pointer[oo_outbox]], None]
        oo_outbox_report_count: Callable[[_Pointer[oo_outbox_report], int], int]
        oo_outbox_report_tried: Callable[[_Pointer[oo_outbox_report]], int]
        oo_outbox_report_message: Callable[[_Pointer[oo_outbox_report]], Optional[str]]
        oo_outbox_report_free: Callable[[_Pointer[oo_outbox_report]], None]
        oo_outbox_entries_count: Callable[[_Pointer[oo_outbox_entries]], int]
        oo_outbox_entries_module: Callable[[_Pointer[oo_outbox_entries], int], Optional[str]]
        oo_outbox_entries_id: Callable[[_Pointer[oo_outbox_entries], int], int]
        oo_outbox_entries_since_ms: Callable[[_Pointer[oo_outbox_entries], int], int]
        oo_outbox_entries_due_ms: Callable[[_Pointer[oo_outbox_entries], int], int]
        oo_outbox_entries_status: Callable[[_Pointer[oo_outbox_entries], int], int]
        oo_outbox_entries_error_code: Callable[[_Pointer[oo_outbox_entries], int], int]
        oo_outbox_entries_message: Callable[[_Pointer[oo_outbox_entries], int], Optional[str]]
        oo_outbox_entries_free: Callable[[_Pointer[oo_outbox_entries]], None]
