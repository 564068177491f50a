"""A client: a process that makes the exchange in its own way, as often as it is told. README.md has its orders."""

import os
import select
import subprocess
import time

# Seconds that an order may take, which are far more than it needs.
PATIENCE = 60


class Client:
    """How to start one."""

    def __init__(self, program, *arguments, **environment):
        self.program, self.environment = [str(program), *map(str, arguments)], environment

    def command(self, target, mode):
        return [*self.program, target.url, target.ca_file, mode]

    @property
    def variables(self):
        return {**os.environ, **self.environment}

    def start(self, target, cpus=None):
        return Running(self.command(target, "warm"), self.variables, cpus)

    def first_call(self, target, mode="cold", cpus=None):
        """Milliseconds of a process from start to end, and of the call in it."""
        begin = time.perf_counter()
        run = subprocess.run(on_cpus(cpus, self.command(target, mode)), env=self.variables, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, text=True, timeout=PATIENCE, check=True)
        return (time.perf_counter() - begin) * 1e3, int(run.stdout) / 1e6


class Running:
    """A client's process: its first call is made, and it takes orders. It ends with its standard input."""

    def __init__(self, command, environment, cpus=None):
        self.command = command
        self.process = subprocess.Popen(on_cpus(cpus, command), env=environment, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self._answer()

    def order(self, work, number, times):
        """The numbers of its answer; all are nanoseconds."""
        self.process.stdin.write(f"{work} {number} {times}\n".encode())
        self.process.stdin.flush()
        return self._answer()

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def _answer(self):
        answers = self.process.stdout
        if not select.select([answers], [], [], PATIENCE)[0]:
            self.process.kill()
            raise TimeoutError(f"no answer within {PATIENCE} s from {' '.join(self.command)}")
        line = answers.readline()
        if not line.endswith(b"\n"):
            raise ChildProcessError(f"ended before it answered: {' '.join(self.command)}")
        return [int(number) for number in line.split()]


def on_cpus(cpus, command):
    """The command, on these CPUs only."""
    return command if cpus is None else ["taskset", "--cpu-list", ",".join(map(str, cpus)), *command]
