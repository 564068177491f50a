"""The functions of the library by ctypes, and nothing around them: what a call from Python costs at least. It looks at no
more than the status."""

import ctypes
import os


def caller(url, ca_file):
    library = ctypes.CDLL(os.environ["OO_WEBHOOKS_LIBRARY"])
    options, client, result = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    library.oo_options_new(ctypes.byref(options))
    secret = b"MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001"
    library.oo_options_set_credentials(options, b"MockTokenMockTokenMockToken00001", secret)
    library.oo_options_set_url(options, url.encode())
    library.oo_options_set_ca_file(options, os.fsencode(ca_file))
    library.oo_client_new(options, ctypes.byref(client))
    execute, free = library.oo_client_execute_webhooks, library.oo_result_free
    execute.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int64, ctypes.c_void_p]

    def call(records, id):
        if execute(client, b"address", id, ctypes.byref(result)) != 0:
            raise RuntimeError("it was not executed")
        free(result)

    return call
