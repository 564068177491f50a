"""The mock, the servers, and an app of each framework as its page in docs/ shows it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# The mock and the databases are those of the Python package's tests.
python = ROOT / "bindings" / "python"
sys.path[:0] = [str(HERE), str(python / "tests"), str(python / "src"), str(ROOT / "tests" / "harness")]
for name in [name for name in os.environ if name.startswith(("ON_OFFICE_", "OO_WEBHOOKS_"))]:
    if name not in ("OO_WEBHOOKS_BUILD", "OO_WEBHOOKS_PROGRAM"):
        del os.environ[name]

from databases import Server  # noqa: E402
from mock_api import BUILD, Mock  # noqa: E402

# For the processes that the tests start.
os.environ["OO_WEBHOOKS_LIBRARY"] = str(BUILD / "lib" / "liboo_webhooks.so.1")
os.environ["PYTHONPATH"] = str(ROOT / "bindings" / "python" / "src")


@pytest.fixture(scope="session")
def session_mock(tmp_path_factory):
    with Mock(tmp_path_factory.mktemp("mock")) as mock:
        yield mock


@pytest.fixture
def mock(session_mock):
    session_mock.reset()
    return session_mock


@pytest.fixture(scope="session")
def servers():
    """A server of each kind, started when it is asked for."""
    running = {}

    def server(kind):
        if kind not in running:
            running[kind] = Server(kind)
        return running[kind]

    yield server
    for one in running.values():
        one.__exit__(None, None, None)
