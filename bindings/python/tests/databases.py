"""Real servers of MariaDB and PostgreSQL, with the tables of the outbox."""

from __future__ import annotations

import itertools
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
import pymysql

ROOT = Path(__file__).resolve().parents[3]


class Server:
    """A server that ends with this object, or with this process."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.is_mariadb = kind == "mariadb"
        self._names = itertools.count()
        # Not pytest's own folder: the path of a socket is at most 107 characters.
        self._folder = tempfile.TemporaryDirectory(prefix="oo_webhooks-")
        self.start()

    def start(self) -> None:
        """Starts it, again after `kill`, with what it had."""
        self._process = subprocess.Popen(
            [ROOT / "tests" / "servers" / "serve", self.kind, self._folder.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline().split()
        assert said[:1] == ["socket"], f"{self.kind} does not start"
        self.socket = said[1]

    def kill(self) -> None:
        """Ends it as a power cut does."""
        # The end of its input ends it.
        self._process.communicate(timeout=30)

    def database(self) -> str:
        """A new database with the tables and with a user `app`, who may INSERT into the outbox; its name."""
        number = next(self._names)
        name = f"shop{number}"
        schema = ROOT / "store-sql" / "schema" / ("mysql-1.sql" if self.is_mariadb else "postgresql-1.sql")
        app = "app@localhost" if self.is_mariadb else "app"
        self.run("mysql" if self.is_mariadb else "postgres", f"CREATE DATABASE {name}")
        self.run(name, schema.read_text().replace("@COLLATION@", "utf8mb4_nopad_bin"))
        if number == 0:
            self.run(name, f"CREATE USER {app}")
        self.run(name, f"GRANT INSERT ON oo_webhooks_outbox TO {app}")
        return name

    def run(self, database: str, statements: str) -> None:
        if self.is_mariadb:
            command = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", database]
        else:
            command = ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", self.socket, "-U", "root", database]
        subprocess.run(command, input=statements, text=True, check=True)

    def value(self, database: str, query: str) -> str:
        """The only value of an answer."""
        connection = self.connect(database, "root")
        cursor = connection.cursor()
        cursor.execute(query)
        (row,) = cursor.fetchall()
        connection.close()
        return str(row[0])

    def connect(self, database: str, user: str = "app") -> Any:
        """A connection of DB-API 2.0."""
        if self.is_mariadb:
            return pymysql.connect(unix_socket=self.socket, user=user, database=database)
        return psycopg.connect(host=self.socket, user=user, dbname=database)

    def saves(self, database: str) -> list[tuple[str, str, int]]:
        """The saves that were committed, in order."""
        connection = self.connect(database, "root")
        cursor = connection.cursor()
        cursor.execute("SELECT account, module, record_id FROM oo_webhooks_outbox ORDER BY id")
        rows = [tuple(row) for row in cursor.fetchall()]
        connection.close()
        return rows

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()
        self._folder.cleanup()
