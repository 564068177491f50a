"""The outbox: what a save, a drain and a person do to the records in a folder."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from mock_api import Mock

from oo_webhooks import (
    Client,
    FakeOutbox,
    Outbox,
    OutboxError,
    OutboxState,
    Record,
    Status,
    WhenInDoubt,
    forbid_real_calls,
)

CASES = Path(__file__).resolve().parents[3] / "tests" / "outbox" / "put_cases.sh"


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path)


def test_a_save_does_what_the_format_says() -> None:
    program = (
        "import sys, oo_webhooks\n"
        "try:\n    oo_webhooks.Outbox(sys.argv[1]).put(sys.argv[2], int(sys.argv[3]))\n"
        "except (oo_webhooks.WebhooksError, ValueError) as error:\n    sys.exit(str(error))\n"
    )
    command = [str(CASES), "checking", sys.executable, "-c", program]
    cases = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert cases.returncode == 0, cases.stdout + cases.stderr
    assert cases.stdout.count("ok - ") > 15


def test_saves_become_one_call(outbox: Outbox, client: Client, mock: Mock) -> None:
    for id in (7, 8, 7, 7):
        outbox.put("address", id)
    assert outbox.counts().waiting == 2
    report = outbox.drain(client)
    assert (report.executed, report.tried, report.status, report.message) == (2, 2, Status.OK, "")
    assert sorted(mock.executed()) == ["address 7", "address 8"]
    assert outbox.drain(client).tried == 0


def test_a_drain_keeps_its_limits(outbox: Outbox, client: Client) -> None:
    for id in range(1, 6):
        outbox.put("task", id)
    assert outbox.drain(client, max=2, deadline_ms=60000).tried == 2
    assert outbox.counts().waiting == 3
    for wrong in ({"max": -1}, {"deadline_ms": -1}):
        with pytest.raises(ValueError, match="or more"):
            outbox.drain(client, **wrong)
    with pytest.raises(TypeError):
        outbox.drain(client, max=1.5)  # type: ignore[arg-type]


def test_what_fails_is_listed_and_a_person_decides(outbox: Outbox, client: Client) -> None:
    outbox.put("address", 404)
    assert outbox.drain(client).rejected == 1
    (entry,) = outbox.list(OutboxState.FAILED)
    assert (entry.record, entry.state, entry.status) == (
        Record("address", 404),
        OutboxState.FAILED,
        Status.UNKNOWN_RECORD,
    )
    assert entry.error_code == 292
    assert "address 404: rejected" in entry.message
    assert entry.since_ms > 0
    assert entry.due_ms is None
    outbox.retry(entry)
    (waiting,) = outbox.list(OutboxState.WAITING, max=5)
    assert waiting.due_ms is not None
    assert waiting.status is None
    with pytest.raises(ValueError, match="waits to be sent already"):
        outbox.retry(waiting)
    with pytest.raises(ValueError, match="not as it was"):
        outbox.drop(replace(waiting, since_ms=waiting.since_ms - 1))
    outbox.drop(Record("address", 404))
    with pytest.raises(ValueError, match="not there"):
        outbox.drop(waiting)


def test_a_doubt_is_held_or_as_the_operator_chose(tmp_path: Path, client: Client, mock: Mock) -> None:
    outbox = Outbox(tmp_path)
    outbox.put("estate", 7)
    mock.faults({"kind": "drop_after_executing"})
    report = outbox.drain(client)
    assert (report.held, report.status) == (1, Status.CONNECTION_LOST)
    assert "estate 7" in report.message
    assert outbox.drain(client).tried == 0
    assert outbox.counts().doubt == 1
    outbox.put("estate", 7)
    assert Outbox(tmp_path, when_in_doubt=WhenInDoubt.DROP).drain(client).dropped == 1
    outbox.put("estate", 7)
    assert Outbox(tmp_path, when_in_doubt=WhenInDoubt.RESEND, fsync=True).drain(client).resent == 1
    assert mock.executed() == ["estate 7"] * 3


def test_strange_files_are_counted(tmp_path: Path, client: Client) -> None:
    outbox = Outbox(tmp_path)
    (tmp_path / "new" / "estate-5").symlink_to("/etc/passwd")
    assert outbox.counts().corrupt == 1
    assert outbox.drain(client).corrupt == 1
    assert [file.name[:5] for file in (tmp_path / "corrupt").iterdir()] == ["kind."]


def test_threads_share_an_outbox(outbox: Outbox, client: Client, mock: Mock) -> None:
    def save_and_drain() -> None:
        outbox.put("task", 1)
        outbox.drain(client)

    threads = [threading.Thread(target=save_and_drain) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.drain(client)
    assert outbox.counts().waiting == 0
    assert 1 <= len(mock.executed()) <= 8


def test_errors_name_the_folder_and_the_cure(tmp_path: Path) -> None:
    with pytest.raises(OutboxError, match="no such file or directory: make the folder with mkdir"):
        Outbox(tmp_path / "missing")
    with pytest.raises(ValueError, match="NUL"):
        Outbox("a\0b")


def test_a_real_drain_is_a_real_call(outbox: Outbox, client: Client) -> None:
    with forbid_real_calls(), pytest.raises(AssertionError):
        outbox.drain(client)


def test_the_fake_keeps_what_is_saved() -> None:
    fake = FakeOutbox()
    for id in (1, 2, 1):
        fake.put("task", id)
    assert fake.waiting == [Record("task", 1), Record("task", 2)]
    with pytest.raises(ValueError):
        fake.put("tasks", 1)
    fake.fail_with(OutboxError("no space left on device"))
    with pytest.raises(OutboxError):
        fake.put("task", 3)
    fake.reset()
    fake.put("task", 3)
    assert fake.waiting == [Record("task", 3)]
