"""One client, many threads."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from mock_api import SECONDS, Mock

from oo_webhooks import Client, Record
from oo_webhooks._library import library

if TYPE_CHECKING:
    from oo_webhooks._bindings import Owned


def test_threads_share_a_client(client: Client, mock: Mock) -> None:
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda id: client.execute_webhooks("task", id), range(1000, 1400)))
    assert [result.id for result in results] == list(range(1000, 1400))
    assert sorted(mock.executed()) == [f"task {id}" for id in range(1000, 1400)]
    assert mock.counts()["connections"] <= 16


def test_a_waiting_call_leaves_the_interpreter_to_other_threads(client: Client, mock: Mock) -> None:
    mock.faults({"kind": "delay", "ms": 1000})
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.execute_webhooks, "task", 1)
        await_request(mock)
        assert not call.done()
        assert call.result(SECONDS)


def test_a_client_that_is_closed_during_a_call_lives_until_the_call_is_done(
    mock: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    freed, free = threading.Event(), library().oo_client_free

    def free_and_tell(client: Owned) -> None:
        freed.set()
        free(client)

    monkeypatch.setattr(library().oo_client, "_free", free_and_tell)
    client = Client(mock.options())
    mock.faults({"kind": "delay", "ms": 1000})
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(client.execute_all, [Record("task", 1), Record("task", 2)])
        await_request(mock)
        client.close()
        with pytest.raises(ValueError, match="client is closed"):
            client.execute_webhooks("task", 3)
        assert not call.done()
        assert not freed.is_set()
        assert all(call.result(SECONDS))
    assert freed.is_set()
    assert mock.executed() == ["task 1", "task 2"]


def test_closing_while_threads_call_gives_results_or_refusals(mock: Mock) -> None:
    for _ in range(20):
        client = Client(mock.options())
        start = threading.Barrier(9)

        def call(client: Client = client, start: threading.Barrier = start) -> str:
            start.wait(SECONDS)
            try:
                while True:
                    client.execute_webhooks("task", 1)
            except ValueError as error:
                return str(error)

        with ThreadPoolExecutor(8) as pool:
            calls = [pool.submit(call) for _ in range(8)]
            start.wait(SECONDS)
            client.close()
            assert {call.result(SECONDS) for call in calls} == {"client is closed"}


def test_other_tasks_go_on_while_a_call_waits(client: Client, mock: Mock) -> None:
    mock.faults({"kind": "delay", "ms": 1000})

    async def main() -> None:
        call = asyncio.create_task(asyncio.to_thread(client.execute_webhooks, "task", 1))
        await asyncio.to_thread(await_request, mock)
        assert not call.done()
        assert (await call).is_executed

    asyncio.run(main())


def test_a_signal_is_handled_when_the_call_is_done(client: Client, mock: Mock) -> None:
    mock.faults({"kind": "delay", "ms": 300})
    main_thread = threading.get_ident()

    def interrupt() -> None:
        await_request(mock)
        signal.pthread_kill(main_thread, signal.SIGINT)

    interrupting = threading.Thread(target=interrupt)
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - either line may be where it arrives
        interrupting.start()
        client.execute_webhooks("task", 1)
        time.sleep(SECONDS)
    interrupting.join(SECONDS)
    assert mock.executed() == ["task 1"]
    mock.faults()
    assert client.execute_webhooks("task", 2)


def await_request(mock: Mock) -> None:
    """Until the mock has read a whole request."""
    deadline = time.monotonic() + SECONDS
    while mock.counts()["requests"] == 0:
        assert time.monotonic() < deadline
