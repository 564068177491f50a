"""A database or a Redis of a test's own, through tests/servers/serve."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SERVERS = Path(__file__).resolve().parents[1] / "servers"
SECONDS = 60


class Server:
    """Runs from `start` to `kill`, and never longer than this process; what it has is in a folder, which exists."""

    def __init__(self, kind: str, folder: Path, *options: str) -> None:
        self.kind, self.is_mariadb = kind, kind == "mariadb"
        self._folder = folder
        self._options = options
        self._has_user = False
        self.socket = ""
        self.start()

    def start(self) -> None:
        """Again after `kill`, with what it had."""
        command = [str(SERVERS / "serve"), self.kind, str(self._folder), *self._options]
        end = time.monotonic() + SECONDS
        while True:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
            assert self._process.stdout is not None
            if said := self._process.stdout.readline():
                self.socket = said.removeprefix("socket ").strip()
                return
            # Processes of one that was killed may still hold its memory.
            _, why = self._process.communicate()
            if time.monotonic() > end:
                sys.exit(f"{self.kind} does not start: {why[-2000:]}")

    def kill(self) -> None:
        """Ends it as a power cut does."""
        # The end of its input ends it.
        self._process.communicate(timeout=SECONDS)

    def url(self, database: str, user: str = "root") -> str:
        """What oo-webhooks takes as --database."""
        if self.is_mariadb:
            return f"mariadb://{user}@/{database}?socket={self.socket}"
        return f"postgres://{user}@/{database}?host={self.socket}"

    def run(self, database: str, statements: str) -> None:
        """Runs statements as the administrator."""
        if self.is_mariadb:
            client = ["mariadb", "--no-defaults", f"--socket={self.socket}", "--user=root", database]
        else:
            client = ["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", self.socket, "-U", "root", database]
        subprocess.run(client, input=statements, text=True, check=True, stdout=subprocess.DEVNULL)

    def make(self, database: str, schema: str) -> None:
        """A database with these tables and with a user `app`, who may INSERT into the outbox."""
        app = "app@localhost" if self.is_mariadb else "app"
        self.run("mysql" if self.is_mariadb else "postgres", f"CREATE DATABASE {database}")
        self.run(database, schema)
        if not self._has_user:
            self.run(database, f"CREATE USER {app}")
            self._has_user = True
        self.run(database, f"GRANT INSERT ON oo_webhooks_outbox TO {app}")

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
