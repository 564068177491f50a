"""The example, which ends with the number of the outcome."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from mock_api import SECONDS, Mock

EXAMPLE = Path(__file__).resolve().parents[1] / "example.py"


def run(mock: Mock, *arguments: str, **variables: str) -> tuple[int, str, str]:
    ended = subprocess.run(
        [sys.executable, EXAMPLE, *arguments],
        env={**os.environ, **mock.environment(), **variables},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    return ended.returncode, ended.stdout, ended.stderr


def test_executed(mock: Mock) -> None:
    assert run(mock) == (0, "executed: address 15005\n", "")
    assert run(mock, "task", "7") == (0, "executed: task 7\n", "")
    assert mock.executed() == ["address 15005", "task 7"]


@pytest.mark.parametrize(
    ("arguments", "variables", "faults", "code", "begin"),
    [
        (["address", "404"], {}, [], 1, "fix the cause: address 404"),
        ([], {"ON_OFFICE_URL": "https://127.0.0.1:1/"}, [], 2, "nothing was sent: address 15005"),
        ([], {}, [{"kind": "html"}], 3, "a repeat may execute twice: address 15005"),
    ],
)
def test_not_executed(
    mock: Mock, arguments: list[str], variables: dict[str, str], faults: list[dict[str, str]], code: int, begin: str
) -> None:
    mock.faults(*faults)
    ended, out, err = run(mock, *arguments, **variables)
    assert (ended, out[: len(begin)], out.count("\n"), err) == (code, begin, 1, "")


@pytest.mark.parametrize(
    ("arguments", "variables", "begin"),
    [
        ([], {"ON_OFFICE_SECRET": ""}, "ON_OFFICE_TOKEN is set but ON_OFFICE_SECRET is not"),
        (["adress"], {}, "unknown module 'adress'"),
        (["task", "0"], {}, "invalid id 0 for task"),
    ],
)
def test_nothing_sent(mock: Mock, arguments: list[str], variables: dict[str, str], begin: str) -> None:
    code, out, err = run(mock, *arguments, **variables)
    assert (code, out, err[: len(begin)], err.count("\n")) == (2, "", begin, 1)
    assert mock.counts()["connections"] == 0


def test_what_is_no_number_is_answered_with_the_usage(mock: Mock) -> None:
    code, out, err = run(mock, "task", "seven")
    assert (code, out, err[:6]) == (64, "", "usage:")
