"""Runs tests, which are functions, and reports in TAP."""

import sys
import time
import traceback


class Skip(Exception):
    """The test cannot run here, for the reason given."""


def run(*tests):
    """Runs the tests, or those that are named on the command line, and ends the program."""
    failed = 0
    for number, test in enumerate(tests, 1):
        if len(sys.argv) > 1 and test.__name__ not in sys.argv[1:]:
            continue
        start = time.monotonic()
        try:
            test()
            print(f"ok {number} - {test.__name__} ({time.monotonic() - start:.1f} s)", flush=True)
        except Skip as reason:
            print(f"ok {number} - {test.__name__} # SKIP {reason}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {number} - {test.__name__}")
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="", flush=True)
    sys.exit(1 if failed else 0)
