"""The mock of the API, run as a program, and what tests ask it and tell it."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

from oo_webhooks import Options

BUILD = Path(os.environ.get("OO_WEBHOOKS_BUILD") or Path(__file__).resolve().parents[3] / "build").resolve()

TOKEN = "MockTokenMockTokenMockToken00001"
SECRET = "MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001"

# A wait that only a defect makes long.
SECONDS = 30.0


class Mock:
    """A mock that ends with this object, or with this process."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.ca_file = folder / "ca.pem"
        unknown = [f"--unknown={module}/404" for module in ("estate", "address", "task", "calendar")]
        self._process = subprocess.Popen(
            [
                str(BUILD / "bin" / "oo-webhooks"),
                *("mock", "--port=0", "--control-port=0", f"--ca-file={self.ca_file}"),
                *("--quiet", "--strict", "--exit-with-parent", *unknown, *options),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment_without_settings(),
            text=True,
        )
        assert self._process.stdout is not None
        places = dict(self._process.stdout.readline().split(maxsplit=1) for _ in range(3))
        self.url = places["listening"].strip()
        self._control = places["control"].strip()

    def options(self, **changes: Any) -> Options:
        """For a client of this mock; a change to None leaves that option out."""
        return Options(**{"token": TOKEN, "secret": SECRET, "url": self.url, "ca_file": self.ca_file, **changes})

    def environment(self) -> dict[str, str]:
        """Variables for a program that uses this mock."""
        return {
            "ON_OFFICE_TOKEN": TOKEN,
            "ON_OFFICE_SECRET": SECRET,
            "ON_OFFICE_URL": self.url,
            "ON_OFFICE_CA_FILE": str(self.ca_file),
        }

    def executed(self) -> list[str]:
        """What was executed, in order, as `address 15005`."""
        return [f"{entry['module']} {entry['id']}" for entry in self._ask("GET", "/mock/ledger")["entries"]]

    def counts(self) -> dict[str, int]:
        counts: dict[str, int] = self._ask("GET", "/mock/counts")
        return counts

    def faults(self, *faults: dict[str, Any]) -> None:
        """These faults instead of those before."""
        self._ask("POST", "/mock/faults", list(faults))

    def clock(self, offset: int) -> None:
        """Its clock is so many seconds ahead from now on."""
        self._ask("POST", "/mock/clock", {"offset": offset})

    def webhooks(self, *webhooks: dict[str, str]) -> None:
        """These are called for what is executed from now on."""
        self._ask("POST", "/mock/webhooks", list(webhooks))

    def deliveries(self) -> list[tuple[str, int]]:
        """Record and HTTP status of each webhook that was called, once all are."""
        entries = self._ask("GET", "/mock/deliveries?wait_ms=10000")["entries"]
        return [(f"{entry['module']} {entry['id']}", entry["status"]) for entry in entries]

    def reset(self) -> None:
        """No ledger, no faults, no counts and no connection that a test before has left."""
        self._ask("POST", "/mock/reset")
        self._ask("POST", "/mock/close-idle")

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self._control + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return json.load(answer)

    def __enter__(self) -> Mock:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # The end of its input ends it.
        self._process.communicate(timeout=SECONDS)


def environment_without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("ON_OFFICE_", "OO_WEBHOOKS_"))}
