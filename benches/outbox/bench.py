#!/usr/bin/env python3
"""The outbox's benchmark: what a save costs, and what a worker carries.

    bench.py BUILD OUTPUT.json            measures, some ten minutes
    bench.py --page OUTPUT.json PAGE.md   writes what was measured into the page, between its comments

All that is compared takes turns in one run, in an order drawn anew for each round; ratios are taken within a
round, and their median is shown. A worker's throughput is taken from the first record that the mock has executed to
the last, so that no start of a program is in it. The mock is on the same machine and takes its part of the CPUs: it
is a lower end.
"""

import json
import os
import platform
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "harness"), str(ROOT / "tests" / "frameworks")]

from guide import unpack  # noqa: E402
from mock import Mock  # noqa: E402
from server import Server  # noqa: E402

ROUNDS = 9
WORKER_ROUNDS = 3
SAVES = 2000
SAVES_WITH_FSYNC = 200
# Calls in a measurement of a worker: long enough for a second of work, where each call takes 50 ms too.
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


class Workers:
    """The contenders of the work: each has a place to fill, and processes that work on it."""

    def __init__(self, build: Path, folder: Path, mock: Mock) -> None:
        self.program, self.folder, self.mock = build / "bin/oo-webhooks", folder, mock
        self.python = build / "python-venv/bin/python"
        self.servers = {}
        for kind in ("mariadb", "postgresql", "redis"):
            (folder / kind).mkdir()
            self.servers[kind] = Server(kind, folder / kind)
        for kind in ("mariadb", "postgresql"):
            command = [self.program, "schema", "--dialect", kind]
            schema = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
            self.servers[kind].make("bench", schema)
        self.log = folder / "log"
        self.app = folder / "app"
        self.app.mkdir()
        unpack("laravel.md", self.app)
        socket = self.servers["redis"].socket
        nothing = {"SITE_SOCKET": "", "SITE_DATABASE": ""}
        self.environment = {**os.environ, **mock.environment, **nothing, "BENCH_REDIS": socket}
        self.fill: dict[str, Callable[[int], None]] = {
            "folder": self.fill_folder,
            "mariadb": lambda records: self.fill_table("mariadb", records),
            "postgresql": lambda records: self.fill_table("postgresql", records),
            "Laravel": lambda records: self.run([*self.laravel, str(records)]),
            "Celery": lambda records: self.run([self.python, ROOT / "benches/outbox/celery_app.py", str(records)]),
        }
        self.work: dict[str, Callable[[int], list[list]]] = {
            "folder": lambda threads: [self.ours(threads, "--outbox", folder / "box")],
            "mariadb": lambda threads: [self.ours(threads, "--database", self.servers["mariadb"].url("bench"))],
            "postgresql": lambda threads: [self.ours(threads, "--database", self.servers["postgresql"].url("bench"))],
            "Laravel": lambda threads: [[*self.laravel, "work"]] * threads,
            "Celery": lambda threads: [[*self.celery, "--concurrency", str(threads)]],
        }

    def stop(self) -> None:
        for server in self.servers.values():
            server.kill()

    laravel = ("php", "-d", "ffi.enable=true", ROOT / "benches/outbox/laravel.php")

    @property
    def celery(self) -> list:
        quiet = ["--loglevel", "CRITICAL", "--without-gossip", "--without-mingle", "--without-heartbeat"]
        return [self.python, "-m", "celery", "--workdir", ROOT / "benches/outbox", "-A", "celery_app", "worker", *quiet]

    def ours(self, threads: int, *place: object) -> list:
        return [self.program, "work", "--once", "--threads", str(threads), "--log", "off", *place]

    def run(self, command: list) -> None:
        subprocess.run(command, cwd=self.app, env=self.environment, check=True)

    def fill_folder(self, records: int) -> None:
        box = self.folder / "box"
        shutil.rmtree(box, ignore_errors=True)
        (box / "tmp").mkdir(parents=True)
        (box / "new").mkdir()
        for number in range(1, records + 1):
            (box / "new" / f"address-{number}").touch()

    def fill_table(self, kind: str, records: int) -> None:
        values = ", ".join(f"('address', {number})" for number in range(1, records + 1))
        self.servers[kind].run("bench", f"INSERT INTO oo_webhooks_outbox (module, record_id) VALUES {values};")

    def rate(self, name: str, milliseconds: int, threads: int, records: int) -> float:
        """Records a second, from the first one that was executed to the last."""
        self.mock.reset()
        self.mock.set_faults([{"kind": "delay", "ms": milliseconds}] if milliseconds else [])
        self.fill[name](records)
        with open(self.log, "wb") as log:
            processes = [
                subprocess.Popen(command, cwd=self.app, env=self.environment, stdout=log, stderr=log)
                for command in self.work[name](threads)
            ]
        try:
            first = self.wait_for(1, processes)
            last = self.wait_for(records, processes)
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                process.wait(60)
        if self.mock.counts()["executed"] != records:
            sys.exit(f"{name} executed {self.mock.counts()['executed']} records of {records}")
        return (last[1] - first[1]) / (last[0] - first[0])

    def wait_for(self, records: int, processes: list) -> tuple[float, int]:
        """When so many records at least had been executed, and how many."""
        end = time.monotonic() + 120
        while True:
            are_over = all(process.poll() is not None for process in processes)
            executed = self.mock.counts()["executed"]
            if executed >= records:
                return time.perf_counter(), executed
            if are_over or time.monotonic() > end:
                said = self.log.read_text(errors="replace")[-2000:]
                sys.exit(f"{processes[0].args}: {executed} of {records} records were executed: {said}")
            time.sleep(0.01)


