# SPDX-License-Identifier: Apache-2.0
"""Whole processes under test: a Hawser of its own configuration, and what stands around it.

HAWSER_BINARY names another binary than build/release/hawser.
"""

import itertools
import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import threading
import time
from typing import Callable, TypeVar

import carriers
from messages import Answer, Malformed, Request  # noqa: F401  (for tests to import from here)
from h2_client import H2Client
from raw_client import PATIENCE, RawClient
from raw_origin import CLOSE, RESET, STALL, RawOrigin, answer  # noqa: F401

ROOT = pathlib.Path(__file__).resolve().parents[2]
Found = TypeVar("Found")


def binary() -> str:
    build = pathlib.Path(os.environ.get("HAWSER_BUILD", ROOT / "build" / "release"))
    return os.environ.get("HAWSER_BINARY", str(build / "hawser"))


def wait_for(condition: Callable[[], Found], what: str = "", seconds: float = PATIENCE) -> Found:
    """Returns what the condition does once that is true; fails when it never is."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"did not happen in {seconds} s: {what or condition}"
        time.sleep(0.002)
    return found


# Below the range from which the kernel takes ports for outgoing connections: one of those could
# hold the port by the time a process listens on it. Each of several pytest processes has its own.
_ports = itertools.cycle(range(10_000 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]), 32_000,
                               int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))))
for _ in range(random.randrange(22_000)):
    next(_ports)


def free_port() -> int:
    """A port that nobody listens on, and that no other call here has given out lately."""
    for port in itertools.islice(_ports, 22_000):
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
    raise AssertionError("no port is free")


class Hawser:
    """One process, from its start to an orderly end.

    `settings` is a whole configuration as Python values; listeners without `bind` get a free port,
    and what a test has to read (the access log) or must not share (keys, admin) is filled in.
    Clients speak to all of them by `carrier`.
    """

    def __init__(self, folder: pathlib.Path, settings: dict, carrier: str = "clear"):
        self.folder, self.carrier = folder, carrier
        self.access_path = folder / "access.log"
        self.errors_path = folder / "errors.log"
        self.config_path = folder / "hawser.yaml"
        self.ports: dict[str, int] = {}
        self._paths: list[str] = []  # of listeners at unix sockets
        self._access_lock = threading.Lock()
        self._access_read = 0
        self._records: list[dict] = []
        self._known_before: dict[RawClient, int] = {}  # of other connections from the same port

        self.settings = {"workers": 1, "admin": "off", "stop-timeout": "2s",
                         "state": str(folder / "state"), "keys": str(folder / "keys"),
                         "log": {"access": str(self.access_path), "level": "info"}} | settings
        for name, listener in self.settings["listeners"].items():
            carriers.secure(carrier, listener)
            places = listener.setdefault("bind", f"127.0.0.1:{free_port()}")
            first = places if isinstance(places, str) else places[0]
            if first.startswith("unix:"):
                self._paths.append(first.removeprefix("unix:"))
            else:
                self.ports[name] = int(first.rpartition(":")[2])
        self.write_settings()
        self._errors = self.errors_path.open("wb")
        self._start()

    def _start(self) -> None:
        self.started = time.monotonic()  # what the process has not answered yet, it will count
        self.process = subprocess.Popen([binary(), "run", "-f", str(self.config_path)],
                                        stdin=subprocess.DEVNULL, stdout=self._errors,
                                        stderr=self._errors, cwd=self.folder)
        wait_for(self._accepts, "hawser accepts connections")

    def kill_and_start_again(self) -> None:
        """As a crash and a service manager do."""
        self.process.kill()
        self.process.wait()
        self._start()

    def stop_and_start_again(self) -> None:
        """In order."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(2 * PATIENCE) == 0, self.errors()
        self._start()

    def write_settings(self) -> None:
        """JSON is YAML."""
        self.config_path.write_text(json.dumps(self.settings, indent=1))

    def reload(self) -> None:
        """Writes `settings` and makes the process serve by them."""
        self.write_settings()
        before = self.errors().count("reload")
        self.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.errors().count("reload") > before, "the reload is told of")

    @property
    def port(self) -> int:
        """Of the only listener, or of the first."""
        return next(iter(self.ports.values()))

    def connect(self, listener: str = "") -> RawClient:
        client = carriers.client(self.carrier, self.ports[listener] if listener else self.port)
        self._known_before[client] = len(self.access())
        return client

    def wrap(self, plain: socket.socket):
        """A connected socket, ready for what listeners speak."""
        return carriers.wrap(self.carrier, plain)

    def connect_h2(self, **more) -> H2Client:
        """A client of frames."""
        return carriers.h2_client(self.carrier, self.port, **more)

    def ask(self, request: bytes, listener: str = "") -> Answer:
        """One request on a connection of its own."""
        with self.connect(listener) as client:
            return client.send(request).read_answer()

    @staticmethod
    def ask_port(port: int, request: bytes) -> Answer:
        """The same, of another port of the process."""
        with RawClient(port) as client:
            return client.send(request).read_answer()

    def errors(self) -> str:
        return self.errors_path.read_text(errors="replace")

    def has_said(self, text: str) -> bool:
        """Waits for it: the error log is written beside what it tells of."""
        return bool(wait_for(lambda: text in self.errors(), f"the error log says: {text}"))

    def access(self) -> list[dict]:
        """All records of the access log so far; a line that is no JSON fails the test."""
        if not self.access_path.exists():  # it goes elsewhere, or nowhere
            return self._records
        with self._access_lock, self.access_path.open("rb") as log:
            log.seek(self._access_read)
            lines = log.read()
            whole = lines[:lines.rfind(b"\n") + 1]
            self._access_read += len(whole)
            self._records += [json.loads(line) for line in whole.splitlines()]
            return self._records

    def access_of(self, client: RawClient, count: int = 1) -> list[dict]:
        """The records of one connection, once there are `count`."""
        def found() -> list[dict]:
            later = self.access()[self._known_before.get(client, 0):]
            mine = [each for each in later if each.get("client_port") == client.port]
            return mine if len(mine) >= count else []
        return wait_for(found, f"{count} lines in the access log")

    def peak_memory(self) -> int:
        """Bytes that were resident at most."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/task"))

    def stand_still(self) -> None:
        """Stops every thread of it, and returns once all of them have."""
        self.process.send_signal(signal.SIGSTOP)
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        wait_for(lambda: all((each / "stat").read_text().rpartition(") ")[2][0] == "T"
                             for each in tasks.iterdir()), "it stands still")

    def descriptors(self) -> int:
        """Held open; a file that is closed again while they are counted is none of them."""
        folder = f"/proc/{self.process.pid}/fd"
        return sum(os.path.lexists(f"{folder}/{each}") for each in os.listdir(folder))

    def assert_alive(self) -> None:
        assert self.process.poll() is None, f"died of {self.process.poll()}:\n{self.errors()}"

    def stop(self) -> None:
        """Ends it in order, and fails if it did not end so."""
        try:
            self.assert_alive()
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(PATIENCE) == 0, self.errors()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            self._errors.close()

    def _accepts(self) -> bool:
        self.assert_alive()
        places = [(socket.AF_INET, ("127.0.0.1", port)) for port in self.ports.values()]
        places += [(socket.AF_UNIX, path) for path in self._paths]
        try:
            for family, place in places:
                with socket.socket(family) as asking:
                    asking.settimeout(1)
                    asking.connect(place)
                    # Its end is answered by an end: then nothing of it is left to be counted.
                    asking.shutdown(socket.SHUT_WR)
                    asking.recv(1)
            return True
        except OSError:
            return False


class BeforeOrigin:
    """A Hawser before one recording server, which ends even where Hawser did not end in order."""

    hawser: Hawser
    origin: RawOrigin

    def stop(self) -> None:
        try:
            self.hawser.stop()
        finally:
            self.origin.stop()
