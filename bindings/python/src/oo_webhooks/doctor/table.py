"""An outbox in a database, as the app's user sees it: that one needs to INSERT and nothing else. Nothing is written."""

from __future__ import annotations

import re
from contextlib import closing, suppress
from typing import Any, Optional

from ..outbox_table import statement_for
from .finding import Finding, Grade

# The version of the tables that this package writes to.
_VERSION = 1

_LEAST = {"PostgreSQL": (12,), "MariaDB": (10, 6), "MySQL": (8, 0, 17)}


def look(connection: Any) -> list[Finding]:
    try:
        statement_for(connection, "")
    except (TypeError, ValueError) as error:
        return [Finding("database", Grade.BAD, str(error))]
    return _Table(connection).look()


class _Table:
    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._is_postgresql = False

    def look(self) -> list[Finding]:
        version, said = self._ask("SELECT VERSION()")
        if version is None:
            return [Finding("database", Grade.BAD, said)]
        self._is_postgresql = version.startswith("PostgreSQL")
        if not self._is_postgresql:
            return self._look_at("MariaDB" if "MariaDB" in version else "MySQL", version)
        # There a question that fails ends the transaction that it is in, with all that it wrote.
        if self._ask("SELECT txid_current_if_assigned()")[0] is not None:
            found = "the connection is in a transaction, which a failing question would spoil"
            return [Finding("database", Grade.UNKNOWN, found, "give a connection that is in none")]
        findings = self._look_at("PostgreSQL", version)
        self._roll_back()
        return findings

    def _look_at(self, kind: str, version: str) -> list[Finding]:
        return [
            Finding("database", Grade.GOOD, kind),
            _version(kind, version),
            self._isolation(),
            self._primary(),
            self._schema(),
            self._rights(),
        ]

    def _isolation(self) -> Finding:
        """A save only inserts one row, with which no isolation interferes: it is said for those who look for it."""
        isolation, said = self._ask(
            "SELECT current_setting('transaction_isolation')"
            if self._is_postgresql
            else "SHOW SESSION VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')"
        )
        if isolation is None:
            return Finding("database isolation", Grade.UNKNOWN, said)
        return Finding("database isolation", Grade.GOOD, f"{isolation}: a save may be in any")

    def _primary(self) -> Finding:
        is_replica, said = self._ask(
            "SELECT CASE WHEN pg_is_in_recovery() THEN 1 ELSE 0 END"
            if self._is_postgresql
            else "SELECT @@global.read_only + 0"
        )
        if is_replica is None:
            return Finding("database primary", Grade.UNKNOWN, said)
        if is_replica == "0":
            return Finding("database primary", Grade.GOOD, "it takes writes")
        found = "it is a replica" if self._is_postgresql else "it is read-only"
        return Finding("database primary", Grade.BAD, found, "connect to the primary server: a save writes")

    def _schema(self) -> Finding:
        name = "database schema"
        version, said = self._ask("SELECT MAX(version) FROM oo_webhooks_schema")
        if version is None:
            return Finding(name, Grade.UNKNOWN, f"this user may not see the tables' version: {said}")
        if version == str(_VERSION):
            return Finding(name, Grade.GOOD, f"version {version}")
        found = f"version {version}, and this package writes to version {_VERSION}"
        cure = "install the package and the program of one release, and run what `oo-webhooks schema` prints"
        return Finding(name, Grade.BAD, found, cure)

    def _rights(self) -> Finding:
        """Asks for the right with a statement that inserts no row."""
        _, said = self._ask(
            "INSERT INTO oo_webhooks_outbox (account, module, record_id) "
            "SELECT '', '', 0 FROM (SELECT 1 AS one) AS none WHERE 1 = 0"
        )
        if not said:
            return Finding("database rights", Grade.GOOD, "this user may save")
        cure = (
            "make the tables with what `oo-webhooks schema` prints, in this database, and\n"
            "GRANT INSERT ON oo_webhooks_outbox to this user"
        )
        return Finding("database rights", Grade.BAD, said, cure)

    def _ask(self, statement: str) -> tuple[Optional[str], str]:
        """The last column of the first row, and what the database said instead."""
        try:
            with closing(self._connection.cursor()) as cursor:
                cursor.execute(statement)
                rows = cursor.fetchall() if cursor.description else []
        except Exception as error:
            if self._is_postgresql:
                # It takes nothing more before that.
                self._roll_back()
            return None, " ".join(f"{type(error).__name__}: {error}".split())
        row = rows[0] if rows else (None,)
        return (None if row[-1] is None else str(row[-1])), ""

    def _roll_back(self) -> None:
        # Django refuses it in an atomic block, whose end does it.
        with suppress(Exception):
            self._connection.rollback()


def _version(kind: str, version: str) -> Finding:
    name = "database version"
    found = re.search(r"(?:^5\.5\.5-)?(\d+(?:\.\d+)*)", version)
    numbers = tuple(int(number) for number in found[1].split(".")) if found else (0,)
    if numbers >= _LEAST[kind]:
        return Finding(name, Grade.GOOD, found[1] if found else version)
    cure = (
        "update it to PostgreSQL 12 at least"
        if kind == "PostgreSQL"
        else "update it to MariaDB 10.6 or MySQL 8.0.17 at least: older ones have no SKIP LOCKED"
    )
    return Finding(name, Grade.BAD, version, cure)
