"""Forks, spawns, and the end of the interpreter."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from mock_api import SECONDS, SECRET, TOKEN, Mock

from oo_webhooks import Client, Options, Record

# From 3.12 on Python warns of forks with threads, which are what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")

inherited: Client


def execute_inherited(id: int) -> bool:
    return inherited.execute_webhooks("task", id).is_executed


def execute_own(url: str, ca_file: Path, id: int) -> bool:
    with Client(Options(TOKEN, SECRET, url=url, ca_file=ca_file)) as client:
        return client.execute_webhooks("task", id).is_executed


def execute_own_copy(client: Client, id: int) -> bool:
    return client.execute_webhooks("estate", id).is_executed


def test_forked_workers_use_the_client_of_their_parent(client: Client, mock: Mock) -> None:
    global inherited
    inherited = client
    client.execute_webhooks("task", 1)
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(4, mp_context=fork) as pool:
        assert all(pool.map(execute_inherited, range(1000, 1040)))
    client.execute_webhooks("task", 2)
    assert sorted(mock.executed()) == sorted(f"task {id}" for id in [1, 2, *range(1000, 1040)])
    # The parent's connection was left alone by the children, who opened one each.
    assert mock.counts()["connections"] <= 5


def test_spawned_workers_make_a_client_of_their_own(mock: Mock) -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn) as pool:
        assert all(pool.map(partial(execute_own, mock.url, mock.ca_file), range(1, 7)))
    assert sorted(mock.executed()) == [f"task {id}" for id in range(1, 7)]


def test_parent_and_child_execute_at_once(client: Client, mock: Mock) -> None:
    client.execute_webhooks("task", 1)
    mock.faults({"kind": "delay", "ms": 20})
    child = forked(lambda: all(client.execute_webhooks("address", id) for id in range(1, 11)))
    own = [client.execute_webhooks("estate", id).is_executed for id in range(1, 11)]
    assert ended_well(child)
    assert all(own)
    assert [entry for entry in mock.executed() if entry[0] == "a"] == [f"address {id}" for id in range(1, 11)]
    assert [entry for entry in mock.executed() if entry[0] == "e"] == [f"estate {id}" for id in range(1, 11)]


def test_a_child_executes_while_threads_of_its_parent_were_calling(client: Client, mock: Mock) -> None:
    enough = threading.Event()

    def call_on() -> None:
        while not enough.is_set():
            client.execute_all([Record("task", 1), Record("task", 2)])

    with ThreadPoolExecutor(4) as pool:
        callers = [pool.submit(call_on) for _ in range(4)]
        try:
            children = [forked(partial(execute_own_copy, client, id)) for id in range(1, 21)]
            assert all(ended_well(child) for child in children)
        finally:
            enough.set()
        for caller in callers:
            caller.result(SECONDS)
    executed = [entry for entry in mock.executed() if entry.startswith("estate")]
    assert sorted(executed) == sorted(f"estate {id}" for id in range(1, 21))


def test_a_child_that_closes_its_copy_leaves_the_parents_alone(client: Client) -> None:
    def close() -> bool:
        client.close()
        return True

    assert ended_well(forked(close))
    assert client.execute_webhooks("task", 1)


def forked(body: Callable[[], bool]) -> int:
    """A child that ends with 0 when the body is true."""
    child = os.fork()
    if child == 0:
        status = 2
        try:
            status = 0 if body() else 1
        finally:
            # Without pytest's own end, which is the parent's.
            os._exit(status)
    return child


def ended_well(child: int) -> bool:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.005)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False


@pytest.mark.parametrize(
    "left_behind",
    [
        "client = Client.from_environment()",
        "client = Client.from_environment(); client.itself = client",
        "client = Client.from_environment(); import sys; sys.client = client; sys.modules['oo_webhooks'].kept = client",
        "client = Client.from_environment(); request = Request(); request.add('task', 2); request.sign(client)",
        "client = Client.from_environment(); import atexit; atexit.register(client.execute_webhooks, 'task', 2)",
        "client = Client.from_environment(); import threading; "
        "threading.Thread(target=client.execute_webhooks, args=('task', 3), daemon=True).start()",
        "client = Client.__new__(Client)",
    ],
)
def test_the_interpreter_ends_in_silence_whatever_is_left(mock: Mock, left_behind: str) -> None:
    program = f"""
from oo_webhooks import Client, Request
{left_behind}
Client.from_environment().execute_webhooks("task", 1)
"""
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", program],
        env={**os.environ, **mock.environment()},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert "task 1" in mock.executed()
