# SPDX-License-Identifier: Apache-2.0
"""What HAProxy and nginx have in common as subjects: files, a port, processes of a master."""

import abc
import os
import pathlib
import signal
import socket

from harness import free_port, wait_for
from orphans import adopt_orphans
from subject import Subject

SECONDS_TO_STOP = int(Subject.leaves)


class Peer(Subject):
    """One master process, by its process id, as it may give its place to another."""

    def __init__(self, folder: pathlib.Path, addresses: dict[str, str]):
        self.folder = folder / type(self).__name__.lower()
        self.folder.mkdir()
        self.port, self.h2_port = free_port(), free_port()
        self.reloads = 0
        self.addresses = dict(addresses)
        self.states: dict[str, str] = {}
        adopt_orphans()
        self.launch()

    @abc.abstractmethod
    def configuration(self) -> str: ...

    @abc.abstractmethod
    def launch(self) -> None:
        """Starts the master, which accepts connections when this returns."""

    @abc.abstractmethod
    def master(self) -> int: ...

    @property
    def path(self) -> pathlib.Path:
        return self.folder / "peer.conf"

    def write(self) -> None:
        self.path.write_text(self.configuration())

    def change_servers(self, addresses: dict[str, str]) -> None:
        self.addresses = dict(addresses)
        self.read_again()

    def reload(self) -> None:
        self.reloads += 1
        self.read_again()

    def drain(self, server: str) -> None:
        self.set_state(server, "drain")

    def begin_to_empty(self, server: str) -> None:
        """It knows no deadline; what can be done at the end is maintenance."""
        self.set_state(server, "drain")

    def wait_until_empty(self, server: str) -> None:
        self.set_state(server, "maintenance")

    @abc.abstractmethod
    def read_again(self) -> None: ...

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.master(), number)

    def kill(self) -> None:
        """Master and workers, of which nobody listens any more when this returns."""
        master = self.master()
        doomed = [master, *children_of(master)]
        for each in doomed:
            os.kill(each, signal.SIGKILL)
        for each in doomed:
            bury(each)

    def wait_until_it_accepts(self) -> None:
        wait_for(self._accepts, f"{self.title} accepts connections")

    def _accepts(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False


def bury(process: int) -> None:
    """Waits for the end of a child, or of a child's child whose parent has ended."""
    try:
        os.waitpid(process, 0)
    except ChildProcessError:
        wait_for(lambda: not os.path.exists(f"/proc/{process}"), f"{process} has ended")


def children_of(process: int) -> list[int]:
    return [int(each) for each in pathlib.Path(
        f"/proc/{process}/task/{process}/children").read_text().split()]
