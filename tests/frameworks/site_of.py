"""A site: an app of a framework, its outbox and the worker beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from guide import snippet, unpack
from mock_api import BUILD

HERE = Path(__file__).resolve().parent
PROGRAM = os.environ.get("OO_WEBHOOKS_PROGRAM") or str(BUILD / "bin" / "oo-webhooks")
# A wait that only a defect makes long.
SECONDS = 180.0


def wait_until(what, condition):
    """Asks again and again, for there is nothing here that could tell."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, f"it does not come: {what}"
        time.sleep(0.02)


class App:
    """A process of the app, which does what it is told: `save 7`, `rollback 7`. It says `ok`, or what failed."""

    def __init__(self, site):
        self._process = subprocess.Popen(
            site.command,
            cwd=site.folder,
            env={**os.environ, **site.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._hear() == "ready"

    def _hear(self):
        return self._process.stdout.readline().strip()

    def order(self, order):
        """Tells it, and does not wait."""
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()

    def say(self, order):
        """What it says to an order."""
        self.order(order)
        return self._hear()

    def kill(self):
        self._process.kill()
        self._process.communicate(timeout=SECONDS)

    def do(self, order):
        said = self.say(order)
        assert said == "ok", f"{order}: {said}"

    def end(self):
        self._process.communicate(timeout=SECONDS)

    def die(self, order):
        """The order kills it."""
        assert self.say(order) == ""
        assert self._process.wait(SECONDS) == -signal.SIGKILL
        self._process.communicate()


class Site:
    """An app as its page shows it, with a database."""

    def __init__(self, name, page, kind, servers, mock, folder):
        self.name = name
        self.mock = mock
        self.folder = folder
        self.server = servers(kind)
        self.database = self.server.database()
        unpack(page, folder)
        if page == "wordpress.md":
            (folder / "save.php").write_text("<?php\n" + snippet(page, "function shop_move_customer"))
        where = f"?socket={self.server.socket}" if kind == "mariadb" else f"?host={self.server.socket}"
        self.url = f"{'mariadb' if kind == 'mariadb' else 'postgres'}://root@/{self.database}{where}"
        program = HERE / "apps" / (f"{name}_site.py" if kind == "postgresql" else f"{name}.php")
        self.command = [sys.executable if kind == "postgresql" else "php", str(program)]
        self.environment = {"SITE_SOCKET": self.server.socket, "SITE_DATABASE": self.database}
        self._workers = []

    def app(self):
        return App(self)

    def program(self, *words):
        """Runs oo-webhooks to its end."""
        return subprocess.run(
            [PROGRAM, *words, "--database", self.url],
            env={**os.environ, **self.mock.environment()},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def work_once(self):
        return self.program("work", "--once")

    def start_worker(self):
        worker = subprocess.Popen(
            [
                "setpriv",
                "--pdeathsig=KILL",
                PROGRAM,
                "work",
                "--database",
                self.url,
                "--pause",
                "50ms",
                "--threads",
                "2",
            ],
            env={**os.environ, **self.mock.environment()},
            stdout=subprocess.DEVNULL,
            stderr=open(self.folder / "worker.log", "ab"),
        )
        self._workers.append(worker)
        return worker

    def end_workers(self):
        for worker in self._workers:
            worker.terminate()
            assert worker.wait(SECONDS) is not None
        self._workers = []

    def kill_workers(self):
        for worker in self._workers:
            worker.kill()
            worker.wait(SECONDS)
        self._workers = []

    def records(self):
        """How many records are in each state, saves that nobody has collected among the waiting ones."""
        asked = self.program("status", "--json")
        assert asked.stdout, asked.stderr
        return {state: number for state, number in json.loads(asked.stdout)["records"].items() if number}

    def pass_hours(self, hours):
        """The clock goes on: everything in the table is so much older."""
        if self.server.is_mariadb:
            then = f"- INTERVAL {int(hours * 3600)} SECOND"
        else:
            then = f"- interval '{int(hours * 3600)} seconds'"
        times = ["due_at", "changed_at", "first_saved_at", "last_saved_at", "failing_since", "lease_until"]
        changes = ", ".join(f"{time} = {time} {then}" for time in times)
        self.server.run(self.database, f"UPDATE oo_webhooks_record SET {changes};")

    def executed(self):
        """The ids that the mock has executed, in order."""
        return [int(words.split()[1]) for words in self.mock.executed()]

    def wait_for(self, *ids):
        wait_until(f"executed {ids}", lambda: self.executed() == list(ids))

    def wait_until_idle(self):
        wait_until("nothing waits", lambda: not {"waiting", "sending"} & set(self.records()))