def worker_rows(build: Path, folder: Path) -> list:
    rows = []
    with Mock() as mock:
        workers = Workers(build, folder, mock)
        try:
            for milliseconds, by_threads in RECORDS.items():
                for threads, records in by_threads.items():
                    rates = {name: [] for name in workers.work}
                    for _ in range(WORKER_ROUNDS):
                        for name in random.sample(list(rates), len(rates)):
                            rates[name].append(workers.rate(name, milliseconds, threads, records))
                    a_second = {name: statistics.median(values) for name, values in rates.items()}
                    row = {"milliseconds": milliseconds, "threads": threads, "records": records, "a_second": a_second}
                    rows.append(row)
        finally:
            workers.stop()
    return rows


def table(headings: list, rows: list) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def machine(report: dict) -> str:
    load = "nothing else ran" if report["load"] < 0.5 else f"the load was {report['load']:.1f} before it began"
    return (
        f"Measured on {report['date']} on a machine with {report['cpus']} CPUs ({report['machine']}); {load}. The app, "
        "the database,\nthe worker and the mock of the API share the CPUs: the rates are lower ends.\n"
    )


def saves(report: dict) -> str:
    rows = []
    for row, flushed in zip(report["put"], report["put_fsync"]):
        name = "PHP (without FFI; with it when flushed)" if row["name"].startswith("PHP") else row["name"]
        rows.append([name, f"{row['us']:.1f}", f"{row['ratio']:.2f}", f"{flushed['us']:.0f}", f"{flushed['ratio']:.2f}"])
    return table(["by", "µs", "ratio", "flushed to the disk: µs", "ratio"], rows)


def work(report: dict) -> str:
    headings = {"folder": "folder", "mariadb": "MariaDB", "postgresql": "PostgreSQL"}
    names = list(report["worker"][0]["a_second"])
    rows = [
        [f"{row['milliseconds']} ms", str(row["threads"]), *(f"{row['a_second'][name]:.0f}" for name in names)]
        for row in report["worker"]
    ]
    return table(["the API takes", "threads", *(headings.get(name, name) for name in names)], rows)


# What stands in the page between `<!-- bench: NAME -->` and `<!-- end -->`.
PARTS = {"machine": machine, "saves": saves, "work": work}


def write_page(report: dict, page: Path) -> None:
    text = page.read_text()
    for name, part in PARTS.items():
        before, mark, rest = text.partition(f"<!-- bench: {name} -->\n")
        _, end, after = rest.partition("<!-- end -->\n")
        if not mark or not end:
            sys.exit(f"{page} has no place for {name}")
        text = before + mark + part(report) + end + after
    page.write_text(text)


def measure(build: Path) -> dict:
    report = {
        "date": time.strftime("%Y-%m-%d"),
        "cpus": os.cpu_count(),
        "machine": platform.machine(),
        "load": os.getloadavg()[0],
    }
    with tempfile.TemporaryDirectory(prefix="oo-webhooks-bench-") as name:
        folder = Path(name)
        # The database's user must be able to reach its own folder.
        folder.chmod(0o755)
        for key, fsync in (("put", 0), ("put_fsync", 1)):
            (folder / key).mkdir()
            subprocess.run([build / "bin/oo-webhooks", "enqueue", "--outbox", folder / key, "task", "1"], check=True)
            report[key] = Put(build, folder / key, fsync).rows()
            shutil.rmtree(folder / key)
        report["worker"] = worker_rows(build, folder)
    return report


def main() -> int:
    if sys.argv[1] == "--page":
        write_page(json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3]))
        return 0
    build, output = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    os.environ["PYTHONPATH"] = str(ROOT / "bindings/python/src")
    os.environ["OO_WEBHOOKS_LIBRARY"] = str(build / "lib/liboo_webhooks.so.1")
    report = measure(build)
    output.write_text(json.dumps(report, indent=2) + "\n")
    for part in PARTS.values():
        print(part(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
