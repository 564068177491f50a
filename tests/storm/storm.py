#!/usr/bin/env python3
"""Writers in four languages, workers and an API that fails, while all of them are killed; and a judge.

    storm.py folder|mariadb|postgresql [--seed N] [--saves N] [--records N] [--pause-us N]

Two writers a language save, two workers with four threads each execute against the mock, whose faults change all the
time. Meanwhile writers, workers and the database's server are killed (SIGKILL) and started again, and the disk of a
folder is full for moments. Then the faults end and what waits is sent. The judge compares what each writer noted with
the mock's ledger and with what the outbox shows:

lost       a confirmed save after whose begin no execution came, and whose record the outbox does not show; must be 0
unasked    an execution that no save asked for, more of them than saves begun until then; must be 0
repeated   an execution without a save of its own that came after the one before it was sent; must be 0

The program ends with 1 when one is not 0.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "harness"))

from mock import BUILD, Mock  # noqa: E402
from server import Server  # noqa: E402

PROGRAM = BUILD / "bin" / "oo-webhooks"
WRITERS = BUILD / "storm"
PYTHON = BUILD / "python-venv" / "bin" / "python"
TIMEOUT_MS = 1500
# A save that is committed and not collected yet, when its record is being sent for an earlier one, is a call of its
# own. So in a database a save counts as later that came so long before, and as long as a killed server was away.
COLLECTED_WITHIN_MS = 5000
FOR_EVER_MS = 1 << 40

# What the API does wrong, each as often as the others. Most leave doubt; the delays are there because a save that
# comes while its record is being sent is the hardest case.
FAULTS = [
    {"kind": "delay", "ms": 40, "before": "answer"},
    {"kind": "delay", "ms": 40, "before": "execute"},
    {"kind": "delay", "ms": 2500, "before": "answer"},
    {"kind": "drop_unexecuted", "how": "reset"},
    {"kind": "drop_after_executing", "how": "reset"},
    {"kind": "drop_in_body", "after": 100, "how": "close"},
    {"kind": "cut_answer", "at": 200, "how": "close"},
    {"kind": "html", "execute": True},
    {"kind": "garbage", "execute": False},
    {"kind": "wrong_record"},
    {"kind": "http_status", "status": 503, "body": "html", "execute": False},
    {"kind": "error_code", "code": 80, "message": "no such record"},
    {"kind": "error_code", "code": 1, "message": "unknown", "execute": True},
    {"kind": "stray_with_handshake", "content": "refusal", "results": 1, "cut": None},
    {"kind": "stray_in_body", "after": 100, "content": "earlier", "results": 1},
    {"kind": "stray_before_answer", "content": "garbage", "results": 1},
    {"kind": "stray_before_answer", "content": "success", "results": 1},
    {"kind": "stray_behind_answer", "content": "success", "results": 1, "gap": "own_segment", "cut": None},
    {"kind": "stray_behind_answer", "content": "earlier", "results": 1, "gap": "same_record", "cut": None},
    {"kind": "close_on_accept"},
    {"kind": "close_after_answer", "when": "on_next_request", "how": "reset"},
]


class Folder:
    """The outbox as a folder, on a small disk of its own where the storm may mount one."""

    kind = "folder"

    def __init__(self, base: Path) -> None:
        self.disk = base / "disk"
        self.disk.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=64m,nr_inodes=20000", "tmpfs", self.disk]
        self.mounted = subprocess.run(mount, stderr=subprocess.DEVNULL).returncode == 0
        self.place = self.disk / "outbox"
        self.place.mkdir()
        self.ballast = self.disk / "ballast"
        self.full = 0
        self.program("enqueue", "estate", "1")

    @property
    def options(self) -> list:
        return ["--outbox", self.place]

    def program(self, *words: object) -> None:
        subprocess.run([PROGRAM, *words, *self.options], check=True, stdout=subprocess.DEVNULL)

    def disturb(self, dice: random.Random) -> None:
        """The disk is full for a moment: neither a byte nor a file fits on it."""
        if not self.mounted or dice.random() < 0.5:
            return
        self.ballast.mkdir()
        try:
            with open(self.ballast / "bytes", "wb") as file:
                while True:
                    file.write(bytes(1 << 20))
        except OSError:
            pass
        try:
            for number in range(20000):
                (self.ballast / str(number)).touch()
        except OSError:
            pass
        self.full += 1
        time.sleep(dice.uniform(0.1, 0.5))
        shutil.rmtree(self.ballast)

    def hurry(self) -> None:
        """What waits for a pause is due now."""
        for file in (self.place / "retry").iterdir():
            os.utime(file, (0, 0))

    def describe(self) -> str:
        how = "by a tmpfs that was filled" if self.mounted else "no spell: a tmpfs cannot be mounted here"
        return f"disk full {self.full} times ({how})"

    def end(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", self.disk], check=True)


class Database(Server):
    """The outbox in a database whose server is killed. It flushes each commit, as one that may lose nothing is run."""

    def __init__(self, kind: str, base: Path) -> None:
        folder = base / "server"
        folder.mkdir()
        self.kills = self.away_ms = 0
        durable = "--innodb-flush-log-at-trx-commit=1" if kind == "mariadb" else "--fsync=on"
        super().__init__(kind, folder, durable)
        dialect = subprocess.run([PROGRAM, "schema", "--dialect", kind], check=True, capture_output=True, text=True)
        self.make("shop", dialect.stdout)

    def start(self) -> None:
        begin = time.monotonic()
        super().start()
        self.away_ms = max(self.away_ms, int((time.monotonic() - begin) * 1000))

    @property
    def place(self) -> str:
        return self.socket

    @property
    def options(self) -> list:
        return ["--database", self.url("shop")]

    def disturb(self, dice: random.Random) -> None:
        if dice.random() < 0.2:
            self.kill()
            self.kills += 1
            self.start()

    def hurry(self) -> None:
        """What waits for a pause is due now, and the leases of workers that were killed have ended."""
        past = "'2001-01-01 00:00:00'"
        self.run("shop", f"UPDATE oo_webhooks_record SET due_at = {past} WHERE state = 'waiting'")
        self.run("shop", f"UPDATE oo_webhooks_record SET lease_until = {past} WHERE state = 'sending'")

    def describe(self) -> str:
        return f"{self.kind} killed {self.kills} times"

    def end(self) -> None:
        self.kill()


@dataclass
class Save:
    begin: int
    # None when it is not known whether it was saved.
    confirmed: int | None = None


@dataclass
class Saves:
    """What the writers noted, by record."""

    of: dict[int, list[Save]] = field(default_factory=lambda: defaultdict(list))
    refused: int = 0

    def read(self, file: Path, refused_may_be_saved: bool) -> None:
        last: Save | None = None
        for line in file.read_text().splitlines():
            word, id, time_ns = line.split()
            if word == "begin":
                last = Save(int(time_ns) // 1_000_000)
                self.of[int(id)].append(last)
            elif last is not None and word == "saved":
                last.confirmed, last = int(time_ns) // 1_000_000, None
            else:
                self.refused += 1
                if last is not None and not refused_may_be_saved:
                    self.of[int(id)].remove(last)
                last = None

    def confirmed(self) -> int:
        return sum(save.confirmed is not None for saves in self.of.values() for save in saves)


class Storm:
    def __init__(self, options: argparse.Namespace, base: Path, mock: Mock) -> None:
        self.options = options
        self.base = base
        self.dice = random.Random(options.seed)
        self.mock = mock
        self.place = Folder(base) if options.place == "folder" else Database(options.place, base)
        self.environment = {
            **os.environ,
            **self.mock.environment,
            "ON_OFFICE_TIMEOUT_MS": str(TIMEOUT_MS),
            "OO_WEBHOOKS_LIBRARY": str(BUILD / "lib" / "liboo_webhooks.so.1"),
            "PYTHONPATH": str(ROOT / "bindings" / "python" / "src"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self.writers: dict[int, subprocess.Popen] = {}
        self.workers: list[subprocess.Popen] = []
        self.kills: Counter[str] = Counter()

    def diary(self, number: int) -> Path:
        return self.base / f"writer-{number}"

    def start_writer(self, number: int) -> bool:
        """Whether there is anything left for it to save."""
        diary, kind = self.diary(number), self.place.kind
        done = diary.read_text().count("saved ") if diary.exists() else 0
        left = self.options.saves // 8 - done
        if left <= 0:
            return False
        dice = self.dice.randrange(1 << 31)
        words = [self.place.place, diary, dice, left, self.options.records, self.options.pause_us]
        program = [
            [WRITERS / f"c-{kind}"],
            [WRITERS / f"cpp-{kind}"],
            ["php", "-d", "ffi.enable=true", ROOT / "tests/storm/writers/writer.php", kind],
            [PYTHON, ROOT / "tests/storm/writers/writer.py", kind],
        ][number % 4]
        log = open(self.base / f"log-{number}", "ab")
        self.writers[number] = subprocess.Popen(
            [str(word) for word in program + words], env=self.environment, stdout=log, stderr=log
        )
        return True

    def worker(self, *more: str) -> subprocess.Popen:
        command = [PROGRAM, "work", *self.place.options, "--threads", "4", "--pause", "50ms", "--log", "off", *more]
        log = open(self.base / "log-workers", "ab")
        return subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)

    def change_faults(self) -> None:
        dice = random.Random(self.options.seed + 1)
        while not self.calm.wait(0.1):
            drawn = [{**fault, "times": 1, "skip": dice.randrange(20)} for fault in dice.sample(FAULTS, 4)]
            self.mock.set_faults(drawn)

    def blow(self) -> None:
        self.calm = threading.Event()
        faults = threading.Thread(target=self.change_faults)
        faults.start()
        try:
            for number in range(8):
                self.start_writer(number)
            self.workers = [self.worker(), self.worker()]
            while self.writers:
                time.sleep(self.dice.uniform(0.2, 0.6))
                self.disturb()
        finally:
            self.calm.set()
            faults.join()
            for process in [*self.writers.values(), *self.workers]:
                process.kill()
                process.wait()

    def disturb(self) -> None:
        whom = self.dice.random()
        if whom < 0.4:
            process = self.writers[self.dice.choice(list(self.writers))]
            self.kills["writers"] += process.poll() is None
            process.kill()
        elif whom < 0.7:
            victim = self.dice.randrange(2)
            self.workers[victim].kill()
            self.kills["workers"] += 1
        else:
            self.place.disturb(self.dice)
        for number, process in list(self.writers.items()):
            code = process.poll()
            if code is not None:
                if code not in (0, -signal.SIGKILL):
                    log = (self.base / f"log-{number}").read_text(errors="replace")
                    sys.exit(f"writer {number} ended with {code}:\n{log[-2000:]}")
                del self.writers[number]
                self.start_writer(number)
        for index, process in enumerate(self.workers):
            if process.poll() is not None:
                process.wait()
                self.workers[index] = self.worker()

    def drain(self) -> None:
        self.mock.set_faults([])
        end = time.monotonic() + 300
        while True:
            self.place.hurry()
            self.worker("--once").wait()
            records = json.loads(self.show("status"))["records"]
            if records["waiting"] == 0 and records["sending"] == 0:
                return
            if time.monotonic() > end:
                sys.exit(f"the outbox is not empty after 300 s: {records}")

    def show(self, what: str) -> str:
        command = [PROGRAM, what, *self.place.options, "--json"]
        command += ["--limit", "1000000"] if what == "list" else []
        shown = subprocess.run(command, capture_output=True, text=True, check=True)
        return shown.stdout

    def judge(self) -> bool:
        saves = Saves()
        for number in range(8):
            saves.read(self.diary(number), refused_may_be_saved=self.place.kind != "folder")
        held = {entry["id"]: entry["state"] for entry in json.loads(self.show("list"))}
        executions = defaultdict(list)
        for entry in self.mock.ledger():
            executions[entry["id"]].append(entry)
        if self.place.kind == "folder":
            saves.of[1].append(Save(0))  # by `enqueue`, when the folder was made

        lag = 0 if self.place.kind == "folder" else COLLECTED_WITHIN_MS + self.place.away_ms
        lost, unasked, repeated = [], [], []
        for id, of in saves.of.items():
            last = max((save.begin for save in of if save.confirmed is not None), default=None)
            came = executions.get(id, [])
            if last is not None and id not in held and not any(it["time_ms"] >= last for it in came):
                lost.append(id)
        for id, came in executions.items():
            of = sorted(saves.of.get(id, []), key=lambda save: save.begin)
            for count, it in enumerate(came):
                if count >= len(of) or of[count].begin > it["time_ms"]:
                    unasked.append(id)
            # Each execution has a save of its own, which came after the sending before it had begun: that was in the
            # second in which it was signed, or later.
            unused, since = sorted(of, key=lambda save: save.confirmed or save.begin + FOR_EVER_MS), 0
            for it in came:
                fits = (
                    save
                    for save in unused
                    if save.begin <= it["time_ms"] and (save.confirmed is None or save.confirmed >= since - lag)
                )
                if (reason := next(fits, None)) is None:
                    repeated.append(id)
                else:
                    unused.remove(reason)
                since = it["timestamp"] * 1000

        counts, confirmed = self.mock.counts(), saves.confirmed()
        sendings, states = counts["executed"] + counts["refused"], Counter(held.values())
        print(
            f"{self.place.kind}, seed {self.options.seed}: {confirmed} saves confirmed, {saves.refused} refused, "
            f"{counts['requests']} requests, {counts['executed']} executions, {confirmed - counts['requests']} coalesced, "
            f"{counts['faults']} faults, {counts['strays']} strays; held: {states['doubt']} in doubt, "
            f"{states['failed']} failed; killed: {self.kills['writers']} writers, {self.kills['workers']} workers; "
            f"{self.place.describe()}; lost {len(lost)}, unasked {len(unasked)}, repeated {len(repeated)}"
        )
        for what, ids in (("lost", lost), ("unasked", unasked), ("repeated", repeated)):
            for id in ids[:5]:
                print(f"{what}: estate {id}, saves {saves.of[id][-5:]}, executions {executions[id][-5:]}, {held.get(id)}")
        return not (lost or unasked or repeated)

    def end(self) -> None:
        self.place.end()


def main() -> int:
    parser = argparse.ArgumentParser(description="A storm on an outbox.")
    parser.add_argument("place", choices=["folder", "mariadb", "postgresql"])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--saves", type=int, default=2400, help="in all, by 8 writers")
    parser.add_argument("--records", type=int, default=300)
    parser.add_argument("--pause-us", type=int, default=20000, help="of a writer between two saves, in microseconds")
    options = parser.parse_args()
    if os.geteuid() == 0 and "OO_WEBHOOKS_STORM" not in os.environ:
        # With mounts of its own: the small disk is gone with this process, however that ends.
        os.environ["OO_WEBHOOKS_STORM"] = "has its mounts"
        if subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0:
            os.execvp("unshare", ["unshare", "--mount", sys.executable, *sys.argv])
    with tempfile.TemporaryDirectory(prefix="oo_webhooks-storm-") as name, Mock() as mock:
        mock.patience = 60
        base = Path(name)
        base.chmod(0o755)
        storm = Storm(options, base, mock)
        begin = time.monotonic()
        try:
            storm.blow()
            storm.drain()
            good = storm.judge()
        finally:
            storm.end()
        print(f"{options.place}: {'passed' if good else 'FAILED'} in {time.monotonic() - begin:.0f} s")
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
