#!/usr/bin/env python3
"""What the library asks of the kernel while it is loaded, called and freed, as strace sees it."""

import collections
import functools
import os
import re
import shutil
import subprocess

import tap
from mock import BUILD, LIBRARY, Mock

THREADS_AND_PROCESSES = {"clone", "clone3", "fork", "vfork"}
FILES = {"open", "openat", "openat2", "stat", "newfstatat", "statx", "readlink", "readlinkat", "getdents64"}
CONNECTIONS = {"socket", "connect", "bind", "listen", "accept", "accept4", "socketpair"}
SIGNALS = {"rt_sigaction", "rt_sigprocmask", "sigaltstack", "setitimer", "timer_create", "alarm"}
# Each would change the host for everybody in it.
PROCESS_WIDE = {"chdir", "umask", "setrlimit", "prlimit64", "setpriority", "prctl", "dup2", "dup3", "setsid",
                "setpgid", "execve", "kill", "tgkill", "write", "writev", "seccomp", "unshare", "personality"}

OURS = {f"ON_OFFICE_{name}" for name in ("TOKEN", "SECRET", "URL", "CA_FILE", "PROXY", "TIMEOUT_MS")}

Call = collections.namedtuple("Call", "name arguments result")


@functools.cache
def traced():
    """The system calls of each phase of `phases`, and the variables it looked for in the environment."""
    if not shutil.which("strace"):
        raise tap.Skip("strace is not installed")
    never_answered = '{"kind": "delay", "ms": 60000, "records": [2]}'
    with Mock("--fault", never_answered) as mock:
        trace = os.path.join(mock.folder, "trace")
        by_name = mock.url.replace("127.0.0.1", "localhost")
        command = [BUILD / "tests" / "embedding" / "phases", LIBRARY, mock.url, by_name, mock.ca_file]
        run = subprocess.run(["strace", "-f", "-s", "128", "-o", trace, *command], stderr=subprocess.PIPE,
                             env={**os.environ, **mock.environment}, text=True, timeout=60)
        if "PTRACE" in run.stderr:
            raise tap.Skip("strace may not trace here")
        assert run.returncode == 0, run.stderr
        return phases(open(trace), mock.ca_file)


def phases(trace, ca_file):
    calls, variables, phase = collections.defaultdict(list), collections.defaultdict(set), "start"
    for line in trace:
        parsed = re.match(r"\d+ +(\w+)\((.*)\) += (.*)", line)
        if not parsed:
            continue
        call = Call(*parsed.groups())
        announced = re.match(r'"/(phase|getenv)/(\w+)"', call.arguments)
        if announced and announced[1] == "phase":
            phase = announced[2]
        elif announced:
            variables[phase].add(announced[2])
        else:
            calls[phase].append(call._replace(arguments=call.arguments.replace(ca_file, "CA_FILE")))
    assert list(calls)[-1] == "end", f"the trace ends with {list(calls)[-1]}"
    return calls, variables


def names(phase):
    return {call.name for call in traced()[0][phase]}


def made_by_the_library():
    """The calls of all phases after the load."""
    calls = traced()[0]
    return [call for phase in list(calls)[2:-1] for call in calls[phase]]


def opened(phase):
    return [re.search(r'"([^"]*)"', call.arguments)[1] for call in traced()[0][phase] if call.name == "openat"]


def loading_opens_nothing_but_libraries():
    others = [path for path in opened("load")
              if path != str(LIBRARY) and not re.search(r"/(ld\.so\.cache|lib(c|m|gcc_s|dl|pthread)\.so\.\d+)$", path)]
    assert not others, others
    forbidden = THREADS_AND_PROCESSES | CONNECTIONS | SIGNALS | PROCESS_WIDE
    assert not names("load") & forbidden, names("load") & forbidden
    assert not traced()[1]["load"], traced()[1]["load"]


def making_a_client_reads_the_ca_file_alone():
    assert set(opened("new")) == {"CA_FILE"}, opened("new")
    assert names("new") <= {"openat", "statx", "fstat", "newfstatat", "lseek", "read", "close", "brk", "mmap", "munmap",
                            "madvise", "access"}, names("new")


def no_thread_or_process_is_ever_started():
    assert not [call for call in made_by_the_library() if call.name in THREADS_AND_PROCESSES]


def nothing_process_wide_is_changed():
    changed = []
    for call in made_by_the_library():
        if call.name not in SIGNALS | PROCESS_WIDE:
            continue
        if changed and puts_back(call, changed[-1]):
            changed.pop()
        else:
            changed.append(call)
    assert not changed, changed


def puts_back(call, before):
    """Whether it sets the mask of signals to what it was, as glibc's getrandom does since 2.41."""
    blocked = re.fullmatch(r"SIG_BLOCK, .*, (\[.*\]), 8", before.arguments)
    return call.name == before.name and blocked and call.arguments == f"SIG_SETMASK, {blocked[1]}, NULL, 8"


def every_byte_is_sent_without_sigpipe():
    sent = [call for call in made_by_the_library() if call.name in ("sendto", "sendmsg", "sendmmsg")]
    assert len(sent) > 8, sent
    assert all("MSG_NOSIGNAL" in call.arguments for call in sent), sent


def every_descriptor_is_closed_on_exec():
    made = [call for call in made_by_the_library() if call.name in ("socket", "openat")]
    assert made and all("CLOEXEC" in call.arguments for call in made), made


def a_name_is_looked_up_when_a_connection_is_made():
    assert "/etc/hosts" in opened("first_by_name"), opened("first_by_name")
    assert not opened("first"), opened("first")


def a_call_on_a_kept_connection_looks_nothing_up():
    for phase in ("kept", "kept_by_name", "environment_kept"):
        assert not names(phase) & (FILES | CONNECTIONS | THREADS_AND_PROCESSES), (phase, names(phase))
        assert names(phase) <= {"getpid", "recvfrom", "sendto", "setsockopt", "brk", "mmap", "munmap", "madvise",
                                "getrandom"}, (phase, names(phase))
        assert len([call for call in traced()[0][phase] if call.name == "sendto"]) == 1, phase


def freeing_clients_leaves_connections_alone():
    assert names("free") <= {"munmap", "brk", "madvise"}, names("free")


def the_environment_is_read_by_the_first_default_call_alone():
    _, variables = traced()
    assert variables["environment"] == OURS, variables["environment"]
    for phase in ("load", "new", "first", "first_by_name", "timeout", "kept", "kept_by_name", "free", "environment_kept"):
        assert not variables[phase], (phase, variables[phase])


if __name__ == "__main__":
    tap.run(
        loading_opens_nothing_but_libraries,
        making_a_client_reads_the_ca_file_alone,
        no_thread_or_process_is_ever_started,
        nothing_process_wide_is_changed,
        every_byte_is_sent_without_sigpipe,
        every_descriptor_is_closed_on_exec,
        a_name_is_looked_up_when_a_connection_is_made,
        a_call_on_a_kept_connection_looks_nothing_up,
        freeing_clients_leaves_connections_alone,
        the_environment_is_read_by_the_first_default_call_alone,
    )
