"""What a call costs, by what can be counted: modules that are imported, and calls of the library."""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest
from mock_api import SECONDS, Mock

from oo_webhooks import Client, Outcome, Record, Result, Status, _bindings, result
from oo_webhooks._library import library

SOURCE = Path(__file__).resolve().parents[1] / "src"

BEGINNING = """
import sys
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
from oo_webhooks import Client
client = Client.from_environment()
"""


def run(mock: Mock, program: str) -> str:
    """What a program prints; without `site`, whose own imports are the machine's affair."""
    ended = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", BEGINNING + program, str(SOURCE)],
        env={**os.environ, **mock.environment()},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def test_a_program_that_executes_imports_what_it_needs_and_no_more(mock: Mock) -> None:
    program = "assert client.execute_webhooks('task', 1)\nprint(*set(sys.modules) - before)"
    imported = run(mock, program).split()
    slow = {
        "collections",
        "dataclasses",
        "enum",
        "functools",
        "inspect",
        "logging",
        "pathlib",
        "re",
        "threading",
        "typing",
    }
    assert not slow & set(imported)
    own = {name.partition(".")[2] for name in imported if name.startswith("oo_webhooks.")}
    assert not own & {"errors", "executes", "fake", "module", "outbox", "outcome", "request"}


def test_the_log_begins_when_the_program_imports_logging(mock: Mock) -> None:
    program = """
client.try_execute_webhooks("task", 404)
assert "logging" not in sys.modules
import logging
client.try_execute_webhooks("task", 404)
logging.basicConfig(level=logging.INFO, format="%(levelname)s", stream=sys.stdout)
client.try_execute_webhooks("task", 404)
client.try_execute_webhooks("task", 1)
"""
    assert run(mock, program).split() == ["ERROR", "INFO"]


def test_a_program_that_executes_makes_the_types_of_the_handles_it_has(mock: Mock) -> None:
    program = """
client.execute_webhooks("task", 1)
from oo_webhooks import _bindings
print(*_bindings.Owned.__subclasses__())
"""
    assert sorted(run(mock, program).split("'")[1::2]) == [
        f"oo_webhooks._bindings.{name}" for name in ("oo_client", "oo_options", "oo_result")
    ]


@pytest.fixture
def calls(client: Client, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions of the library that are called from now on, in their order."""
    made: list[str] = []

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            made.append(name)
            return function(*arguments)

        return call

    client.execute_webhooks("task", 1)
    # What other tests left is not freed during this one.
    gc.collect()
    for name in _bindings._DECLARATIONS:
        monkeypatch.setattr(library(), name, counted(name, getattr(library(), name)))
    for name in _bindings._HANDLES:
        monkeypatch.setattr(getattr(library(), name), "_free", getattr(library(), f"{name}_free"))
    return made


def test_an_execution_is_two_calls_of_the_library(client: Client, calls: list[str]) -> None:
    client.execute_webhooks("task", 1)
    assert calls == ["oo_client_execute_webhooks", "oo_result_free"]


def test_the_records_of_a_module_are_one_call_of_the_library(client: Client, calls: list[str]) -> None:
    client.execute_all([Record(module, id) for module in ("task", "estate") for id in range(1, 51)])
    assert calls.count("oo_request_add_all") == 2
    assert len(calls) == 2 + 5


def test_an_executed_result_is_read_when_it_is_asked_for_and_once(client: Client, calls: list[str]) -> None:
    executed = client.execute_webhooks("task", 7)
    assert executed
    assert executed.is_executed
    calls.clear()
    first = (executed.message, executed.body)
    assert calls == ["oo_result_read", "oo_result_free"]
    calls.clear()
    assert (executed.message, executed.body) == first
    assert (executed.status, executed.outcome, executed.id) == (Status.OK, Outcome.EXECUTED, 7)
    assert calls == []


def test_an_executed_result_outlives_its_client_and_a_pickle(client: Client) -> None:
    single, (several, _) = (
        client.execute_webhooks("task", 7),
        client.execute_all([Record("task", 7), Record("task", 8)]),
    )
    client.close()
    for unread in (single, several):
        copy = pickle.loads(pickle.dumps(unread))
        assert isinstance(copy, Result)
        assert (copy, copy.id, copy.is_executed, hash(copy)) == (unread, 7, True, hash(unread))


def test_a_result_that_another_thread_has_read_meanwhile_gives_what_it_read(client: Client) -> None:
    given = client.execute_webhooks("task", 7)
    assert given.id == 7
    # Where a thread stands that had found nothing before.
    assert type(given).__getattr__(given, "id") == 7


def test_without_the_interpreters_lock_results_are_read_at_once(
    client: Client, monkeypatch: pytest.MonkeyPatch, calls: list[str]
) -> None:
    monkeypatch.setattr(result, "READ_LATER", False)
    given = [client.execute_webhooks("task", 7), *client.execute_all([Record("task", 7), Record("task", 8)])]
    calls.clear()
    assert [one.id for one in given if one.status is Status.OK and one.body] == [7, 7, 8]
    assert calls == []
