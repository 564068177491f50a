#!/usr/bin/env python3
"""What a warm call costs that does not depend on how fast the machine is, beside what was recorded.

    counts.py BUILD            compares: ends with 1 when a count is more than 3 % above its record
    counts.py BUILD --record   records anew, in counts.tsv
"""

import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "harness"))

from driver import counting  # noqa: E402
from driver.client import Client  # noqa: E402
from mock import Mock  # noqa: E402

RECORDS = HERE / "counts.tsv"
ROOM = 0.03
# What counts differs from one to the next of these; what else is counted does not.
MACHINE = platform.machine()


def main(build, record):
    counted = counts(build)
    if record:
        RECORDS.write_text(header() + "".join(f"{name}\t{count:.2f}\n" for name, count in counted.items()))
        print(RECORDS.read_text(), end="")
        return 0
    text = RECORDS.read_text()
    if MACHINE not in text.partition("\n")[0]:
        print(f"instructions and size are not compared: they were not recorded on {MACHINE}")
        counted = {name: count for name, count in counted.items() if not depends_on_processor(name)}
    recorded = {name: float(count) for name, _, count in
                (line.partition("\t") for line in text.splitlines() if not line.startswith("#"))}
    failed = sum(judge(name, count, recorded.get(name)) for name, count in counted.items())
    print(f"{len(counted) - failed} passed, {failed} failed")
    if failed:
        print(f"Recorded with: {text.partition(chr(10))[0]}\nWhere a count may rise, say why in the commit that has"
              " the new records: make bench-counts RECORD=1")
    return int(failed > 0)


def counts(build):
    client = Client(build / "bench" / "bench-library")
    preloaded = build / "bench" / "counting.so"
    found = {}
    with Mock() as target:
        for order in ("call 1", "call 100", "sign 1", "sign 100", "parse 1", "parse 100"):
            work, records = order.split()
            name = f"{NAMES[work]}, {records} record{'s'[:records != '1']}"
            # A piece of what is short is ten.
            pieces = 1 if work == "call" else 10
            few, many = (10, 30) if records == "1" else (2, 6)
            found[f"instructions: {name}"] = counting.instructions(client, target, order, few, many) / pieces
        for records in (1, 100):
            asked = counting.asked_of_libc(client, target, f"call {records}", preloaded)
            name = f"{NAMES['call']}, {records} record{'s'[:records != 1]}"
            found.update({f"{what}: {name}": count for what, count in asked.items()})
        calls = counting.system_calls(client, target, "call 1")
    found[f"system calls: {NAMES['call']}, 1 record"] = sum(calls.values())
    found["bytes: the library"] = (build / "lib" / "liboo_webhooks.so.1").stat().st_size
    return found


NAMES = {"call": "a warm call", "sign": "build and sign", "parse": "parse"}


def depends_on_processor(name):
    return name.startswith(("instructions", "bytes"))


def judge(name, count, recorded):
    """Prints the line of a count, and returns whether it fails."""
    fails = recorded is None or count > recorded * (1 + ROOM)
    beside = "nothing is recorded" if recorded is None else f"recorded {recorded:12,.2f}"
    print(f"{name:<46}{count:>14,.2f}   {beside}   {'FAILED' if fails else 'ok'}")
    return fails


def header():
    compiler = subprocess.run(["rustc", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.split()[1]
    return f"# {MACHINE}, rustc {compiler}. Written by make bench-counts RECORD=1.\n"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "--record" in sys.argv[2:]))
