"""Requests for callers with an HTTP client of their own."""

from __future__ import annotations

import json
import ssl
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from mock_api import SECONDS, Mock

from oo_webhooks import Client, FakeClient, Module, Options, Outcome, Request, Status

VECTORS = Path(__file__).resolve().parents[3] / "tests" / "vectors" / "hmac-v2.json"


def test_a_request_is_sent_with_another_http_client(client: Client, mock: Mock) -> None:
    with Request() as request:
        request.add("task", 1)
        request.add(Module.ADDRESS, 404)
        assert request.count == 2
        post = urllib.request.Request(mock.url, data=request.sign(client), headers={"Content-Type": "application/json"})
        trust = ssl.create_default_context(cafile=str(mock.ca_file))
        with urllib.request.urlopen(post, timeout=SECONDS, context=trust) as answer:
            results = request.parse_response(answer.status, answer.read())
    assert [(result.module, result.id, result.status) for result in results] == [
        (Module.TASK, 1, Status.OK),
        (Module.ADDRESS, 404, Status.UNKNOWN_RECORD),
    ]
    assert mock.executed() == ["task 1"]


def test_a_request_is_signed_for_the_given_second_or_for_now(client: Client) -> None:
    request = Request()
    request.add("task", 1)
    action = json.loads(request.sign(client, 1_700_000_000))["request"]["actions"][0]
    assert (action["timestamp"], action["resourceid"]) == (1_700_000_000, "1")
    before = int(time.time())
    action = json.loads(request.sign(client))["request"]["actions"][0]
    assert before <= action["timestamp"] <= time.time()


def test_what_was_signed_is_void_with_the_next_record(client: Client) -> None:
    request = Request()
    request.add("task", 1)
    first = request.sign(client, 5)
    request.add("task", 2)
    assert len(json.loads(request.sign(client, 5))["request"]["actions"]) == 2
    assert len(json.loads(first)["request"]["actions"]) == 1


@pytest.mark.parametrize(
    ("http_status", "body", "status"),
    [
        (200, b"", Status.BAD_RESPONSE),
        (200, b"\0\xff", Status.BAD_RESPONSE),
        (502, b"<html>", Status.HTTP_ERROR),
        (200, b'{"status":{"code":200,"errorcode":0}}', Status.BAD_RESPONSE),
    ],
)
def test_an_answer_that_is_not_the_apis_is_in_doubt(http_status: int, body: bytes, status: Status) -> None:
    request = Request()
    request.add("task", 1)
    (result,) = request.parse_response(http_status, body)
    assert (result.status, result.outcome, result.http_status) == (status, Outcome.IN_DOUBT, http_status)
    assert result.body == body


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ((99, b""), ValueError, "HTTP status 99"),
        ((1000, b""), ValueError, "HTTP status 1000"),
        ((2**32 + 200, b""), ValueError, "HTTP status"),
        ((True, b""), TypeError, "not bool"),
        (("200", b""), TypeError, "not str"),
        ((200, "text"), TypeError, "body must be bytes, not str"),
        ((200, None), TypeError, "not NoneType"),
    ],
)
def test_wrong_answers_are_the_languages_own_errors(
    arguments: tuple[Any, Any], kind: type[Exception], message: str
) -> None:
    request = Request()
    request.add("task", 1)
    with pytest.raises(kind, match=message):
        request.parse_response(*arguments)


def test_a_request_without_a_record_is_neither_signed_nor_answered(client: Client) -> None:
    with pytest.raises(ValueError, match="no record"):
        Request().sign(client)
    with pytest.raises(ValueError, match="no record"):
        Request().parse_response(200, b"")


def test_a_request_is_signed_with_an_open_client_and_a_time(client: Client) -> None:
    request = Request()
    request.add("task", 1)
    for seconds, kind in ((-1, ValueError), (2**63, ValueError), (1.5, TypeError), (True, TypeError)):
        with pytest.raises(kind):
            request.sign(client, seconds)  # type: ignore[arg-type]
    for no_client in (FakeClient(), None, "client"):
        with pytest.raises(TypeError, match="signed with a Client"):
            request.sign(no_client)  # type: ignore[arg-type]
    client.close()
    with pytest.raises(ValueError, match="client is closed"):
        request.sign(client)


def test_a_record_is_in_a_request_once_and_500_are_the_most() -> None:
    request = Request()
    request.add("task", 1)
    with pytest.raises(ValueError, match="task 1 is in the request already"):
        request.add("task", 1)
    for id in range(2, 501):
        request.add("task", id)
    with pytest.raises(ValueError, match="500"):
        request.add("task", 501)
    assert request.count == 500


def test_a_closed_request_refuses_calls(client: Client) -> None:
    request = Request()
    request.close()
    for call in (lambda: request.add("task", 1), lambda: request.sign(client), lambda: request.count):
        with pytest.raises(ValueError, match="^request is closed$"):
            call()
    with pytest.raises(ValueError, match="^request is closed$"):
        request.parse_response(200, b"")


def test_threads_that_share_a_request_take_turns(client: Client) -> None:
    request = Request()
    request.add("task", 10_000)

    def use(thread: int) -> None:
        for id in range(1, 26):
            request.add("task", 100 * thread + id)
            assert json.loads(request.sign(client, 5))["token"]
            assert len(request.parse_response(502, b"")) <= request.count

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
    assert request.count == 201


def vectors() -> list[dict[str, Any]]:
    """Those of this action: the file has others too."""
    of_all = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    ours = [vector for vector in of_all if vector["resourcetype"] == "executeMarketplaceWebhooks"]
    return [vector for vector in ours if vector["actionid"].endswith(":action:do")]


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: str(vector["name"]))
def test_signatures_are_those_of_the_vectors(vector: dict[str, Any]) -> None:
    client = Client(Options(vector["token"], vector["secret"]))
    request = Request()
    request.add("task", 1)
    action = json.loads(request.sign(client, int(vector["timestamp"])))["request"]["actions"][0]
    assert action["hmac"] == vector["hmac"]
