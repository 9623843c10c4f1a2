# SPDX-License-Identifier: Apache-2.0
"""A node whose process is followed from one binary to the next."""

import signal
import subprocess

import pytest

from operators import Operated
from orphans import Orphan, adopt_orphans


class Upgradable(Operated):
    """The harness started the first process; those that follow are found by their numbers."""

    def __init__(self, *arguments, **settings):
        adopt_orphans()
        settings.setdefault("upgrade-timeout", "20s")
        super().__init__(*arguments, **settings)
        self.processes = [self.hawser.process]

    @property
    def pids(self) -> list[int]:
        return [each.pid for each in self.processes]

    @property
    def pid(self) -> int:
        return self.pids[-1]

    def upgrade(self, *arguments: str) -> None:
        told = self.command("upgrade", *arguments)
        assert (told.returncode, told.stderr) == (0, ""), told
        self.processes.append(Orphan(self.upgrade_state()["pid"]))
        assert self.pids[-1] != self.pids[-2]

    def fail_to_upgrade(self, *arguments: str) -> str:
        told = self.command("upgrade", *arguments)
        assert told.returncode == 1, told
        assert self.upgrade_state()["pid"] == self.pid
        return told.stderr

    def signal(self, number: signal.Signals) -> None:
        self.processes[-1].send_signal(number)

    def wait_for_end_of(self, pid: int) -> None:
        """In order."""
        assert self.processes[self.pids.index(pid)].wait(30) == 0

    def stop(self) -> None:
        late = []
        for each in self.processes:
            if each.poll() is not None:
                continue
            each.send_signal(signal.SIGTERM)
            try:
                assert each.wait(30) == 0
            except subprocess.TimeoutExpired as why:
                each.kill()
                each.wait()
                late.append(why)
        for origin in self.origins.values():
            origin.stop()
        assert not late


@pytest.fixture
def upgradable(tmp_path):
    made = []

    def make(*arguments, **settings) -> Upgradable:
        made.append(Upgradable(tmp_path, *arguments, **settings))
        return made[0]

    yield make
    for each in made:
        each.stop()


PRETENDER = """#!/usr/bin/python3
import socket, struct, sys, time
old = socket.socket(fileno=3)
old.settimeout(20)
def say(word, text=b""):
    old.sendall(struct.pack(">IB", len(text), word) + text)
def exactly(size):
    got = b""
    while len(got) < size:
        more = old.recv(size - len(got))
        if not more:
            sys.exit(1)
        got += more
    return got
def hear(wanted):
    while True:
        size, word = struct.unpack(">IB", exactly(5))
        exactly(size)
        if word == wanted:
            return
# As src/state/channel.h numbers them.
(HELLO, SOCKETS, SOCKETS_END, SERVERS, SESSIONS, TOTALS, COPIED, PREPARED, GO,
 ACCEPTING, RETIRED) = range(1, 12)
def hello(version=7):
    say(HELLO, struct.pack(">II", version, 3) + b"2.0")
"""


def pretender(folder, does: str) -> str:
    """A binary that takes over only so far: the lines of `does` are run in it."""
    path = folder / "pretender"
    path.write_text(PRETENDER + does + "\n")
    path.chmod(0o755)
    return str(path)
