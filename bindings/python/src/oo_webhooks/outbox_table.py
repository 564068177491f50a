"""The outbox in the database of the app: the wish to have the webhooks executed commits together with the save."""

from __future__ import annotations

import inspect
import sys
from contextlib import closing
from typing import Any, Union

from . import _arguments
from .errors import OutboxError
from .module import Module
from .record import Record

# Of the column. A server that is not strict would cut what is longer, and name another account.
_MOST_CHARACTERS = 64


class OutboxTable:
    """Saves records in the table oo_webhooks_outbox, from where `oo-webhooks work --database URL` takes them.

    It needs no library, only the table and the right to INSERT into it; docs/outbox-table.md says how to make it.
    """

    def put(self, connection: Any, module: Union[Module, str], id: int, account: str = "") -> None:
        """Saves, within the transaction that is open on the connection, that a record's webhooks are to be executed.

        The connection is the one of the save, from a driver of MariaDB, MySQL or PostgreSQL that keeps to DB-API
        2.0 (psycopg, psycopg2, PyMySQL, mysqlclient and others), or Django's. The transaction is neither begun nor
        ended here. The account is a name that the worker knows, never a token.

        Raises OutboxError when it is not saved; the driver's own error is its cause. Raises ValueError for another
        kind of database, too.
        """
        record = Record(module, id)
        check_account(account)
        insert = "INSERT INTO oo_webhooks_outbox (account, module, record_id) VALUES (?, ?, ?)"
        statement = statement_for(connection, insert)
        try:
            with closing(connection.cursor()) as cursor:
                cursor.execute(statement, (account, record.module.value, record.id))
        except Exception as error:
            why = " ".join(f"{type(error).__name__}: {error}".split())
            raise OutboxError(
                f"cannot save {record} in the table oo_webhooks_outbox: {why}: see that the table is there and that "
                "this user may INSERT into it"
            ) from error

    def __repr__(self) -> str:
        return "OutboxTable()"


def check_account(account: object) -> None:
    """Raises TypeError and ValueError; the text is in no message: it may be a token that was given in its place."""
    if len(_arguments.text("the account", account)) > _MOST_CHARACTERS:
        raise ValueError(f"the account is longer than {_MOST_CHARACTERS} characters: give it a short name")


def statement_for(connection: Any, statement: str) -> str:
    """The statement with its parameters as the connection's driver writes them.

    Raises TypeError for what is no DB-API connection, and ValueError for another kind of database.
    """
    return statement.replace("?", _mark(_driver(connection)))


def _driver(connection: Any) -> str:
    """The name of the driver's package; of Django's connections that of the kind of database."""
    if not callable(getattr(connection, "cursor", None)):
        raise TypeError(
            f"{type(connection).__name__} is no DB-API connection: give the driver's own one, or Django's; "
            "of SQLAlchemy it is session.connection().connection"
        )
    if inspect.iscoroutinefunction(getattr(connection, "commit", None)):
        raise TypeError("the connection is asynchronous, and nothing would be saved: give one that is not")
    vendor = getattr(connection, "vendor", None)
    if isinstance(vendor, str):
        return vendor
    packages = [kind.__module__.partition(".")[0] for kind in type(connection).__mro__]
    return next((name for name in packages if hasattr(sys.modules.get(name), "paramstyle")), packages[0])


def _mark(driver: str) -> str:
    """How the driver writes a parameter. Where no worker looks a save would wait for ever: those are refused."""
    style = getattr(sys.modules.get(driver), "paramstyle", "format")
    if driver in ("oracle", "sqlite", "sqlite3") or style not in ("format", "pyformat", "qmark"):
        raise ValueError(
            f"the outbox table is for MariaDB, MySQL and PostgreSQL, not for {driver}: use the class Outbox, or "
            "FakeOutboxTable in tests"
        )
    return "?" if style == "qmark" else "%s"
