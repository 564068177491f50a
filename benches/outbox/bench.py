#!/usr/bin/env python3
"""The outbox's benchmark: what a save costs, and what a worker carries.

    bench.py BUILD OUTPUT.json

All that is compared takes turns in one run, in an order drawn anew for each round; ratios are taken within a
round, and their median is shown. The worker's throughput is that of `oo-webhooks work --once` with a mock on the
same machine, which takes its part of the CPUs: it is a lower end.
"""

import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "harness"))

from mock import Mock  # noqa: E402

ROUNDS = 9
SAVES = 2000
SAVES_WITH_FSYNC = 200
# Calls in a measurement of the worker: long enough for a second of work, where each call takes 50 ms too.
RECORDS = {0: {1: 2000, 4: 4000, 16: 4000}, 50: {1: 40, 4: 160, 16: 640}}


class Put:
    """The contenders of a save, each with a command; the first one is what the others are compared with."""

    def __init__(self, build: Path, folder: Path, fsync: int) -> None:
        self.folder, self.fsync = folder, fsync
        self.count = SAVES_WITH_FSYNC if fsync else SAVES
        self.first = 1
        put = str(build / "bench" / "bench-put")
        php = ["php", "-d", "ffi.enable=true", str(ROOT / "benches/outbox/put.php"), str(ROOT / "bindings/php/autoload.php")]
        self.commands = {
            "a plain write and rename": [put, "plain"],
            "C": [put, "library"],
            "PHP, with FFI" if fsync else "PHP, without FFI": php,
            "Python": [sys.executable, str(ROOT / "benches/outbox/put.py")],
        }

    def run(self, name: str) -> float:
        arguments = [str(self.folder), str(self.first), str(self.count), str(self.fsync)]
        self.first += self.count
        command = self.commands[name] + arguments
        return float(subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout)

    def rows(self) -> list:
        times = {name: [] for name in self.commands}
        for _ in range(ROUNDS):
            for name in random.sample(list(self.commands), len(self.commands)):
                times[name].append(self.run(name) / 1000)
        first = next(iter(times.values()))
        return [
            {
                "name": name,
                "us": statistics.median(values),
                "ratio": statistics.median(value / base for value, base in zip(values, first)),
            }
            for name, values in times.items()
        ]


class Server:
    """A real database of its own."""

    def __init__(self, kind: str, folder: Path, program: Path) -> None:
        folder.mkdir()
        self.process = subprocess.Popen(
            [ROOT / "tests/servers/serve", kind, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        socket = self.process.stdout.readline().removeprefix("socket ").strip()
        schema = subprocess.run([program, "schema", "--dialect", kind], stdout=subprocess.PIPE, check=True, text=True).stdout
        if kind == "mariadb":
            self.url = f"mariadb://root@/bench?socket={socket}"
            client = ["mariadb", "--no-defaults", f"--socket={socket}", "--user=root"]
            subprocess.run([*client, "-e", "CREATE DATABASE bench"], check=True)
            self.client = [*client, "bench"]
        else:
            self.url = f"postgres://root@/postgres?host={socket}"
            self.client = ["psql", "--quiet", "--no-psqlrc", f"--host={socket}", "--username=root", "postgres"]
        self.run(schema)

    def run(self, statements: str) -> None:
        subprocess.run(self.client, input=statements, check=True, text=True, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)


def worker_rows(build: Path, folder: Path) -> list:
    program = build / "bin/oo-webhooks"
    servers = {}
    rows = []
    with Mock() as mock:
        try:
            for kind in ("mariadb", "postgresql"):
                servers[kind] = Server(kind, folder / kind, program)
            for milliseconds, by_threads in RECORDS.items():
                mock.set_faults([{"kind": "delay", "ms": milliseconds}] if milliseconds else [])
                for threads, records in by_threads.items():
                    rows.append(worker_row(program, mock, servers, folder, milliseconds, threads, records))
        finally:
            for server in servers.values():
                server.stop()
    return rows


def worker_row(
    program: Path, mock: Mock, servers: dict, folder: Path, milliseconds: int, threads: int, records: int
) -> dict:
    times = {"folder": [], **{kind: [] for kind in servers}}
    for _ in range(3):
        for place in random.sample(list(times), len(times)):
            fill(place, servers, folder, records)
            where = ["--database", servers[place].url] if place in servers else ["--outbox", folder / "box"]
            command = [program, "work", "--once", "--threads", str(threads), "--log", "off", *where]
            begin = time.perf_counter()
            subprocess.run(command, env={**os.environ, **mock.environment}, check=True)
            times[place].append(time.perf_counter() - begin)
    a_second = {place: records / statistics.median(values) for place, values in times.items()}
    return {"milliseconds": milliseconds, "threads": threads, "records": records, "a_second": a_second}


def fill(place: str, servers: dict, folder: Path, records: int) -> None:
    if place in servers:
        values = ", ".join(f"('address', {number})" for number in range(1, records + 1))
        servers[place].run(f"INSERT INTO oo_webhooks_outbox (module, record_id) VALUES {values};")
        return
    box = folder / "box"
    shutil.rmtree(box, ignore_errors=True)
    (box / "tmp").mkdir(parents=True)
    (box / "new").mkdir()
    for number in range(1, records + 1):
        (box / "new" / f"address-{number}").touch()


def table(headings: list, rows: list) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def main() -> int:
    build, output = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    os.environ["PYTHONPATH"] = str(ROOT / "bindings/python/src")
    os.environ["OO_WEBHOOKS_LIBRARY"] = str(build / "lib/liboo_webhooks.so.1")
    report = {"cpus": os.cpu_count(), "machine": platform.machine(), "load": os.getloadavg()[0]}
    with tempfile.TemporaryDirectory(prefix="oo-webhooks-bench-") as name:
        folder = Path(name)
        # The database's user must be able to reach its own folder.
        folder.chmod(0o755)
        for key, fsync in (("put", 0), ("put_fsync", 1)):
            (folder / key).mkdir()
            subprocess.run([build / "bin/oo-webhooks", "enqueue", "--outbox", folder / key, "task", "1"], check=True)
            report[key] = Put(build, folder / key, fsync).rows()
            shutil.rmtree(folder / key)
            print("\nA save" + (", flushed to the disk" if fsync else "") + "\n")
            rows = [[row["name"], f"{row['us']:.1f}", f"{row['ratio']:.2f}"] for row in report[key]]
            print(table(["by", "µs", "ratio"], rows))
        report["worker"] = worker_rows(build, folder)
        print("\nRecords a second of one worker\n")
        places = ["folder", "mariadb", "postgresql"]
        rows = [
            [f"{row['milliseconds']} ms", str(row["threads"]), *(f"{row['a_second'][place]:.0f}" for place in places)]
            for row in report["worker"]
        ]
        print(table(["the API takes", "threads", *places], rows))
    output.write_text(json.dumps(report, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
