"""Records: what is no module or id is refused, and nothing is coerced."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from mock_api import Mock

from oo_webhooks import Client, FakeClient, Module, Record, Request, Result


class Number:
    def __index__(self) -> int:
        return 7


WRONG: list[tuple[Any, Any, type[Exception], str]] = [
    ("adress", 1, ValueError, "unknown module 'adress': use one of \"estate\""),
    ("", 1, ValueError, "unknown module ''"),
    ("Address", 1, ValueError, "unknown module"),
    ("address ", 1, ValueError, "unknown module"),
    ("address\0", 1, ValueError, "NUL"),
    ("x" * 10_000, 1, ValueError, "unknown module 'x{40}':"),
    ("\udcff", 1, ValueError, "UTF-8"),
    (b"address", 1, TypeError, "the module must be str, not bytes"),
    (None, 1, TypeError, "not NoneType"),
    (1, 1, TypeError, "not int"),
    ("task", 0, ValueError, "invalid id 0 for task: a record id is 1 or more"),
    ("task", -1, ValueError, "invalid id -1"),
    ("task", -(2**63), ValueError, "2\\^63-1"),
    ("task", 2**63, ValueError, "the id is beyond 2\\^63-1"),
    ("task", 2**64 + 1, ValueError, "2\\^63-1"),
    ("task", 10**4000, ValueError, "2\\^63-1"),
    ("task", True, TypeError, "the id must be int, not bool"),
    ("task", "1", TypeError, "not str"),
    ("task", 1.0, TypeError, "not float"),
    ("task", None, TypeError, "not NoneType"),
    ("task", Number(), TypeError, "not Number"),
]


@pytest.mark.parametrize(("module", "id", "kind", "message"), WRONG)
def test_wrong_arguments_are_the_languages_own_errors(
    client: Client, module: Any, id: Any, kind: type[Exception], message: str
) -> None:
    calls = [Record, client.execute_webhooks, client.try_execute_webhooks, Request().add]
    for call in [*calls, FakeClient().execute_webhooks, FakeClient().try_execute_webhooks]:
        with pytest.raises(kind, match=message):
            call(module, id)


def test_wrong_arguments_leave_the_network_alone(client: Client, mock: Mock) -> None:
    for module, id, kind, _ in WRONG:
        with pytest.raises(kind):
            client.execute_webhooks(module, id)
    assert mock.counts()["connections"] == 0


def test_a_record_has_a_module_and_an_id() -> None:
    record = Record("address", 2**63 - 1)
    assert record.module is Module.ADDRESS
    assert record == Record(Module.ADDRESS, 9223372036854775807)
    assert record != Record("task", 2**63 - 1)
    assert len({record, Record("address", 2**63 - 1)}) == 1
    assert f"{record} {record.module} {record.module:>8}" == "address 9223372036854775807 address  address"


def test_a_record_does_not_change() -> None:
    with pytest.raises(AttributeError):
        Record("task", 1).id = 2  # type: ignore[misc]


def test_values_are_what_dataclasses_are_without_being_slow_to_import(client: Client) -> None:
    record, result = Record("task", 1), client.execute_webhooks("task", 1)
    assert dataclasses.asdict(record) == vars(record) == {"module": "task", "id": 1}
    assert dataclasses.replace(record, id=2) == Record("task", 2)
    assert repr(record) == "Record(module=<Module.TASK: 'task'>, id=1)"
    other = dataclasses.replace(result, message="")
    assert (other.id, other.message, other == result) == (1, "", False)
    assert [field.name for field in dataclasses.fields(Result)] == list(vars(result))
    for value in (record, result):
        with pytest.raises(dataclasses.FrozenInstanceError):
            value.id = 2  # type: ignore[misc]
        with pytest.raises(dataclasses.FrozenInstanceError):
            del value.id


@pytest.mark.parametrize(
    ("records", "kind", "message"),
    [
        ([], ValueError, "no record"),
        ([Record("task", 1), Record("estate", 1), Record("task", 1)], ValueError, "request already"),
        ([Record("task", id) for id in range(1, 502)], ValueError, "500"),
        ([("task", 1)], TypeError, "not tuple"),
        ("task", TypeError, "not str"),
        (Record("task", 1), TypeError, "not iterable"),
        (None, TypeError, "not iterable"),
    ],
)
def test_wrong_lists_are_the_languages_own_errors(
    client: Client, mock: Mock, records: Any, kind: type[Exception], message: str
) -> None:
    for some_client in (client, FakeClient()):
        for call in (some_client.execute_all, some_client.try_execute_all):
            with pytest.raises(kind, match=message):
                call(records)
    assert mock.counts()["connections"] == 0
