"""The mock and a client for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from mock_api import BUILD, Mock

from oo_webhooks import Client

LIBRARY = BUILD / "lib" / "liboo_webhooks.so.1"
# The library of this build, whatever the system has; for the processes that tests start, too.
os.environ["OO_WEBHOOKS_LIBRARY"] = str(LIBRARY)
os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[1] / "src")
# The mock is on this machine, whatever proxy the environment names.
os.environ["no_proxy"] = "127.0.0.1"
for name in [name for name in os.environ if name.startswith("ON_OFFICE_")]:
    del os.environ[name]


@pytest.fixture(scope="session")
def session_mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    with Mock(tmp_path_factory.mktemp("mock")) as mock:
        yield mock


@pytest.fixture
def mock(session_mock: Mock) -> Mock:
    session_mock.reset()
    return session_mock


@pytest.fixture
def client(mock: Mock) -> Iterator[Client]:
    with Client(mock.options()) as client:
        yield client
