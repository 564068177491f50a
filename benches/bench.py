#!/usr/bin/env python3
"""The benchmark: the library in each language beside what a user would take instead, in one run.

    bench.py BUILD OUTPUT.json

ROUNDS=5 makes it short. It judges the rows of rows.py, but ends well whatever it finds.
"""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from driver import counting
from driver.client import Client, on_cpus
from driver.figures import Figures
from driver.report import report
from driver.server import FarAway, Server, Target
from rows import (
    BARE, BARE_CTYPES, BARE_FFI, BARE_RESULT, BARE_WITH_CTYPES, C, EXT_CURL, GUZZLE, HTTP_CLIENT, HTTPX, HUNDRED,
    LIBCURL, LOOP, NOTHING, ONE, PHP, PRELOADED, PYCURL, PYTHON, REQUESTS, ROWS, STREAM, UREQ, WARM_LOOP, bindings,
    threads,
)

HERE = Path(__file__).resolve().parent
ROUNDS = int(os.environ.get("ROUNDS", 80))
CPUS = sorted(os.sched_getaffinity(0))
# Client and server each have a CPU, as they have when a network is between them.
OF_SERVER, OF_CLIENT = CPUS[:1], CPUS[-1:]
ROUND_TRIP = 0.02


class Clients:
    """How each client is started."""

    def __init__(self, build):
        programs, library = build / "bench", build / "lib" / "liboo_webhooks.so.1"
        package = build / "share" / "php" / "OoWebhooks"
        interpreter = programs / "venv" / "bin" / "python"
        ours = {"OO_WEBHOOKS_LIBRARY": str(library), "BENCH_PACKAGE": str(package),
                "PYTHONPATH": str(HERE.parent / "bindings" / "python" / "src")}

        def php(kind):
            return Client("php", "-d", "ffi.enable=true", HERE / "clients/php/client.php", kind, **ours)

        def fpm(kind, *preload):
            return Client("python3", HERE / "clients/php/fpm.py", kind, *preload, **ours)

        def python(module):
            return Client(interpreter, HERE / "clients/python/client.py", module, **ours)

        self.c = {LOOP: Client(programs / "bench-floor"), C: Client(programs / "bench-library"),
                  UREQ: Client(programs / "bench-ureq"), LIBCURL: Client(programs / "bench-libcurl")}
        self.php = {PHP: php("library"), BARE_FFI: php("bare"), BARE_RESULT: php("bare_result"), STREAM: php("stream"),
                    EXT_CURL: php("curl"), GUZZLE: php("guzzle")}
        self.python = {PYTHON: python("library"), BARE_CTYPES: python("bare"), PYCURL: python("use_pycurl"),
                       REQUESTS: python("use_requests"), HTTPX: python("use_httpx")}
        self.http_client = python("use_http_client")
        self.fpm = {PHP: fpm("library"), PRELOADED: fpm("library", package / "preload.php"),
                    BARE_RESULT: fpm("bare_result"), STREAM: fpm("stream"), EXT_CURL: fpm("curl")}
        self.bare_php = ["php", "-d", "ffi.enable=true", "-r", ";"]
        self.bare_python = [str(interpreter), "-c", "pass"]
        self.bare_python_with_ctypes = [str(interpreter), "-c", "import ctypes"]


def main(build, output):
    begin, busy = time.monotonic(), busy_cpus()
    clients, figures = Clients(build), Figures()
    with Server(build / "bench", OF_SERVER) as server:
        calls = counts(figures, clients, server)
        for part in (warm, without_connection, php_fpm, cold, many_threads, far_away):
            print(f"{part.__name__.replace('_', ' ')} ...", file=sys.stderr, flush=True)
            part(figures, clients, server)
        machine = describe(server, busy)
    found = {
        "machine": machine,
        "seconds": round(time.monotonic() - begin),
        "rounds": len(figures.of(ONE, C)),
        "rows": [row.judge(figures) for row in ROWS],
        "bindings": bindings(figures),
        "figures": figures.medians(),
        "system calls": calls,
    }
    output.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    print(report(found), f"\nAll figures: {output}", sep="")


def warm(figures, clients, server):
    all_clients = {**clients.c, **clients.php, **clients.python}
    with_hundred = (LOOP, C, UREQ, LIBCURL, PHP, STREAM, EXT_CURL, PYTHON, PYCURL, REQUESTS)
    with Together(all_clients, server.target) as running:
        turns = [(ONE, name, running.turn(name, ONE, 200)) for name in all_clients]
        turns += [(HUNDRED, name, running.turn(name, HUNDRED, 20)) for name in with_hundred]
        figures.measure(ROUNDS, turns, seconds=180)


def without_connection(figures, clients, server):
    with Together(clients.c, server.target) as running:
        turns = []
        for records, times in ((1, 400), (100, 10)):
            turns += [(f"sign {records}", name, running.turn(name, f"sign {records}", times)) for name in clients.c]
            turns += [(f"parse {records}", name, running.turn(name, f"parse {records}", times))
                      for name in (C, UREQ, LIBCURL)]
        figures.measure(ROUNDS, turns)


def php_fpm(figures, clients, server):
    with Together(clients.fpm, server.target) as running:
        figures.measure(ROUNDS, [("PHP-FPM", name, running.turn(name, ONE, 20)) for name in clients.fpm])


