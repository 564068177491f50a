"""The folder that a task of Celery drains, beside the obvious task; with a real Redis and real workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress

import oo_webhooks
import pytest
from celery.utils.time import get_exponential_backoff_interval
from guide import snippet, unpack
from site_of import HERE, PROGRAM, SECONDS, Site, wait_until


class Celery:
    """An app in a folder, whose outbox is in it."""

    def __init__(self, folder, mock, redis, acks_late):
        self.folder, self.mock = folder, mock
        self.outbox = oo_webhooks.Outbox(folder)
        unpack("celery.md", folder)
        code = snippet("celery.md", "def drain_webhooks").replace("/var/spool/shop", str(folder))
        (folder / "webhooks.py").write_text(code)
        self.environment = {
            **os.environ,
            **mock.environment(),
            "PYTHONPATH": f"{os.environ['PYTHONPATH']}:{HERE / 'apps'}:{folder}",
            "SITE_REDIS": redis.socket,
            "SITE_ACKS_LATE": "yes" if acks_late else "no",
            "SITE_QUEUE": folder.name,
        }
        self._workers = []

    def run(self, *statements):
        code = "import celery_app, webhooks\n" + "\n".join(statements)
        subprocess.run([sys.executable, "-c", code], env=self.environment, check=True, timeout=SECONDS)

    def start_worker(self, *words):
        self._workers.append(
            subprocess.Popen(
                # It has a session of its own, and ends with this process all the same.
                [
                    "setpriv",
                    "--pdeathsig=KILL",
                    sys.executable,
                    "-m",
                    "celery",
                    "-A",
                    "celery_app",
                    "worker",
                    "-c",
                    "3",
                    *words,
                ],
                env=self.environment,
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=open(self.folder / "worker.log", "ab"),
                start_new_session=True,
            )
        )

    def kill_workers(self):
        """Each as a whole: the parent and its pool."""
        for worker in self._workers:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(SECONDS)
        self._workers = []

    def executed(self):
        return [int(words.split()[1]) for words in self.mock.executed()]

    def wait_until_all_tasks_are_done(self):
        """A task behind them, in a worker that does one thing at a time, is the last."""
        self.outbox.put("task", 999)
        self.run("webhooks.drain_webhooks.delay()")
        wait_until("the last", lambda: 999 in self.executed())
        return Counter(id for id in self.executed() if id != 999)


@pytest.fixture(params=[True, False], ids=["acks_late", "acks_early"])
def celery(request, servers, mock, tmp_path):
    celery = Celery(tmp_path, mock, servers("redis"), request.param)
    celery.acks_late = request.param
    yield celery
    celery.kill_workers()


def test_a_task_that_drains_is_only_a_nudge(celery):
    celery.run(*['webhooks.saved("task", 1)'] * 10)
    celery.start_worker()
    celery.wait_until_all_tasks_are_done()
    assert celery.executed().count(1) == 1
    celery.outbox.put("task", 2)
    # No task, as after a Redis that forgot them: beat's next one sends it.
    celery.start_worker("--beat", "--schedule", str(celery.folder / "beat"))
    wait_until("2 is executed", lambda: 2 in celery.executed())


def test_an_outage_is_sat_out(celery):
    celery.mock.faults({"kind": "close_on_accept"})
    celery.outbox.put("task", 1)
    celery.start_worker("--beat", "--schedule", str(celery.folder / "beat"))

    def tried_for_an_hour():
        # The pause until the next try goes by: the time of the file is when it is due.
        with suppress(FileNotFoundError):
            os.utime(celery.folder / "retry" / "task-1", (0, time.time() - 1))
        return celery.mock.counts()["faults"] >= 12

    wait_until("it was tried again and again", tried_for_an_hour)
    assert celery.executed() == []
    celery.mock.faults()

    def executed():
        tried_for_an_hour()
        return celery.executed() == [1]

    wait_until("it is executed", executed)


def test_a_worker_that_is_killed_as_a_whole_leaves_doubts_and_repeats_nothing(celery):
    celery.mock.faults({"kind": "delay", "ms": 20_000, "times": 3})
    celery.start_worker()
    celery.run(*[f'webhooks.saved("task", {id})' for id in (1, 2, 3)])
    wait_until("all are being executed", lambda: set(celery.executed()) == {1, 2, 3})
    celery.kill_workers()
    time.sleep(4)
    celery.start_worker("-P", "solo")
    assert celery.wait_until_all_tasks_are_done() == {1: 1, 2: 1, 3: 1}
    assert celery.outbox.counts().doubt == 3
    check = [PROGRAM, "status", "--outbox", str(celery.folder), "--check"]
    assert subprocess.run(check, capture_output=True, timeout=SECONDS).returncode == 2


def test_the_obvious_task_executes_twice_or_is_forgotten(celery):
    celery.mock.faults({"kind": "delay", "ms": 20_000, "times": 3})
    celery.run(*[f'celery_app.execute_webhooks.delay("task", {id})' for id in (1, 2, 3)])
    celery.start_worker()
    wait_until("all are being executed", lambda: set(celery.executed()) == {1, 2, 3})
    celery.kill_workers()
    time.sleep(4)
    celery.start_worker("-P", "solo")
    times = 2 if celery.acks_late else 1
    wait_until("they are repeated", lambda: len(celery.executed()) == 3 * times)
    assert celery.wait_until_all_tasks_are_done() == {1: times, 2: times, 3: times}


def test_the_obvious_task_is_a_call_for_each_save(celery):
    celery.run(*['celery_app.execute_webhooks.delay("task", 1)'] * 10)
    celery.start_worker("-P", "solo")
    assert celery.wait_until_all_tasks_are_done() == {1: 10}


def test_ten_retries_are_over_after_17_minutes():
    waits = [get_exponential_backoff_interval(1, retries, 600, full_jitter=False) for retries in range(10)]
    assert sum(waits) < 18 * 60


def test_what_django_calls_on_commit_is_lost(servers, mock, tmp_path):
    site = Site("django", "django.md", "postgresql", servers, mock, tmp_path)
    site.command = [sys.executable, str(HERE / "apps" / "django_on_commit.py")]
    site.environment.update(mock.environment())
    app = site.app()
    for id in range(1, 11):
        app.do(f"rollback {id}")
    mock.faults({"kind": "close_on_accept"})
    for id in range(11, 21):
        app.do(f"save {id}")
    mock.faults()
    app.do("save 21")
    app.end()
    assert site.executed() == [21], "10 of 10 lost, and 10 of 10"
