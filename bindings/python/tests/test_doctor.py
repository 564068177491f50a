"""What is wrong is found, with its cure, in the words of the program; nothing is executed and no secret is shown."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Optional

import pytest
from conftest import LIBRARY
from databases import Server
from mock_api import BUILD, SECONDS, SECRET, TOKEN, Mock, environment_without_settings

from oo_webhooks import Doctor, DoctorReport, Finding, Grade, Options, forbid_real_calls

PROGRAM = str(BUILD / "bin" / "oo-webhooks")

# What the program looks at otherwise, or not at all.
OTHERWISE = re.compile(r"library|header|program|Python|PHP.*|outbox space")


def run(command: list[str], **settings: str) -> tuple[Any, str]:
    """What it finds, and all that it printed."""
    ended = subprocess.run(
        command,
        env={
            **environment_without_settings(),
            "PYTHONPATH": os.environ["PYTHONPATH"],
            "OO_WEBHOOKS_LIBRARY": str(LIBRARY),
            **settings,
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert ended.stderr == ""
    report = json.loads(ended.stdout)
    assert ended.returncode == (0 if report["ok"] else 1)
    return report, ended.stdout


def package(*words: str, **settings: str) -> tuple[Any, str]:
    return run([sys.executable, "-m", "oo_webhooks", "doctor", "--json", *words], **settings)


def finding(report: Any, name: str) -> Any:
    (found,) = [finding for finding in report["findings"] if finding["name"] == name]
    return found


def of(report: DoctorReport, name: str) -> Finding:
    (found,) = [finding for finding in report.findings if finding.name == name]
    return found


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    subprocess.run([PROGRAM, "status", "--outbox", tmp_path], check=True, stdout=subprocess.DEVNULL)
    return tmp_path


def test_a_healthy_set_up_is_said_to_be_one_in_the_words_of_the_program(mock: Mock, outbox: Path) -> None:
    ours, printed = package("--outbox", str(outbox), **mock.environment())
    assert [finding["name"] for finding in ours["findings"] if finding["grade"] != "ok"] == []
    theirs, _ = run([PROGRAM, "doctor", "--json", "--outbox", str(outbox)], **mock.environment())

    def comparable(report: Any) -> list[str]:
        found = [finding for finding in report["findings"] if not OTHERWISE.fullmatch(finding["name"])]
        return [re.sub(r"\(\d+ ms\)", "", json.dumps(finding, sort_keys=True)) for finding in found]

    assert comparable(ours) == comparable(theirs)
    assert TOKEN not in printed
    assert SECRET not in printed
    assert mock.executed() == []


@pytest.mark.parametrize(
    ("changes", "name", "words"),
    [
        ({"ON_OFFICE_TOKEN": SECRET, "ON_OFFICE_SECRET": TOKEN}, "credentials", "exchange"),
        ({"ON_OFFICE_TOKEN": ""}, "token", "set ON_OFFICE_TOKEN"),
        ({"ON_OFFICE_SECRET": f'"{SECRET}"'}, "secret", "without it"),
        ({"ON_OFFICE_CA_FILE": "another"}, "connection", "ON_OFFICE_CA_FILE"),
        ({"ON_OFFICE_CA_FILE": "/nonexistent.pem"}, "settings", "/nonexistent.pem"),
        ({"ON_OFFICE_URL": "https://127.0.0.1:1/"}, "connection", "firewall"),
        ({"ON_OFFICE_URL": "https://name.invalid/"}, "connection", "name servers"),
        ({"ON_OFFICE_PROXY": "http://127.0.0.1:1"}, "connection", "ON_OFFICE_PROXY"),
        ({"ON_OFFICE_URL": "ftp://host/"}, "settings", "https://"),
    ],
)
def test_what_is_wrong_with_the_settings_is_found_in_the_words_of_the_program(
    mock: Mock, tmp_path: Path, changes: dict[str, str], name: str, words: str
) -> None:
    if changes.get("ON_OFFICE_CA_FILE") == "another":
        own = tmp_path / "ca.pem"
        request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=other"
        subprocess.run(
            ["openssl", *request.split(), "-keyout", tmp_path / "key", "-out", own], check=True, capture_output=True
        )
        changes = {"ON_OFFICE_CA_FILE": str(own)}
    settings = {**mock.environment(), **changes}
    ours, printed = package(**settings)
    found = finding(ours, name)
    assert (ours["ok"], found["grade"]) == (False, "bad")
    assert words in f"{found['found']} {found['cure']}"
    theirs = finding(run([PROGRAM, "doctor", "--json"], **settings)[0], name)
    assert (found["found"], found["cure"]) == (theirs["found"], theirs["cure"])
    assert SECRET not in printed
    assert mock.executed() == []


def test_a_proxy_that_calls_do_not_use_is_named(mock: Mock) -> None:
    report, _ = package(**mock.environment(), HTTPS_PROXY="http://127.0.0.1:1")
    assert finding(report, "proxy")["grade"] == "warning"


@pytest.mark.parametrize(("offset", "grade", "words"), [(600, "bad", "behind"), (-30, "warning", "ahead of")])
def test_a_clock_that_is_off_is_found(mock: Mock, offset: int, grade: str, words: str) -> None:
    mock.clock(offset)
    clock = of(Doctor(mock.options()).examine(), "clock")
    assert str(clock.grade) == grade
    # A second may pass between the two clocks' looks.
    assert re.fullmatch(rf"(29|30|31|599|600|601) s {words} the server's", clock.found)
    assert "NTP" in (clock.cure or "")


def test_without_the_library_it_still_looks_and_saves_in_a_table_are_not_said_to_fail(mock: Mock) -> None:
    report, _ = package(**{**mock.environment(), "OO_WEBHOOKS_LIBRARY": "/nonexistent.so"})
    assert finding(report, "library")["grade"] == "bad"
    assert "/nonexistent.so" in finding(report, "library")["found"]
    assert finding(report, "connection")["grade"] == "unknown"
    assert finding(report, "token")["grade"] == "ok"
    for url, name, words in [
        ("https://me:pass-word@127.0.0.1/", "settings", "user or password"),
        ("https://api..onoffice.de/", "name", "api..onoffice.de"),
        ("https://host:port/", "name", "port"),
        ("https://[::1", "name", "https://[::1"),
    ]:
        settings = {**mock.environment(), "ON_OFFICE_URL": url, "OO_WEBHOOKS_LIBRARY": "/nonexistent.so"}
        report, printed = package(**settings)
        assert (finding(report, name)["grade"], words in finding(report, name)["found"]) == ("bad", True), url
        assert "pass-word" not in printed
    program = "import sqlite3, oo_webhooks; print(oo_webhooks.Doctor(connection=sqlite3.connect(':memory:')).examine())"
    printed = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment_without_settings(), **mock.environment(), "OO_WEBHOOKS_LIBRARY": "/nonexistent.so"}
        | {"PYTHONPATH": os.environ["PYTHONPATH"]},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "\nwarning  library " in printed


def test_what_is_wrong_with_a_folder_is_found(outbox: Path, tmp_path: Path) -> None:
    def look(name: str, path: Optional[Path] = None) -> Finding:
        return of(Doctor(outbox=path or outbox).examine(), name)

    assert look("outbox rights").grade is Grade.GOOD
    outbox.chmod(0o777)
    assert "chmod o-w" in (look("outbox rights").cure or "")
    outbox.chmod(0o755)
    (outbox / "retry").rmdir()
    (outbox / "retry").symlink_to("/tmp")
    assert look("outbox files").grade is Grade.BAD
    (outbox / "version").write_text("7\n")
    assert look("outbox format").found == 'version "7"'
    (outbox / "version").unlink()
    os.mkfifo(outbox / "version")
    assert look("outbox format").found == "version is no file"
    assert "mkdir" in (look("outbox", outbox / "nowhere").cure or "")
    assert "is not a folder" in look("outbox", Path(__file__)).found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_is_judged_as_its_user_sees_it(outbox: Path) -> None:
    Doctor(outbox=outbox).examine()
    with tempfile.TemporaryDirectory(prefix="oo_webhooks-") as name:
        # Where another user comes.
        Path(name).chmod(0o755)
        box = Path(name, "box")
        box.mkdir(0o750)
        os.chown(box, 12345, 12345)
        # One who may look into it, and one who may not.
        for group in (12345, 65534):
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                with suppress(BaseException):
                    os.setgroups([])
                    os.setgid(group)
                    os.setuid(65534)
                    os.write(writing, of(Doctor(outbox=box).examine(), "outbox rights").found.encode())
                os._exit(0)
            os.close(writing)
            with os.fdopen(reading) as pipe:
                assert pipe.read() == "owner 12345, mode 0750; this is user 65534"
            os.waitpid(child, 0)


@pytest.mark.parametrize("kind", ["mariadb", "postgresql"])
def test_what_is_wrong_with_a_database_is_found(kind: str) -> None:
    with Server(kind) as server:
        name = server.database()
        whole = ("database", "database version", "database isolation", "database primary", "database schema")
        worker = server.connect(name, "root")
        report = Doctor(connection=worker).examine()
        assert {str(of(report, what).grade) for what in (*whole, "database rights")} == {"ok"}, str(report)
        worker.close()

        # The app may only INSERT, and needs no more.
        app = server.connect(name)
        report = Doctor(connection=app).examine()
        assert of(report, "database rights").grade is Grade.GOOD, str(report)
        assert of(report, "database schema").grade is Grade.UNKNOWN
        assert server.saves(name) == []

        # What the app has begun is its own.
        with app.cursor() as cursor:
            cursor.execute("INSERT INTO oo_webhooks_outbox (module, record_id) VALUES ('task', 5)")
        Doctor(connection=app).examine()
        app.commit()
        assert server.saves(name) == [("", "task", 5)]
        app.close()

        elsewhere = server.connect("mysql" if server.is_mariadb else "postgres", "root")
        rights = of(Doctor(connection=elsewhere).examine(), "database rights")
        assert rights.grade is Grade.BAD
        assert "oo-webhooks schema" in (rights.cure or "")
        elsewhere.close()
    with closing(sqlite3.connect(":memory:")) as lite:
        assert of(Doctor(connection=lite).examine(), "database").grade is Grade.BAD


def test_options_of_the_app_are_looked_at_and_forbidden_calls_are_not_made(mock: Mock) -> None:
    options = Options("geheim", SECRET, url=mock.url, ca_file=mock.ca_file)
    text = str(Doctor(options).examine())
    assert text.startswith("warning  token              ON_OFFICE_TOKEN has 6 characters; usual are 32\n")
    assert f"\n{'':27} -> copy it again, if calls are not authenticated\n" in text
    assert text.endswith("\n\nnothing must be cured")
    assert "geheim" not in text
    before = mock.counts()["connections"]
    with forbid_real_calls():
        assert of(Doctor(options).examine(), "connection").grade is Grade.UNKNOWN
    assert mock.counts()["connections"] == before
