# SPDX-License-Identifier: Apache-2.0
"""What a plan is played in: the servers, the balancer before them, and why things may happen."""

import math
import pathlib
import time
from dataclasses import dataclass
from typing import Callable

from servers import Servers
from subject import Subject

HOMES = "abcd"  # servers from the start
SPARES = "ef"  # servers that come and go

NOTICED = 1.0  # seconds until thousands of users in one process see that a connection has ended


@dataclass
class Cause:
    """Something that was done, which users may be told of by what it says here and nothing else."""

    what: str
    server: str  # "": the balancer
    began: float
    ended: float = math.inf
    moves: bool = False  # sessions at home on the server get another one
    closes: bool = False  # WebSockets to the server end
    refuses_new: bool = False  # no session begins on the server
    cuts: bool = False  # what is in flight in the balancer is lost
    refuses: bool = False  # the balancer cannot be reached

    def covers(self, sent: float, at: float) -> bool:
        """It was so at some moment of a request's time."""
        return self.began <= at and sent <= self.ended


class World:
    def __init__(self, folder: pathlib.Path,
                 make: Callable[[pathlib.Path, dict[str, str]], Subject]):
        self.servers = Servers(HOMES + SPARES, folder)
        self.causes: list[Cause] = []
        self.present = list(HOMES)
        self.servers.start()
        try:
            self.subject = make(folder, self._addresses())
        except BaseException:
            self.servers.stop()
            raise
        # Sessions that asked after the first moment it knows, after the second perhaps.
        self.known_since = self.perhaps_known_since = time.monotonic()
        self.counted_since = self.known_since
        self.crashed = -math.inf  # the last time

    def balancer_started(self, after_a_stop: bool = False) -> float:
        """Whatever was sent since it did, it has counted; and it knows the sessions that the one
        before wrote down: all of them after a stop in order, else those up to some moment."""
        now = self.counted_since = self.subject.started
        if not after_a_stop:
            self.crashed = now
        if not (after_a_stop and self.subject.writes_sessions):
            self.known_since = now
        if not self.subject.writes_sessions:
            self.perhaps_known_since = now
        return time.monotonic()

    def _addresses(self) -> dict[str, str]:
        return {name: self.servers[name].address for name in self.present}

    def cause(self, what: str, server: str = "", **may: bool) -> Cause:
        """From now on; whoever names it ends it."""
        self.causes.append(Cause(what, server, time.monotonic(), **may))
        return self.causes[-1]

    def over(self, cause: Cause) -> None:
        """It is; the balancer may still take a while to see it."""
        cause.ended = time.monotonic() + self.subject.settles

    def add(self, server: str) -> None:
        self.present.append(server)
        self.subject.change_servers(self._addresses())

    def remove(self, server: str) -> None:
        self.present.remove(server)
        self.subject.change_servers(self._addresses())

    def stop(self) -> None:
        try:
            self.subject.stop()
        finally:
            self.servers.stop()
