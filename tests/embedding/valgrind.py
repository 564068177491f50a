#!/usr/bin/env python3
"""valgrind over hosts in Python and PHP that call, fork and end: of what it finds in an interpreter,
what has the library in its stack is the library's."""

import os
import re
import subprocess
import sys

import tap
from fork import php
from mock import Mock


def python_finds_nothing_in_the_library():
    check([sys.executable, os.path.join(os.path.dirname(__file__), "fork.py"), "family"])


def php_finds_nothing_in_the_library():
    check(php())


def check(host):
    if subprocess.run(["which", "valgrind"], capture_output=True).returncode != 0:
        raise tap.Skip("valgrind is not installed")
    with Mock() as mock:
        log = os.path.join(mock.folder, "valgrind")
        # It takes what ring's assembly encrypts for uninitialised memory.
        command = ["valgrind", "--undef-value-errors=no", "--leak-check=full", "--show-leak-kinds=definite,indirect",
                   "--num-callers=40", "--fair-sched=yes", f"--log-file={log}.%p", *host, "after", "2", "2"]
        environment = {**os.environ, **mock.environment, "PYTHONMALLOC": "malloc", "USE_ZEND_ALLOC": "0"}
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
        assert run.returncode == 0, run.stdout + run.stderr
        logs = [os.path.join(mock.folder, name) for name in os.listdir(mock.folder) if name.startswith("valgrind.")]
        assert len(logs) >= 7, f"{len(logs)} processes"
        text = "".join(open(name, errors="replace").read() for name in logs)
        for name in logs:
            os.unlink(name)
    assert "ERROR SUMMARY" in text
    findings = re.split(r"(?m)^==\d+== *\n", text)
    ours = [finding for finding in findings if "liboo_webhooks" in finding and re.search(r"(?m)   at 0x", finding)]
    assert not ours, "\n".join(ours[:3])


if __name__ == "__main__":
    tap.run(python_finds_nothing_in_the_library, php_finds_nothing_in_the_library)
