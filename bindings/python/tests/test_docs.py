"""Every snippet of docs/python.md and of README.md, run against the mock."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from mock_api import SECONDS, Mock

PACKAGE = Path(__file__).resolve().parents[1]
GUIDE = PACKAGE.parents[1] / "docs" / "python.md"
README = PACKAGE / "README.md"


def snippets(document: Path) -> dict[str, list[str]]:
    """Those in Python, by the heading that they stand below."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line, code in re.findall(
        r"^#+ ([^\n]*)$|^```python\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL
    ):
        heading = line or heading
        if code:
            found.setdefault(heading, []).append(code)
    return found


GUIDES = snippets(GUIDE)


def run(mock: Mock, folder: Path, program: str, *arguments: str) -> str:
    """What a program prints that ends well and in silence."""
    path = folder / "snippet.py"
    path.write_text(program)
    ended = subprocess.run(
        [sys.executable, *arguments, path],
        env={**os.environ, **mock.environment(), "DJANGO_SETTINGS_MODULE": ""},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=2 * SECONDS,
    )
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    return ended.stdout


def test_no_snippet_is_without_a_test() -> None:
    assert {heading: len(codes) for heading, codes in GUIDES.items()} == {
        "Execute webhooks": 3,
        "Outcomes": 2,
        "Several records": 1,
        "Log": 1,
        "asyncio": 1,
        "Processes": 1,
        "An HTTP client of your own": 1,
        "Tests of your app": 2,
    }


@pytest.mark.parametrize("code", [*GUIDES["Execute webhooks"], *snippets(README)["oo-webhooks"]])
def test_one_record(mock: Mock, tmp_path: Path, code: str) -> None:
    assert run(mock, tmp_path, code) == ""
    assert mock.executed() == ["address 15005"]


def test_outcomes(mock: Mock, tmp_path: Path) -> None:
    raises, tries = GUIDES["Outcomes"]
    assert re.search(r"address 404.*\(onOffice's error 292\)\n$", run(mock, tmp_path, raises))
    assert re.search(r"^unknown_record 292 .*address 404", run(mock, tmp_path, tries))
    mock.faults({"kind": "drop_after_executing"})
    assert "address 404: in doubt: " in run(mock, tmp_path, raises)
    assert run(mock, tmp_path, tries).startswith("look into onOffice before you repeat: ")


def test_several_records(mock: Mock, tmp_path: Path) -> None:
    (code,) = GUIDES["Several records"]
    assert run(mock, tmp_path, code) == "estate 7 ok\naddress 404 unknown_record\ntask 1 ok\n"


def test_log(mock: Mock, tmp_path: Path) -> None:
    (code,) = GUIDES["Log"]
    program = f"""
import logging
logging.basicConfig(format="%(levelname)s %(message)s", stream=__import__("sys").stdout, level=logging.DEBUG)
{code}
from oo_webhooks import Client
client = Client.from_environment()
client.execute_webhooks("task", 1)
client.try_execute_webhooks("task", 404)
"""
    assert re.fullmatch(r"ERROR .*task 404.*\n", run(mock, tmp_path, program))


@pytest.mark.parametrize("heading", ["asyncio", "Processes"])
def test_several_at_once(mock: Mock, tmp_path: Path, heading: str) -> None:
    (code,) = GUIDES[heading]
    assert run(mock, tmp_path, code) == ""
    assert sorted(mock.executed()) == ["address 1", "address 2", "address 3"]


def test_another_http_client(mock: Mock, tmp_path: Path) -> None:
    (code,) = GUIDES["An HTTP client of your own"]
    assert "address 15005" in run(mock, tmp_path, code)
    assert mock.executed() == ["address 15005"]
    mock.faults({"kind": "http_status", "status": 502})
    assert "502" in run(mock, tmp_path, code)


def test_tests_of_an_app(mock: Mock, tmp_path: Path) -> None:
    tests, conftest = GUIDES["Tests of your app"]
    (tmp_path / "test_app.py").write_text(tests)
    (tmp_path / "conftest.py").write_text(conftest)
    (tmp_path / "test_real.py").write_text(
        "import oo_webhooks, pytest\n\n"
        "def test_real():\n"
        "    with pytest.raises(AssertionError, match='real client'):\n"
        "        oo_webhooks.Client.from_environment().execute_webhooks('task', 1)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "oo_webhooks.pytest_plugin", "-p", "no:cacheprovider"],
        env={**os.environ, **mock.environment()},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert (ended.returncode, ended.stdout.splitlines()[-1][:8]) == (0, "3 passed")
    assert mock.executed() == []
