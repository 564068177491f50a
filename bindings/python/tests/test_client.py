"""The client: what it returns, raises and logs, and what is left when it is closed."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from mock_api import SECRET, TOKEN, Mock

from oo_webhooks import (
    Client,
    FakeClient,
    InDoubtError,
    Module,
    NotSentError,
    Outcome,
    Record,
    RejectedError,
    Request,
    Status,
    WebhooksError,
    forbid_real_calls,
)
from oo_webhooks._library import library


def test_the_result_of_an_execution_has_all_that_is_known(client: Client, mock: Mock) -> None:
    result = client.execute_webhooks(Module.ADDRESS, 15005)
    assert result.is_executed
    assert (result.status, result.outcome) == (Status.OK, Outcome.EXECUTED)
    assert (result.module, result.id, result.http_status, result.error_code) == (Module.ADDRESS, 15005, 200, 0)
    assert "address 15005" in result.message
    assert json.loads(result.body or b"")["status"]["code"] == 200
    assert mock.executed() == ["address 15005"]


def test_only_an_executed_result_is_true(client: Client) -> None:
    assert client.try_execute_webhooks("task", 1)
    assert not client.try_execute_webhooks("task", 404)
    assert [bool(result) for result in client.try_execute_all([Record("task", 1), Record("task", 404)])] == [
        True,
        False,
    ]


def test_a_rejection_has_onoffices_error_code(client: Client) -> None:
    with pytest.raises(RejectedError, match="address 404") as raised:
        client.execute_webhooks("address", 404)
    assert raised.value.error_code == 292
    assert raised.value.result.status is Status.UNKNOWN_RECORD


def test_the_error_of_several_records_has_all_results(client: Client, mock: Mock) -> None:
    records = [Record("task", 1), Record("address", 404), Record("estate", 404), Record("estate", 3)]
    with pytest.raises(RejectedError) as raised:
        client.execute_all(record for record in records)
    assert [result.status for result in raised.value.results] == [0, 33, 33, 0]
    assert raised.value.result is raised.value.results[1]
    assert mock.executed() == ["task 1", "estate 3"]


def test_the_results_of_a_request_share_the_answer(client: Client) -> None:
    first, second = client.execute_all([Record("task", 1), Record("estate", 1)])
    assert first.body is not None
    assert first.body is second.body


def test_500_records_are_executed_in_one_exchange(client: Client, mock: Mock) -> None:
    results = client.execute_all([Record("task", id) for id in range(1000, 1500)])
    assert [result.id for result in results] == list(range(1000, 1500))
    assert (mock.counts()["requests"], mock.counts()["executed"]) == (1, 500)


def test_a_body_with_a_nul_and_bytes_that_are_no_text_is_kept_whole(client: Client, mock: Mock) -> None:
    answer = "\0{\0"
    http = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n{answer}"
    mock.faults({"kind": "raw_http", "bytes": http})
    result = client.try_execute_webhooks("task", 1)
    assert (result.status, result.body) == (Status.BAD_RESPONSE, b"\0{\0")


def test_clients_share_the_connections_of_the_process(mock: Mock) -> None:
    for id in range(1, 6):
        with Client(mock.options()) as client:
            client.execute_webhooks("task", id)
    assert mock.counts()["connections"] == 1


def test_a_connection_is_opened_ahead_and_used_by_the_next_call(client: Client, mock: Mock) -> None:
    assert client.connect() is client.connect(5000) is Status.OK
    assert (mock.counts()["connections"], mock.counts()["requests"]) == (1, 0)
    client.execute_webhooks("task", 1)
    assert (mock.counts()["connections"], mock.counts()["requests"]) == (1, 1)


def test_a_connection_that_cannot_be_opened_is_a_status(mock: Mock) -> None:
    assert Client(mock.options(url="https://127.0.0.1:1/")).connect() is Status.CONNECT_FAILED


@pytest.mark.parametrize("of", [Client, FakeClient])
def test_connect_refuses_what_is_no_time_and_a_closed_client(mock: Mock, of: Any) -> None:
    client: Any = of(mock.options()) if of is Client else of()
    with pytest.raises(ValueError, match="timeout_ms"):
        client.connect(-1)
    with pytest.raises(TypeError, match="timeout_ms"):
        client.connect(1.5)
    client.close()
    with pytest.raises(ValueError, match="closed"):
        client.connect()


def test_a_fake_connects_unless_it_is_told_otherwise_and_a_ban_holds(client: Client) -> None:
    fake = FakeClient()
    assert fake.connect() is Status.OK
    fake.answer_with(Status.DNS_FAILED)
    assert (fake.connect(), fake.executed) == (Status.DNS_FAILED, [])
    with forbid_real_calls(), pytest.raises(AssertionError, match="FakeClient"):
        client.connect()


def test_a_status_of_a_later_library_keeps_its_number_and_outcome(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 19 would be another way not to be sent, 2 is the number of that outcome.
    execute = library().oo_client_execute_webhooks
    monkeypatch.setattr(library(), "oo_client_execute_webhooks", lambda *arguments: execute(*arguments) or 19)

    def read(result: object, size: int, out_fields: Any) -> int:
        out_fields._obj.status, out_fields._obj.outcome = 19, 2
        return 0

    monkeypatch.setattr(library(), "oo_result_read", read)
    with pytest.raises(NotSentError) as raised:
        client.execute_webhooks("task", 1)
    status = raised.value.result.status
    assert (status.value, status.name, status.outcome) == (19, "UNKNOWN", Outcome.NOT_SENT)


@pytest.mark.parametrize("function", ["oo_client_execute_webhooks", "oo_client_execute_request"])
def test_a_defect_of_the_library_that_leaves_no_result_is_in_doubt(
    client: Client, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    monkeypatch.setattr(library(), function, lambda *arguments: 90)
    call: Callable[[], object] = partial(client.execute_webhooks, "task", 1)
    if function.endswith("request"):
        call = partial(client.execute_all, [Record("task", 1), Record("task", 2)])
    with pytest.raises(InDoubtError, match="task 1: a defect") as raised:
        call()
    assert {result.status for result in raised.value.results} == {Status.INTERNAL}


def test_a_closed_client_refuses_calls(client: Client) -> None:
    client.close()
    client.close()
    for call in (client.execute_webhooks, client.try_execute_webhooks):
        with pytest.raises(ValueError, match="^client is closed$"):
            call("task", 1)
    for call_all in (client.execute_all, client.try_execute_all):
        with pytest.raises(ValueError, match="^client is closed$"):
            call_all([Record("task", 1)])
    with pytest.raises(ValueError, match="^client is closed$"), client:
        pass


def test_a_client_is_closed_behind_its_block_and_by_an_error_in_it(mock: Mock) -> None:
    with pytest.raises(ZeroDivisionError), Client(mock.options()) as client:
        raise ZeroDivisionError
    with pytest.raises(ValueError, match="closed"):
        client.execute_webhooks("task", 1)


def test_what_holds_a_secret_is_neither_copied_nor_pickled_nor_shown(client: Client) -> None:
    with Request() as request:
        request.add("task", 1)
        request.sign(client)
        for holder, noun in ((client, "client"), (request, "request")):
            for copied in (copy.copy, copy.deepcopy, pickle.dumps):
                with pytest.raises(TypeError, match=f"a {noun} is neither copied nor pickled"):
                    copied(holder)
            shown = f"{holder!r} {vars(holder)!r}"
            assert not any(secret in shown for secret in (TOKEN, SECRET))


@pytest.mark.parametrize("kind", [WebhooksError, RejectedError, NotSentError, InDoubtError])
def test_an_error_survives_pickling_with_its_results(client: Client, kind: type[WebhooksError]) -> None:
    results = client.try_execute_all([Record("task", 1), Record("task", 404)])
    error = pickle.loads(pickle.dumps(kind("message", results[1], results)))
    assert (type(error), str(error), error.result, error.results) == (kind, "message", results[1], results)


def test_every_outcome_is_one_line_in_the_log(mock: Mock, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client.execute_webhooks("task", 1)
    with pytest.raises(RejectedError):
        client.execute_webhooks("task", 404)
    mock.faults({"kind": "drop_after_executing"})
    client.try_execute_all([Record("task", 2), Record("task", 3)])
    Client(mock.options(url="https://127.0.0.1:1/")).try_execute_webhooks("task", 4)

    lines = [(record.name, record.levelname) for record in caplog.records]
    assert lines == [("oo_webhooks", level) for level in ("INFO", "ERROR", "ERROR", "ERROR", "WARNING")]
    for record, id in zip(caplog.records, (1, 404, 2, 3, 4)):
        assert f"task {id}" in record.getMessage()
        assert "\n" not in record.getMessage()
    assert not any(secret in caplog.text for secret in (TOKEN, SECRET))


def test_no_secret_is_in_what_an_error_shows(mock: Mock) -> None:
    token, secret = SECRET, TOKEN
    with Client(mock.options(token=token, secret=secret)) as client:
        with pytest.raises(RejectedError) as raised:
            client.execute_webhooks("task", 1)
        shown = repr(raised.value) + str(raised.value) + repr(raised.value.results) + repr(client)
    assert token not in shown
    assert secret not in shown
