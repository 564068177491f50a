"""Real servers of MariaDB and PostgreSQL, with the tables of the outbox."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import server

ROOT = Path(__file__).resolve().parents[3]


class Server(server.Server):
    """A server that ends with this object, or with this process."""

    def __init__(self, kind: str) -> None:
        self._names = itertools.count()
        # Not pytest's own folder: the path of a socket is at most 107 characters.
        self._temporary = tempfile.TemporaryDirectory(prefix="oo_webhooks-")
        super().__init__(kind, Path(self._temporary.name))

    def database(self) -> str:
        """A new database with the tables and with a user `app`, who may INSERT into the outbox; its name."""
        name = f"shop{next(self._names)}"
        schema = ROOT / "store-sql" / "schema" / ("mysql-1.sql" if self.is_mariadb else "postgresql-1.sql")
        self.make(name, schema.read_text().replace("@COLLATION@", "utf8mb4_nopad_bin"))
        return name

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

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        self._temporary.cleanup()
