"""A run under valgrind: no error and no leak comes from the library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from mock_api import SECONDS, Mock

PROGRAM = """
import os, threading
from oo_webhooks import Client, ConfigError, Options, Record, Request, WebhooksError

given = Options.from_environment()
options = Options(
    given.token, given.secret, given.url, given.ca_file, connect_timeout_ms=60_000, timeout_ms=60_000
)
client = Client(options)
for id in (1, 404):
    client.try_execute_webhooks("task", id)
    client.try_execute_all([Record("task", id), Record("estate", 404)])
for wrong in ({"timeout_ms": 0}, {"ca_file": "/nonexistent"}):
    try: Client(Options("t", "s", **wrong))
    except ConfigError: pass
request = Request()
for id in (1, 2, 2):
    try: request.add("task", id)
    except ValueError: pass
request.sign(client, 5)
request.parse_response(502, b"\\0<html>")
calls = [threading.Thread(target=client.try_execute_webhooks, args=("address", id)) for id in range(1, 5)]
for call in calls: call.start()
client.close()
for call in calls: call.join()
client = Client(options)
child = os.fork()
assert client.execute_webhooks("calendar", 1 if child else 2)
if child: assert os.waitpid(child, 0)[1] == 0
else: os._exit(0)
"""


# Valgrind takes what ring's assembler for AES makes for uninitialised, so that it is asked for such
# values without TLS, and for all other errors with it.
@pytest.mark.parametrize(("protocol", "uninitialised"), [("--http", "yes"), ("--tls=both", "no")])
def test_the_library_makes_no_error_under_valgrind(protocol: str, uninitialised: str, tmp_path: Path) -> None:
    with Mock(tmp_path, protocol) as mock:
        assert errors(mock, tmp_path, f"--undef-value-errors={uninitialised}") == []
        assert {"calendar 1", "calendar 2"} < set(mock.executed())


def errors(mock: Mock, folder: Path, option: str) -> list[str]:
    """Those of the program and its child that have the library on their stack."""
    ended = subprocess.run(
        [
            *("valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite", "--num-callers=50"),
            *(option, "--xml=yes", f"--xml-file={folder}/%p.xml", sys.executable, "-c", PROGRAM),
        ],
        env={**os.environ, **mock.environment(), "PYTHONMALLOC": "malloc"},
        capture_output=True,
        text=True,
        timeout=10 * SECONDS,
    )
    assert ended.returncode == 0, ended.stderr
    reports = list(folder.glob("*.xml"))
    assert len(reports) == 2
    return [
        ElementTree.tostring(error, encoding="unicode")
        for report in reports
        for error in ElementTree.parse(report).iter("error")
        if any("liboo_webhooks" in (obj.text or "") for obj in error.iter("obj"))
    ]
