#!/usr/bin/env python3
"""Saves that the webhooks of a record are to be executed: after the app's own save, instead of waiting for onOffice.

    python3 outbox_example.py /var/spool/shop address 15005

A worker executes them: oo-webhooks work --outbox /var/spool/shop
"""

import sys

from oo_webhooks import Outbox, OutboxError


def main() -> int:
    if len(sys.argv) != 4:
        print("usage: outbox_example.py FOLDER MODULE ID", file=sys.stderr)
        return 2
    folder, module, id = sys.argv[1:]
    try:
        Outbox(folder).put(module, int(id))
    except (OutboxError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"saved: {module} {id}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
