# SPDX-License-Identifier: Apache-2.0
"""The balancer that a plan is played against, whichever it is."""

import abc
import time
from dataclasses import dataclass


DRAIN_DEADLINE = 7.0  # seconds


@dataclass
class Figures:
    """What the balancer says of itself."""

    sessions: dict[str, int]  # by server; of the truth: at least
    moves: dict[str, int]  # by cause, since it was started
    sockets: int  # WebSockets that are open
    sessions_at_most: dict[str, int] | None = None  # where the truth is not known better
    detours: int = 0  # moves to servers that failed before they served: no user saw those


class Subject(abc.ABC):
    """Has servers by name; what it cannot do, `cannot` names with the reason."""

    title: str
    cannot: dict[str, str] = {}  # names of faults
    port: int
    h2_port: int  # where clients speak HTTP/2 in clear
    writes_sessions = False  # knows them after a restart, as far as it has written them down
    settles = 3.0  # seconds until it has noticed that a server is back
    leaves = 10.0  # seconds until a process that gives its place to another one has ended

    @property
    def started(self) -> float:
        """When the one before the present process had ended, and that was not there yet."""
        return time.monotonic()  # nobody asks where there are no figures

    @abc.abstractmethod
    def change_servers(self, addresses: dict[str, str]) -> None:
        """Has these from now on, by its file and a reload."""

    @abc.abstractmethod
    def set_state(self, server: str, state: str) -> None:
        """`maintenance`: nothing; `ready`."""

    @abc.abstractmethod
    def drain(self, server: str) -> None:
        """No new sessions; those that are there stay, however long that lasts."""

    @abc.abstractmethod
    def begin_to_empty(self, server: str) -> None:
        """No new sessions; after DRAIN_DEADLINE those that are there move, too."""

    @abc.abstractmethod
    def wait_until_empty(self, server: str) -> None:
        """Nothing is in flight there, and nobody comes."""

    @abc.abstractmethod
    def reload(self) -> None:
        """Reads its file again, in which something is new that concerns no user; has done so when
        this returns."""

    @abc.abstractmethod
    def restart(self) -> None:
        """Stops in order, and starts again."""

    @abc.abstractmethod
    def crash(self) -> None:
        """Is killed, and started again."""

    @abc.abstractmethod
    def upgrade(self) -> None:
        """Gives its place to a new process; has ended when this returns."""

    @abc.abstractmethod
    def stop(self) -> None:
        """For good."""

    def figures(self) -> Figures | None:
        """None: it has none."""
        return None

    def lines_of(self, asked: str) -> list[str]:
        """What its log says of a request."""
        return []
