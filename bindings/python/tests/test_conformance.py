"""The table that every language's binding runs: tests/conformance/README.md explains it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from mock_api import SECRET, TOKEN, Mock

import oo_webhooks
from oo_webhooks import Client, Outbox, OutboxState, Record, Result, WebhooksError, WhenInDoubt

TABLES = Path(__file__).resolve().parents[3] / "tests" / "conformance"

CREDENTIALS = {
    "right": (TOKEN, SECRET),
    "wrong_secret": (TOKEN, SECRET[:-1] + "2"),
    "unknown_token": (TOKEN[:-1] + "2", SECRET),
    "swapped": (SECRET, TOKEN),
    "provider": ("MockProviderMockProviderToken001", SECRET),
}


def cases(table: str) -> list[dict[str, str]]:
    lines = [line for line in (TABLES / table).read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    columns, *rows = [line.split("\t") for line in lines]
    return [dict(zip(columns, row)) for row in rows]


@pytest.mark.parametrize("case", cases("cases.tsv"), ids=lambda case: str(case["name"]))
@pytest.mark.parametrize("form", ["raises", "tries"])
def test_case(mock: Mock, case: dict[str, str], form: str) -> None:
    if case["fault"] != "-":
        mock.faults(*json.loads(f"[{case['fault']}]"))
    wanted = [pair.rsplit(":", 1) for pair in listed(case["records"])]

    error, results = None, []
    try:
        client = make_client(mock, case)
        results = execute(client, case["call"], [(module, int(id)) for module, id in wanted], form)
    except (WebhooksError, ValueError) as raised:
        error = raised
        results = getattr(raised, "results", [])

    check_error(case, error, form)
    assert [str(result.status) for result in results] == listed(case["statuses"])
    assert [str(result.error_code) for result in results] == listed(case["error_codes"])
    for result, (module, id) in zip(results, wanted):
        check_result(result, module, int(id), case)
    assert [entry.replace(" ", ":") for entry in mock.executed()] == listed(case["executed"])


def listed(field: str) -> list[str]:
    return [] if field == "-" else field.split(",")


def make_client(mock: Mock, case: dict[str, str]) -> Client:
    if case["credentials"] == "none":
        return Client.from_environment()
    token, secret = CREDENTIALS[case["credentials"]]
    changes: dict[str, Any] = {"token": token, "secret": secret}
    for setting in [] if case["settings"] == "-" else case["settings"].split(" "):
        name, value = setting.split("=", 1)
        changes[name] = int(value) if name.endswith("_ms") else None if value == "bundled" else value
    return Client(mock.options(**changes))


def execute(client: Client, call: str, records: list[tuple[str, int]], form: str) -> list[Result]:
    if call == "one":
        one = client.execute_webhooks if form == "raises" else client.try_execute_webhooks
        return [one(*records[0])]
    every = client.execute_all if form == "raises" else client.try_execute_all
    return every(Record(module, id) for module, id in records)


def check_error(case: dict[str, str], error: Exception | None, form: str) -> None:
    if case["error"] == "-" or (form == "tries" and case["error"] not in ("argument", "ConfigError")):
        assert error is None
    elif case["error"] == "argument":
        assert type(error) is ValueError
    else:
        assert type(error) is getattr(oo_webhooks, case["error"])
        if case["error"] != "ConfigError":
            assert isinstance(error, WebhooksError)
            assert error.result is not None
            assert (str(error.result.status), str(error.result.outcome)) == (case["status"], case["outcome"])
            assert str(error) == error.result.message


def check_result(result: Result, module: str, id: int, case: dict[str, str]) -> None:
    assert (result.module, result.id, str(result.http_status)) == (module, id, case["http_status"])
    assert result.is_executed is (str(result.status) == "ok")
    assert result.message
    assert result.message.isprintable()
    for credential in CREDENTIALS[case["credentials"]]:
        assert credential not in result.message


@pytest.mark.parametrize("case", cases("outbox.tsv"), ids=lambda case: str(case["name"]))
def test_outbox(mock: Mock, client: Client, tmp_path: Path, case: dict[str, str]) -> None:
    if case["fault"] != "-":
        mock.faults(json.loads(case["fault"]))
    error = "-"
    outbox = None
    try:
        folder = tmp_path if case["folder"] == "there" else tmp_path / "missing"
        outbox = Outbox(folder, when_in_doubt=WhenInDoubt(case["in_doubt"]))
        for step in case["steps"].split(" "):
            take(step, outbox, client, mock)
    except ValueError:
        error = "argument"
    except WebhooksError as raised:
        error = type(raised).__name__
    assert error == case["error"]
    if outbox is not None:
        counts = outbox.counts()
        assert f"{counts.waiting},{counts.sending},{counts.doubt},{counts.failed}" == case["counts"]
        entries = [entry for state in OutboxState for entry in outbox.list(state)]
        held = [f"{entry.state}:{entry.record.module}:{entry.record.id}" for entry in entries]
        tried = [f":{entry.status}" if entry.status else "" for entry in entries]
        assert [record + status for record, status in zip(held, tried)] == listed(case["held"])
    assert [entry.replace(" ", ":") for entry in mock.executed()] == listed(case["executed"])


def take(step: str, outbox: Outbox, client: Client, mock: Mock) -> None:
    name, *record = step.split(":")
    if name == "drain":
        outbox.drain(client)
    elif name == "well":
        mock.faults()
    elif name == "put":
        outbox.put(record[0], int(record[1]))
    else:
        getattr(outbox, name)(Record(record[0], int(record[1])))
