# SPDX-License-Identifier: Apache-2.0
"""A node whose process is followed from one binary to the next."""

import ctypes
import json
import os
import signal

import pytest

from harness import wait_for
from operators import Operated

PR_SET_CHILD_SUBREAPER = 36


class Upgradable(Operated):
    """The harness started the first process; those that follow are found by their numbers."""

    def __init__(self, *arguments, **settings):
        # Whoever outlives its parent becomes a child of this process, which can wait for it.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        settings.setdefault("upgrade-timeout", "20s")
        super().__init__(*arguments, **settings)
        self.pids = [self.hawser.process.pid]

    @property
    def pid(self) -> int:
        return self.pids[-1]

    def seen(self) -> dict:
        return json.loads(self.admin("GET", "/v1/upgrade").text)

    def upgrade(self, *arguments: str) -> None:
        told = self.command("upgrade", *arguments)
        assert (told.returncode, told.stderr) == (0, ""), told
        self.pids.append(self.seen()["pid"])
        assert self.pids[-1] != self.pids[-2]

    def fail_to_upgrade(self, *arguments: str) -> str:
        told = self.command("upgrade", *arguments)
        assert told.returncode == 1, told
        assert self.seen()["pid"] == self.pid
        return told.stderr

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    @staticmethod
    def has_ended(pid: int) -> bool:
        try:
            return os.waitpid(pid, os.WNOHANG)[0] == pid
        except ChildProcessError:
            return not os.path.exists(f"/proc/{pid}")

    def wait_for_end_of(self, pid: int) -> None:
        if pid == self.pids[0]:
            assert self.hawser.process.wait(30) == 0
        else:
            wait_for(lambda: self.has_ended(pid), f"process {pid} ends", 30)

    def stop(self) -> None:
        for pid in self.pids:
            if not os.path.exists(f"/proc/{pid}"):
                continue
            try:
                os.kill(pid, signal.SIGTERM)
                self.wait_for_end_of(pid)
            except (AssertionError, ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                raise
        for origin in self.origins.values():
            origin.stop()


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
HELLO, SOCKETS, SOCKETS_END, SERVERS, SESSIONS, COPIED, PREPARED, GO, ACCEPTING = range(1, 10)
def hello(version=1):
    say(HELLO, struct.pack(">II", version, 3) + b"2.0")
"""


def pretender(folder, does: str) -> str:
    """A binary that takes over only so far: the lines of `does` are run in it."""
    path = folder / "pretender"
    path.write_text(PRETENDER + does + "\n")
    path.chmod(0o755)
    return str(path)
