"""The receiver lets in what onOffice has signed, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from mock_api import SECONDS, Mock

from oo_webhooks import Client

RECEIVER = Path(__file__).resolve().parents[1] / "receiver.py"
SECRET = "MockProviderSecretMockProviderSecretMockProviderSecretMock000001"
CALL = {"estateId": "7", "customerName": "Müller ~ & Co. + 1", "apiClaim": "a/b=", "empty": ""}


class Receiver:
    """The package's receiver, which ends with this object."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}/hook"
        self._process = subprocess.Popen(
            [sys.executable, RECEIVER],
            env={**os.environ, "RECEIVER_URL": self.url, "ON_OFFICE_PROVIDER_SECRET": SECRET},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == f"listening {self.url}\n"

    def log_line(self) -> str:
        assert self._process.stderr is not None
        return self._process.stderr.readline().rstrip()

    def get(self, query: str) -> int:
        """The HTTP status."""
        try:
            with urllib.request.urlopen(f"{self.url}?{query}", timeout=SECONDS) as answer:
                status: int = answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        return status

    def signed(self, parameters: dict[str, str], secret: str = SECRET) -> str:
        """The query, signed as the official example checks it (docs/api-facts.md, `receiver-signature`)."""
        query = "&".join(f"{name}={php_encoded(value)}" for name, value in sorted(parameters.items()))
        signature = hmac.new(secret.encode(), f"{self.url}?{query}".encode(), hashlib.sha256).hexdigest()
        return f"{query}&signature={signature}"

    def end(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=SECONDS)


def php_encoded(text: str) -> str:
    return quote_plus(text).replace("~", "%7E")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.end()


def at(seconds: int) -> dict[str, str]:
    return {**CALL, "timestamp": str(int(time.time()) + seconds)}


def test_a_right_signature_is_let_in(receiver: Receiver) -> None:
    call = receiver.signed(at(0))
    assert receiver.get(call) == 200
    assert receiver.log_line() == "received: estateId 7"
    in_another_order = "&".join(reversed(call.split("&")))
    assert receiver.get(in_another_order) == 200
    assert [receiver.get(receiver.signed(at(seconds))) for seconds in (-290, 290)] == [200, 200]


def test_anything_else_is_refused(receiver: Receiver) -> None:
    call = receiver.signed(at(0))
    query, signature = call.split("&signature=")
    refused = {
        "nothing": "",
        "no signature": query,
        "an empty signature": f"{query}&signature=",
        "a signature of other characters": f"{query}&signature={php_encoded('ü')}",
        "upper case": f"{query}&signature={signature.upper()}",
        "another secret": receiver.signed(at(0), "another"),
        "another record": call.replace("estateId=7", "estateId=8"),
        "one more parameter": f"{call}&zz=1",
        "one parameter less": call.replace("&empty=", ""),
        "no time": receiver.signed(CALL),
        "a time that is none": receiver.signed({**CALL, "timestamp": "now"}),
        "an old one": receiver.signed(at(-310)),
        "one of the future": receiver.signed(at(310)),
    }
    assert {what: receiver.get(query) for what, query in refused.items()} == dict.fromkeys(refused, 401)


def test_without_a_secret_it_does_not_start() -> None:
    variables = {"RECEIVER_URL": "http://127.0.0.1:1/", "ON_OFFICE_PROVIDER_SECRET": ""}
    ended = subprocess.run(
        [sys.executable, RECEIVER], env={**os.environ, **variables}, capture_output=True, text=True, timeout=SECONDS
    )
    assert (ended.returncode, ended.stderr) == (1, "set RECEIVER_URL and ON_OFFICE_PROVIDER_SECRET\n")


def test_what_the_mock_executes_arrives(mock: Mock, client: Client, receiver: Receiver) -> None:
    mock.webhooks(
        {"module": "estate", "event": "update", "url": f"{receiver.url}?from=m%C3%BCnchen+%7E"},
        {"module": "estate", "event": "create", "url": receiver.url, "secret": "another"},
    )
    client.execute_webhooks("estate", 15005)
    assert mock.deliveries() == [("estate 15005", 200), ("estate 15005", 401)]
    assert receiver.log_line() == "received: estateId 15005"
