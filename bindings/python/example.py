#!/usr/bin/env python3
"""Executes the marketplace webhooks of one record and shows what each outcome asks of the caller.

    pip install oo-webhooks
    ON_OFFICE_TOKEN=... ON_OFFICE_SECRET=... python3 example.py address 15005

It ends with the number of the outcome: 0 executed, 1 rejected, 2 not sent, 3 in doubt.
"""

import sys

from oo_webhooks import Client, ConfigError, InDoubtError, NotSentError, RejectedError


def execute(module: str, id: int) -> int:
    try:
        # Token and secret, and a URL or CA file if set, come from the environment.
        with Client.from_environment() as client:
            client.execute_webhooks(module, id)
        print(f"executed: {module} {id}")
        return 0
    except RejectedError as error:
        print(f"fix the cause: {error} (onOffice's error {error.error_code})")
        return 1
    except NotSentError as error:
        print(f"nothing was sent: {error}")
        return 2
    except InDoubtError as error:
        print(f"a repeat may execute twice: {error}")
        return 3


def main(arguments: list[str]) -> int:
    module = arguments[0] if arguments else "address"
    try:
        id = int(arguments[1]) if len(arguments) > 1 else 15005
    except ValueError:
        print("usage: example.py [estate|address|task|calendar] [id]", file=sys.stderr)
        return 64
    try:
        return execute(module, id)
    except (ConfigError, ValueError) as error:
        # Nothing was sent: a setting, the environment or an argument is wrong.
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
