"""`python -m oo_webhooks doctor`: looks at everything that can be wrong inside the app, and says what cures it."""

from __future__ import annotations

import argparse
import os
import sys

from .doctor import Doctor


def main() -> int:
    """The exit code: 1 when something must be cured."""
    parser = argparse.ArgumentParser(prog="python -m oo_webhooks", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="doctor")
    doctor = commands.add_parser(
        "doctor",
        help="look at everything that can be wrong, and say what cures it",
        description="Looks at credentials, network, clock, library and Python as the app has them, and at the outbox. "
        "It asks the API's server for a page, and executes nothing. It ends with 1 when something must be cured.",
    )
    doctor.add_argument(
        "--outbox",
        metavar="DIR",
        default=os.environ.get("OO_WEBHOOKS_OUTBOX") or None,
        help="the folder of the app's outbox; without it the variable OO_WEBHOOKS_OUTBOX",
    )
    doctor.add_argument("--json", action="store_true", help="print a JSON object")
    arguments = parser.parse_args()
    report = Doctor(outbox=arguments.outbox).examine()
    print(report.to_json() if arguments.json else report)
    return 0 if report.is_well else 1


if __name__ == "__main__":
    sys.exit(main())
