"""A run under valgrind: no error and no leak comes from the library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

from mock_api import SECONDS, Mock

PROGRAM = """
import os, pickle, threading
from oo_webhooks import Client, ConfigError, Options, Record, Request, WebhooksError

client = Client.from_environment()
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
client = Client.from_environment()
child = os.fork()
assert client.execute_webhooks("calendar", 1 if child else 2)
if child: assert os.waitpid(child, 0)[1] == 0
else: os._exit(0)
"""


def test_the_library_makes_no_error_under_valgrind(mock: Mock, tmp_path: Path) -> None:
    # A thread may find the client closed: that is said on standard error, and is no error here.
    ended = subprocess.run(
        [
            *("valgrind", "--quiet", "--leak-check=full", "--show-leak-kinds=definite", "--num-callers=50"),
            *("--xml=yes", f"--xml-file={tmp_path}/%p.xml", sys.executable, "-c", PROGRAM),
        ],
        env={**os.environ, **mock.environment(), "PYTHONMALLOC": "malloc", "ON_OFFICE_TIMEOUT_MS": "60000"},
        capture_output=True,
        text=True,
        timeout=10 * SECONDS,
    )
    assert ended.returncode == 0, ended.stderr
    assert {"calendar 1", "calendar 2"} < set(mock.executed())
    reports = list(tmp_path.glob("*.xml"))
    assert len(reports) == 2
    ours = [
        ElementTree.tostring(error, encoding="unicode")
        for report in reports
        for error in ElementTree.parse(report).iter("error")
        if any("liboo_webhooks" in (obj.text or "") for obj in error.iter("obj"))
    ]
    assert ours == []
