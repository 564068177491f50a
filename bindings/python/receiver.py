#!/usr/bin/env python3
"""Receives the webhooks of the onOffice marketplace.

A call that onOffice has signed is answered with 200, any other with 401.

    ON_OFFICE_PROVIDER_SECRET=... RECEIVER_URL=http://127.0.0.1:8080/hook python3 receiver.py

The URL is the one that was registered, without its query. Behind a proxy the request may show another.
"""

import hashlib
import hmac
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit


def is_signed(url: str, parameters: dict[str, str], secret: str, now: float) -> bool:
    others = sorted((name, value) for name, value in parameters.items() if name != "signature")
    # As PHP's http_build_query, which encodes the tilde too.
    text = url + "?" + urlencode(others).replace("~", "%7E")
    expected = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    signature, timestamp = parameters.get("signature", ""), parameters.get("timestamp", "")
    return (
        hmac.compare_digest(expected.encode(), signature.encode())
        and timestamp.isdecimal()
        and abs(now - int(timestamp)) <= 300
    )


class Receiver(BaseHTTPRequestHandler):
    url = os.environ.get("RECEIVER_URL", "")
    secret = os.environ.get("ON_OFFICE_PROVIDER_SECRET", "")
    timeout = 5  # for a caller that says nothing

    def do_GET(self) -> None:
        parameters = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        signed = is_signed(self.url, parameters, self.secret, time.time())
        self.send_response(200 if signed else 401)
        self.end_headers()
        self.wfile.write(b"ok\n" if signed else b"not signed by onOffice\n")
        # Work after the answer. A record may be called for again: what costs money needs a guard of its own.
        for name in {"estateId", "addressId", "taskId", "calendarId"} & parameters.keys() if signed else ():
            print(f"received: {name} {parameters[name]}", file=sys.stderr, flush=True)

    def log_message(self, *_: Any) -> None:
        """Not the query: it has what the provider may do for this customer."""


if __name__ == "__main__":
    if not (Receiver.url and Receiver.secret):
        sys.exit("set RECEIVER_URL and ON_OFFICE_PROVIDER_SECRET")
    place = urlsplit(Receiver.url)
    with HTTPServer((place.hostname or "", place.port or 80), Receiver) as server:
        print(f"listening {Receiver.url}", flush=True)
        server.serve_forever()
