"""The few functions of the library that the tests of other hosts need, by plain ctypes."""

import ctypes

from mock import LIBRARY, SECRET, TOKEN

oo = ctypes.CDLL(str(LIBRARY))
for _name in ("options_new", "client_new", "client_execute_webhooks", "result_status"):
    getattr(oo, f"oo_{_name}").restype = ctypes.c_int
for _name in ("options_message", "result_message", "result_body"):
    getattr(oo, f"oo_{_name}").restype = ctypes.c_char_p
oo.oo_client_execute_webhooks.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64, ctypes.c_void_p]
oo.oo_result_body.argtypes = [ctypes.c_void_p, ctypes.c_void_p]


def new_client(url, ca_file):
    options, client = ctypes.c_void_p(), ctypes.c_void_p()
    oo.oo_options_new(ctypes.byref(options))
    oo.oo_options_set_credentials(options, TOKEN.encode(), SECRET.encode())
    oo.oo_options_set_url(options, url.encode())
    oo.oo_options_set_ca_file(options, ca_file.encode())
    status = oo.oo_client_new(options, ctypes.byref(client))
    assert status == 0, oo.oo_options_message(options)
    oo.oo_options_free(options)
    return client


def execute(client, record_id):
    """Executes an address, which must be executed and answered as such."""
    result = ctypes.c_void_p()
    status = oo.oo_client_execute_webhooks(client, b"address", record_id, ctypes.byref(result))
    message, body = oo.oo_result_message(result), oo.oo_result_body(result, None)
    assert status == 0, message
    assert f'"resourceid":"{record_id}"'.encode() in body, body
    oo.oo_result_free(result)
