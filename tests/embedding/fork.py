#!/usr/bin/env python3
"""Parent, child and grandchild call at once, from Python's multiprocessing and from PHP's pcntl.

Both programs get the same command line and use the same ids: 100 for each process, of which there
are three in a round, so the mock's ledger tells who called.
"""

import multiprocessing
import os
import shutil
import subprocess
import sys

import tap
from mock import BUILD, ROOT, Mock

ROUNDS = int(os.environ.get("ROUNDS", 1000))
CALLS = 3  # of each process
LIMIT = 60  # seconds that a process may take


def python_before_the_first_call():
    families([sys.executable, __file__, "family", "before"])


def python_after_the_first_call():
    families([sys.executable, __file__, "family", "after"])


def php_before_the_first_call():
    families([*php(), "before"])


def php_after_the_first_call():
    families([*php(), "after"])


def php():
    if not shutil.which("php"):
        raise tap.Skip("PHP is not installed")
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True).stdout.split()
    if missing := {"FFI", "pcntl"} - set(modules):
        raise tap.Skip(f"PHP lacks {' and '.join(sorted(missing))}")
    header, library = ROOT / "include" / "oo_webhooks.ffi.h", BUILD / "lib" / "liboo_webhooks.so.1"
    return ["php", "-d", "ffi.enable=true", os.path.join(os.path.dirname(__file__), "fork.php"), header, library]


def families(command):
    with Mock() as mock:
        environment = {**os.environ, **mock.environment}
        run = subprocess.run([*command, str(ROUNDS), str(CALLS)], env=environment, capture_output=True, text=True,
                             timeout=600)
        assert run.returncode == 0, run.stdout + run.stderr
        called_before = command[-1] == "after"
        check_ledger(mock.ledger(), ROUNDS * (3 * CALLS + called_before))


def check_ledger(entries, count):
    assert len(entries) == count, f"{len(entries)} executed instead of {count}"
    ids = {entry["id"] for entry in entries}
    assert len(ids) == count, "a record was executed twice"
    process_of = {}
    for entry in entries:
        process = process_of.setdefault(entry["connection"], entry["id"] // 100)
        assert process == entry["id"] // 100, f"connection {entry['connection']} was used by two processes"


def family(when, rounds, calls):
    """The program in Python; each round in a process of its own, so that it has a first call."""
    from library import execute, new_client, oo

    fork = multiprocessing.get_context("fork")
    client = new_client(os.environ["ON_OFFICE_URL"], os.environ["ON_OFFICE_CA_FILE"])

    def run(function, *arguments):
        process = fork.Process(target=function, args=arguments)
        process.start()
        return process

    def join(process):
        process.join(LIMIT)
        assert process.exitcode == 0, f"exit code {process.exitcode}: None means that it hung"

    def execute_all(number, process, barrier):
        barrier.wait(LIMIT)
        for call in range(calls):
            execute(client, (number * 3 + process + 1) * 100 + call)

    def child(number, barrier):
        grandchild = run(execute_all, number, 2, barrier)
        execute_all(number, 1, barrier)
        join(grandchild)

    def parent(number):
        barrier = fork.Barrier(3)
        if when == "after":
            execute(client, (number * 3 + 1) * 100 + calls)
        process = run(child, number, barrier)
        execute_all(number, 0, barrier)
        join(process)

    for number in range(rounds):
        join(run(parent, number))
    oo.oo_client_free(client)


if __name__ == "__main__":
    if sys.argv[1:2] == ["family"]:
        family(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        tap.run(
            python_before_the_first_call,
            python_after_the_first_call,
            php_before_the_first_call,
            php_after_the_first_call,
        )