def cold(figures, clients, server):
    target = server.target
    bundle = Target(target.port, server.folder / "bundle.pem")
    system = Path("/etc/ssl/certs/ca-certificates.crt")
    Path(bundle.ca_file).write_text(Path(target.ca_file).read_text() + (system.read_text() if system.exists() else ""))

    def call(client, target=target):
        return lambda: {"ms": client.first_call(target, cpus=OF_CLIENT)[0]}

    def bare(command):
        def turn():
            begin = time.perf_counter()
            subprocess.run(on_cpus(OF_CLIENT, command), stdin=subprocess.DEVNULL, check=True)
            return {"ms": (time.perf_counter() - begin) * 1e3}
        return turn

    turns = [("cold C", NOTHING, bare(["true"])), *(("cold C", name, call(client)) for name, client in clients.c.items())]
    turns += [("cold PHP", BARE, bare(clients.bare_php)), ("cold Python", BARE, bare(clients.bare_python)),
              ("cold Python", BARE_WITH_CTYPES, bare(clients.bare_python_with_ctypes))]
    turns += [("cold PHP", name, call(clients.php[name])) for name in (PHP, BARE_RESULT, EXT_CURL)]
    turns += [("cold Python", PYTHON, call(clients.python[PYTHON])),
              ("cold Python", HTTP_CLIENT, call(clients.http_client, bundle))]
    figures.measure(ROUNDS, turns)


def many_threads(figures, clients, server):
    names = (LOOP, C, LIBCURL)
    for cores, cpus in ((1, OF_CLIENT), (2, CPUS)):
        with Together({name: clients.c[name] for name in names}, server.target, cpus) as running:
            turns = []
            for count in (8, 64) if cores == 1 else (64,):
                for name in names:
                    turn = running.threads_turn(name, count, 6400 // count)
                    turn()  # opens the connections
                    turns.append((threads(count, cores), name, turn))
            figures.measure(max(3, ROUNDS // 8), turns)


def far_away(figures, clients, server):
    loop = {LOOP: clients.c[LOOP]}
    with FarAway(server, ROUND_TRIP) as far, Together(loop, far.target) as running:
        warm_call = running.turn(LOOP, ONE, 3)

        def call(name, mode):
            milliseconds = 1e3 * ROUND_TRIP
            return lambda: {"round trips": clients.c[name].first_call(far.target, mode, OF_CLIENT)[1] / milliseconds}

        figures.measure(max(3, ROUNDS // 8), [
            ("20 ms away", C, call(C, "connected")),
            ("20 ms away", "oo_webhooks, C, not connected", call(C, "cold")),
            ("20 ms away", LIBCURL, call(LIBCURL, "cold")),
            # What the link itself is late by is in it.
            ("20 ms away", WARM_LOOP, lambda: {"round trips": warm_call()["p50"] / 1e6 / ROUND_TRIP}),
        ])


def counts(figures, clients, server):
    """Instructions become figures of the warm call; system calls are returned, by client and name."""
    target = server.target
    figures.measure(1, [(ONE, name, lambda client=client: {"instructions": counting.instructions(client, target, ONE)})
                        for name, client in clients.c.items()])
    traced = {**clients.c, PHP: clients.php[PHP], PYTHON: clients.python[PYTHON]}
    return {name: counting.system_calls(client, target, ONE) for name, client in traced.items()}


class Together:
    """Clients that run at the same time and take turns. They end with the block."""

    def __init__(self, clients, target, cpus=OF_CLIENT):
        self.clients, self.target, self.cpus = clients, target, cpus
        self.running = {}

    def __enter__(self):
        try:
            for name, client in self.clients.items():
                self.running[name] = client.start(self.target, self.cpus)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for running in self.running.values():
            running.end()

    def turn(self, name, order, times):
        """Microseconds of one piece of the work."""
        work, number = order.split()
        running = self.running[name]

        def turn():
            running.order(work, number, max(1, times // 20))  # what another one's turn pushed out of the caches
            p50, cpu = running.order(work, number, times)
            return {"p50": p50 / 1e3, "CPU": cpu / 1e3}
        return turn

    def threads_turn(self, name, count, calls):
        def turn():
            wall, p50, p99 = self.running[name].order("threads", count, calls)
            return {"calls a second": count * calls / (wall / 1e9), "p50": p50 / 1e3, "p99": p99 / 1e3}
        return turn


def busy_cpus(seconds=2):
    """How many CPUs others keep busy, while this does nothing. The load would count what was built just before."""
    def used():
        user, nice, system, _idle, _wait, *others = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
        return sum(map(int, (user, nice, system, *others))) / os.sysconf("SC_CLK_TCK")

    begin = used()
    time.sleep(seconds)
    return round((used() - begin) / seconds, 2)


def describe(server, busy):
    def says(*command):
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    cpu = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cpu": cpu, "cpus": len(CPUS), "kernel": platform.release().partition("-")[0],
        "busy before": busy, "busy after": busy_cpus(),
        "server": server.version,
        "libcurl": says("curl-config", "--version").rpartition(" ")[2],
        "PHP": says("php", "-r", "echo PHP_VERSION;"),
        "Python": platform.python_version(),
        "library bytes": (server.programs.parent / "lib" / "liboo_webhooks.so.1").stat().st_size,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]))
