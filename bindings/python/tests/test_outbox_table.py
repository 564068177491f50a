"""The outbox table: saves in the app's own transaction, on real servers."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from databases import ROOT, Server

from oo_webhooks import FakeOutboxTable, Module, OutboxError, OutboxTable, Record


@pytest.fixture(scope="module", params=["mariadb", "postgresql"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with Server(request.param) as server:
        yield server


@pytest.fixture
def database(server: Server) -> str:
    return server.database()


@pytest.fixture
def app(server: Server, database: str) -> Iterator[Any]:
    connection = server.connect(database)
    yield connection
    connection.close()


def test_a_save_is_committed_or_rolled_back_with_its_transaction(server: Server, database: str, app: Any) -> None:
    table = OutboxTable()
    table.put(app, "address", 15005)
    table.put(app, Module.TASK, 2**63 - 1, account="büro")
    table.put(app, "address", 15005)
    assert server.saves(database) == []
    app.commit()
    committed = [("", "address", 15005), ("büro", "task", 2**63 - 1), ("", "address", 15005)]
    assert server.saves(database) == committed
    table.put(app, "estate", 7)
    app.rollback()
    assert server.saves(database) == committed


def test_with_autocommit_it_is_committed_by_itself(server: Server, database: str, app: Any) -> None:
    if server.is_mariadb:
        app.autocommit(True)
    else:
        app.autocommit = True
    OutboxTable().put(app, "calendar", 42)
    assert server.saves(database) == [("", "calendar", 42)]


def test_an_error_names_the_record_and_the_cure(server: Server) -> None:
    connection = server.connect("mysql" if server.is_mariadb else "postgres", "root")
    with pytest.raises(OutboxError) as raised:
        OutboxTable().put(connection, "task", 2)
    text = str(raised.value)
    assert text.startswith("cannot save task 2 in the table oo_webhooks_outbox: ")
    assert "exist" in text
    assert text.endswith(": see that the table is there and that this user may INSERT into it")
    assert "\n" not in text
    assert type(raised.value.__cause__).__name__ in ("ProgrammingError", "UndefinedTable")
    connection.close()
    with pytest.raises(OutboxError, match="outbox: (Interface|Operational)Error: "):
        OutboxTable().put(connection, "task", 2)


def test_the_app_may_insert_and_nothing_else(app: Any) -> None:
    with pytest.raises(Exception, match="denied"):
        app.cursor().execute("SELECT * FROM oo_webhooks_outbox")


@pytest.mark.parametrize("table", [OutboxTable(), FakeOutboxTable()])
def test_what_is_wrong_is_said_before_anything_is_written(
    server: Server, database: str, app: Any, table: OutboxTable
) -> None:
    wrong: list[tuple[Any, Any, Any, type[Exception], str]] = [
        ("agents", 1, "", ValueError, "unknown module 'agents'"),
        ("task", 0, "", ValueError, "a record id is 1 or more"),
        ("task", "7", "", TypeError, "must be int"),
        ("task", 2**63, "", ValueError, "beyond"),
        ("task", 7, "ü" * 65, ValueError, "the account is longer than 64 characters"),
        ("task", 7, "a\0", ValueError, "the account holds a NUL"),
        ("task", 7, 5, TypeError, "the account must be str"),
    ]
    for module, id, account, error, words in wrong:
        with pytest.raises(error, match=words):
            table.put(app, module, id, account)
    table.put(app, "task", 7, "ü" * 64)
    app.commit()
    assert len(server.saves(database)) == isinstance(table, OutboxTable)


def test_the_page_shows_what_works(server: Server, database: str) -> None:
    page = (ROOT / "docs" / "outbox-table.md").read_text()
    (code,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    server.run(database, "CREATE TABLE customer (id bigint, city text);")
    connection = server.connect(database, "root")
    exec(code, {"connection": connection})
    connection.close()
    assert server.saves(database) == [("", "address", 15005)]


def test_what_is_no_connection_of_these_databases_is_refused(server: Server, database: str) -> None:
    table = OutboxTable()
    for lite in (sqlite3.connect(":memory:"), type("Mine", (sqlite3.Connection,), {})(":memory:")):
        with pytest.raises(ValueError, match="not for sqlite3: use the class Outbox, or FakeOutboxTable in tests"):
            table.put(lite, "task", 1)
        lite.close()
    with pytest.raises(TypeError, match="object is no DB-API connection: .*session.connection"):
        table.put(object(), "task", 1)
    with pytest.raises(TypeError, match="asynchronous"):
        table.put(psycopg.AsyncConnection.__new__(psycopg.AsyncConnection), "task", 1)


def test_no_library_is_needed(server: Server, database: str, app: Any, tmp_path: Path) -> None:
    program = (
        "import sys, pymysql, psycopg, oo_webhooks\n"
        "kind, socket, name = sys.argv[1:]\n"
        "if kind == 'mariadb':\n    app = pymysql.connect(unix_socket=socket, user='app', database=name)\n"
        "else:\n    app = psycopg.connect(host=socket, user='app', dbname=name)\n"
        "oo_webhooks.OutboxTable().put(app, 'task', 5)\napp.commit()\n"
    )
    environment = {**os.environ, "OO_WEBHOOKS_LIBRARY": str(tmp_path / "missing.so")}
    command = [sys.executable, "-c", program, server.kind, server.socket, database]
    subprocess.run(command, env=environment, check=True, timeout=60)
    assert server.saves(database) == [("", "task", 5)]


def test_the_fake_keeps_what_is_saved_for_each_account() -> None:
    fake = FakeOutboxTable()
    for id in (1, 2, 1):
        fake.put(None, "task", id)
    fake.put(None, "task", 1, "7")
    assert fake.waiting() == [Record("task", 1), Record("task", 2)]
    assert fake.waiting("7") == [Record("task", 1)]
    fake.fail_with(OutboxError("the database is away"))
    with pytest.raises(OutboxError):
        fake.put(None, "task", 3)
    fake.reset()
    fake.put(None, "task", 4)
    assert fake.waiting() == [Record("task", 4)]
