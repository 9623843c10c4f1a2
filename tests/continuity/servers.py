# SPDX-License-Identifier: Apache-2.0
"""The application servers of one run: processes that are killed, stopped and slowed."""

import pathlib
import signal
import subprocess
import sys
import time
from typing import Iterator, NamedTuple

from harness import free_port
from record import Place

KILLED, EMPTIED = "server killed", "server emptied"  # why a process ended
PROGRAM = pathlib.Path(__file__).parent / "application.py"


class Death(NamedTuple):
    """Between these two moments a process was killed."""

    place: Place
    began: float
    ended: float
    why: str


class Entry(NamedTuple):
    """A line of a journal: what a server has seen or done, before it told anybody."""

    what: str  # GET, POST, TOLD (over a WebSocket), or `came`: read, and to be done later
    asked: str
    count: int


class Server:
    """One name and address, and one process after another."""

    def __init__(self, name: str, folder: pathlib.Path):
        self.name, self.folder = name, folder
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.instance = 0
        self.deaths: list[Death] = []
        self.process: subprocess.Popen | None = None

    @property
    def place(self) -> Place:
        return Place(self.name, self.instance)

    def start(self) -> None:
        self.instance += 1
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), self.name, str(self.instance), str(self.port),
             str(self._journal(self.instance))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        assert self.process.stdout.readline() == "ready\n"

    def kill(self, why: str = KILLED) -> None:
        """As kill -9 does: nothing is said to anybody, what was in memory is gone."""
        began = time.monotonic()
        self.process.kill()
        self.process.wait()
        self.deaths.append(Death(self.place, began, time.monotonic(), why))
        self.process.stdin.close()
        self.process.stdout.close()

    def stand_still(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def slow(self, seconds: float) -> None:
        """Every answer is late by that much; 0: none."""
        self.process.stdin.write(f"slow {seconds}\n")

    def journal(self, instance: int) -> Iterator[Entry]:
        with self._journal(instance).open() as lines:
            for line in lines:
                what, asked, count = line.split(" ")
                yield Entry(what, asked, int(count))

    def _journal(self, instance: int) -> pathlib.Path:
        return self.folder / f"{self.name}-{instance}.journal"

    def stop(self) -> None:
        if self.process and self.process.returncode is None:
            self.kill()


class Servers(dict[str, Server]):
    def __init__(self, names: str, folder: pathlib.Path):
        super().__init__({name: Server(name, folder) for name in names})

    def start(self) -> None:
        for each in self.values():
            each.start()

    @property
    def deaths(self) -> list[Death]:
        return [death for each in self.values() for death in each.deaths]

    def entries(self) -> Iterator[tuple[Place, Entry]]:
        """Of all processes that there were."""
        for each in self.values():
            for instance in range(1, each.instance + 1):
                for entry in each.journal(instance):
                    yield Place(each.name, instance), entry

    def stop(self) -> None:
        for each in self.values():
            each.stop()
