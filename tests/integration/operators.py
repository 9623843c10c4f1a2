# SPDX-License-Identifier: Apache-2.0
"""A fleet that is operated: over its admin endpoint, and by the commands of the binary."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
from typing import NamedTuple

import pytest

from fleet import Fleet
from harness import PATIENCE, binary, free_port, wait_for

JSON = {"Content-Type": "application/json"}


class Told(NamedTuple):
    status: int
    text: str

    @property
    def error(self) -> str:
        return json.loads(self.text)["error"]


def command(*arguments: str, **options) -> subprocess.CompletedProcess:
    """Runs the binary with these arguments until it ends."""
    return subprocess.run([binary(), *arguments], capture_output=True, text=True,
                          timeout=PATIENCE, stdin=subprocess.DEVNULL, **options)


class AdminEndpoint:
    """Of the process that listens at `admin_port`."""

    admin_port: int

    def admin(self, method: str, path: str, fields: dict | None = None, body: str = "") -> Told:
        asked = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=PATIENCE)
        try:
            asked.request(method, path, body or None, fields or {})
            answer = asked.getresponse()
            return Told(answer.status, answer.read().decode())
        finally:
            asked.close()

    def act(self, path: str, body: dict | None = None, method: str = "POST") -> Told:
        return self.admin(method, path, JSON, json.dumps(body or {}))

    def set(self, server: str, **what) -> Told:
        """`set("a", state="drain")`: one value of a server of the shop."""
        [name] = what
        return self.act(f"/v1/pools/shop/servers/{server}/{name}", what, "PUT")

    def overrides(self) -> list[dict]:
        return json.loads(self.admin("GET", "/v1/overrides").text)["overrides"]

    def upgrade_state(self) -> dict:
        return json.loads(self.admin("GET", "/v1/upgrade").text)

    def status(self) -> dict:
        return json.loads(self.admin("GET", "/v1/status").text)

    def unusable(self, reason: str) -> float:
        """How many session keys could not be used for that reason."""
        return sum(value for series, value in self.metrics().items()
                   if series.startswith("hawser_affinity_invalid_total{")
                   and f'reason="{reason}"' in series)

    def metrics(self) -> dict[str, float]:
        """Each series, as it is written, with its value."""
        lines = self.admin("GET", "/metrics").text.splitlines()
        pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
        return {name: float(value) for name, value in pairs}


class Operated(AdminEndpoint, Fleet):
    def __init__(self, folder: pathlib.Path, *arguments, **settings):
        self.admin_port = free_port()
        settings.setdefault("admin", {"bind": f"127.0.0.1:{self.admin_port}"})
        super().__init__(folder, *arguments, **settings)

    # ---- what it shows ------------------------------------------------------------------------

    def server(self, name: str) -> dict:
        servers = self.status()["pools"][0]["servers"]
        return next(each for each in servers if each["name"] == name)

    def is_drained(self, name: str) -> bool:
        """It drains, or has no session left to wait for."""
        return self.server(name)["state"] in ("drain", "drained")

    def sessions_of(self, name: str) -> int:
        return sum(self.server(name)["sessions"].values())

    # ---- commands and signals -----------------------------------------------------------------

    def command(self, name: str, *arguments: str) -> subprocess.CompletedProcess:
        return command(name, *arguments, "--admin", f"127.0.0.1:{self.admin_port}")

    def signal(self, number: signal.Signals) -> None:
        self.hawser.process.send_signal(number)

    # ---- what it holds ------------------------------------------------------------------------

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.hawser.process.pid}/task"))

    def is_over(self) -> bool:
        return self.hawser.process.poll() is not None

    def kill_and_start_again(self) -> float:
        """Seconds from the start to the first connection that it accepts."""
        hawser = self.hawser
        self.signal(signal.SIGKILL)
        hawser.process.wait()
        began = time.monotonic()
        hawser.process = subprocess.Popen([binary(), "run", "-f", str(hawser.config_path)],
                                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                          stderr=subprocess.DEVNULL, cwd=hawser.folder)

        def accepts() -> bool:
            try:
                socket.create_connection(("127.0.0.1", hawser.port), timeout=1).close()
                return True
            except OSError:
                return False

        wait_for(accepts, "hawser accepts connections again")
        return time.monotonic() - began

    def wait_until_over(self) -> int:
        """Its exit status."""
        wait_for(self.is_over, "the process ends")
        return self.hawser.process.returncode

    def stop(self) -> None:
        if not self.is_over():
            return super().stop()
        for origin in self.origins.values():
            origin.stop()


@pytest.fixture
def operated_by(tmp_path):
    """Makes an `Operated`, at most once in a test; it may have ended by the test's end."""
    made = []

    def make(*arguments, **settings) -> Operated:
        made.append(Operated(tmp_path, *arguments, **settings))
        return made[0]

    yield make
    for each in made:
        each.stop()
