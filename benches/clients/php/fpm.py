#!/usr/bin/env python3
"""A client in a PHP-FPM of its own with one worker: each call is a request, timed within it.

    fpm.py KIND [PRELOAD] URL CA-FILE warm

It takes the orders that README.md describes; there is no CPU time in its answers.
"""

import contextlib
import getpass
import glob
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fpm.php")


def main(kind, *preload_url_ca_mode):
    *preload, url, ca_file, _ = preload_url_ca_mode
    parameters = {"SCRIPT_FILENAME": SCRIPT, "REQUEST_METHOD": "GET", "KIND": kind, "URL": url, "CA_FILE": ca_file}
    with tempfile.TemporaryDirectory(prefix="oo-webhooks-bench-fpm-") as folder, php_fpm(folder, *preload) as path:
        print(request(path, parameters), flush=True)
        for order in sys.stdin:
            _, _, times = order.split()
            all_times = sorted(request(path, parameters) for _ in range(int(times)))
            print(all_times[len(all_times) // 2], 0, flush=True)


@contextlib.contextmanager
def php_fpm(folder, preload=None):
    """The socket of a PHP-FPM that runs while the block does."""
    path, configuration = os.path.join(folder, "socket"), os.path.join(folder, "fpm.conf")
    root = os.geteuid() == 0
    with open(configuration, "w") as file:
        file.write("[global]\nerror_log = /dev/stderr\nlog_level = error\ndaemonize = no\n[www]\npm = static\n"
                   f"pm.max_children = 1\nclear_env = no\nlisten = {path}\n"
                   + ("user = root\ngroup = root\n" if root else ""))
    settings = ["-d", f"ffi.enable={'preload' if preload else 'true'}"]
    environment = dict(os.environ)
    if preload:
        # Where FFI is open to preloaded files only, only PHP's settings name the library: the header does.
        library, header = environment.pop("OO_WEBHOOKS_LIBRARY"), os.path.join(folder, "oo_webhooks.ffi.h")
        with open(os.path.join(os.path.dirname(preload), "include/oo_webhooks.ffi.h")) as installed:
            before, _, after = installed.read().partition('"liboo_webhooks.so.1"')
        if not after:
            sys.exit("the header of the package does not name the library")
        with open(header, "w") as file:
            file.write(f'{before}"{library}"{after}')
        settings += ["-d", f"ffi.preload={header}", "-d", f"opcache.preload={preload}"]
        settings += ["-d", f"opcache.preload_user={getpass.getuser()}"]
    command = [sorted(glob.glob("/usr/sbin/php-fpm*"))[-1], "-F", "-y", configuration, *settings]
    process = subprocess.Popen(command + ["-R"] * root, stdin=subprocess.DEVNULL, stdout=sys.stderr,
                               env=environment)
    try:
        deadline = time.monotonic() + 10
        while not listens(path):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit("PHP-FPM does not start")
            time.sleep(0.01)
        yield path
    finally:
        process.terminate()
        process.wait()


def listens(path):
    with socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(path) == 0


def request(path, parameters):
    """What the script answers to one request over FastCGI."""
    pairs = b"".join(struct.pack(">BI", len(name), len(value.encode()) | 1 << 31) + name.encode() + value.encode()
                     for name, value in parameters.items())
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(path)
        begin = struct.pack(">HB5x", 1, 0)
        connection.sendall(record(1, begin) + record(4, pairs) + record(4, b"") + record(5, b""))
        answer = connection.makefile("rb").read()
    output = b""
    while answer:
        _, kind, _, length, padding, _ = struct.unpack(">BBHHBB", answer[:8])
        if kind in (6, 7):
            output += answer[8:8 + length]
        answer = answer[8 + length + padding:]
    head, _, body = output.partition(b"\r\n\r\n")
    if not body.isdigit():
        sys.exit(f"PHP-FPM answered: {output.decode(errors='replace')}")
    return int(body)


def record(kind, content):
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


if __name__ == "__main__":
    main(*sys.argv[1:])
