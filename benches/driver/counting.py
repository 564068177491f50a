"""What a piece of work costs beside time: what a process counts that does it many times, beyond one that does it
few times. So what happens once in a process is left out."""

import re
import subprocess
import tempfile
from pathlib import Path

from .client import PATIENCE


def instructions(client, target, order, few=20, many=60):
    """As callgrind counts them. It knows no SHA instructions: each block costs what it does on an older processor."""
    def run(times):
        tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
        report = _run(tool, client, target, order, times)
        return {"": int(re.search(r"Collected : (\d+)", report)[1])}
    return _beyond(run, few, many).get("", 0)


def system_calls(client, target, order, few=100, many=300):
    """By name. Those that do not come with each call (fewer than one in twenty) are left out."""
    def run(times):
        with tempfile.NamedTemporaryFile("r") as table:
            _run(["strace", "-f", "-c", "-U", "calls,name", "-o", table.name], client, target, order, times)
            lines = re.findall(r"^ *(\d+) (\w+)$", table.read(), re.M)
        return {name: int(count) for count, name in lines if name != "total"}
    return {name: count for name, count in _beyond(run, few, many).items() if count >= 0.05}


def asked_of_libc(client, target, order, preloaded, few=100, many=300):
    """Allocations, name lookups and threads."""
    def run(times):
        with tempfile.NamedTemporaryFile("r") as counts:
            _run(["env", f"LD_PRELOAD={preloaded}", f"BENCH_COUNTS={counts.name}"], client, target, order, times)
            lines = (line.rpartition(" ") for line in Path(counts.name).read_text().splitlines())
        return {name: int(count) for name, _, count in lines}
    return _beyond(run, few, many)


def _beyond(run, few, many):
    less, more = run(few), run(many)
    return {name: (count - less.get(name, 0)) / (many - few) for name, count in more.items()}


def _run(tool, client, target, order, times):
    """What the tool says on standard error while the client carries out the order."""
    command = [*tool, *client.command(target, "warm")]
    run = subprocess.run(command, env=client.variables, input=f"{order} {times}\n", stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, text=True, timeout=5 * PATIENCE)
    if run.returncode:
        raise ChildProcessError(f"{' '.join(command)}: {run.stderr}")
    return run.stderr
