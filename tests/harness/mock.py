"""The mock as a child process: where it listens, what it executed, what goes wrong."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("OO_WEBHOOKS_BUILD", ROOT / "build")).resolve()
LIBRARY = BUILD / "lib" / "liboo_webhooks.so.1"

TOKEN = "MockTokenMockTokenMockToken00001"
SECRET = "MockSecretMockSecretMockSecretMockSecretMockSecretMockSecret0001"


class Mock:
    """Runs while the `with` block does; it ends when its standard input closes."""

    # Seconds that an answer may take; a ledger of a hundred thousand entries takes more.
    patience = 10

    def __init__(self, *arguments):
        self.arguments = arguments

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="oo-webhooks-embedding-")
        self.ca_file = os.path.join(self.folder, "ca.pem")
        command = [BUILD / "bin" / "oo-webhooks", "mock", "--control-port", "0", "--ca-file", self.ca_file]
        # What a test preloads or sets is meant for itself.
        private = ("LD_PRELOAD", "ON_OFFICE_TOKEN", "ON_OFFICE_SECRET")
        environment = {name: value for name, value in os.environ.items() if name not in private}
        self.process = subprocess.Popen(
            [*command, "--quiet", "--strict", "--exit-with-parent", *self.arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )
        lines = dict(self.process.stdout.readline().split(maxsplit=1) for _ in range(3))
        self.url, self.control = lines["listening"].strip(), lines["control"].strip()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.folder)

    @property
    def port(self):
        return int(self.url.split(":")[2].split("/")[0])

    @property
    def environment(self):
        return {"ON_OFFICE_TOKEN": TOKEN, "ON_OFFICE_SECRET": SECRET, "ON_OFFICE_URL": self.url,
                "ON_OFFICE_CA_FILE": self.ca_file}

    def ledger(self):
        return self._ask("GET", "ledger")["entries"]

    def counts(self):
        return self._ask("GET", "counts")

    def set_faults(self, faults):
        self._ask("POST", "faults", faults)

    def reset(self):
        self._ask("POST", "reset")

    def close_idle(self):
        return self._ask("POST", "close-idle")["closed"]

    def _ask(self, method, name, body=None):
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(f"{self.control}/mock/{name}", data, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=self.patience) as answer:
            return json.load(answer)
