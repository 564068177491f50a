#!/usr/bin/env python3
"""A host whose address changes: kept connections stay, the next new one goes to the new address.

nss_wrapper gives this process a hosts file of its own.
"""

import os
import sys
import tempfile

import tap
from mock import Mock


def a_changed_address_is_used_by_the_next_new_connection():
    from library import execute, new_client

    with Mock() as old, Mock("--bind", "127.0.0.2", "--port", str(old.port)) as new:
        ca_file = os.path.join(old.folder, "both.pem")
        with open(ca_file, "w") as both:
            both.write(open(old.ca_file).read() + open(new.ca_file).read())
        client = new_client(f"https://localhost:{old.port}/api/stable/api.php", ca_file)
        executed = lambda: (len(old.ledger()), len(new.ledger()))

        point_localhost_to("127.0.0.1")
        execute(client, 1)
        assert executed() == (1, 0), executed()

        point_localhost_to("127.0.0.2")
        execute(client, 2)
        assert executed() == (2, 0), f"a kept connection was given up: {executed()}"

        assert old.close_idle() == 1
        execute(client, 3)
        assert executed() == (2, 1), f"the new address is not used: {executed()}"
        os.unlink(ca_file)


def point_localhost_to(address, changes=[0]):
    path = os.environ["NSS_WRAPPER_HOSTS"]
    with open(path, "w") as hosts:
        hosts.write(f"{address} localhost\n")
    # nss_wrapper reads the file again when its time, in seconds, has changed.
    changes[0] += 10
    os.utime(path, (changes[0], changes[0]))


def wrapper():
    for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib", "/usr/lib64"):
        if os.path.exists(path := f"{folder}/libnss_wrapper.so"):
            return path
    return None


if __name__ == "__main__":
    if "NSS_WRAPPER_HOSTS" not in os.environ and wrapper():
        with tempfile.NamedTemporaryFile(prefix="oo-webhooks-hosts-") as hosts:
            command = [sys.executable, __file__, *sys.argv[1:]]
            environment = {**os.environ, "LD_PRELOAD": wrapper(), "NSS_WRAPPER_HOSTS": hosts.name}
            sys.exit(os.spawnve(os.P_WAIT, sys.executable, command, environment))
    if not wrapper():
        def a_changed_address_is_used_by_the_next_new_connection():
            raise tap.Skip("libnss-wrapper is not installed")
    tap.run(a_changed_address_is_used_by_the_next_new_connection)
