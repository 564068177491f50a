"""What every app in Python does with its orders: see App in site_of.py."""

import sys


class RolledBack(Exception):
    """Rolls back what an app saved."""


def obey(save, roll_back):
    orders = {"save": save, "rollback": roll_back}
    print("ready", flush=True)
    for line in sys.stdin:
        order, id = line.split()
        try:
            orders[order](int(id))
            print("ok", flush=True)
        except Exception as error:
            print(type(error).__name__, " ".join(str(error).split()), flush=True)
