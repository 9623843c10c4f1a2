# SPDX-License-Identifier: Apache-2.0
"""Everything that may happen to servers and balancer. A new fault is one class, listed in ALL.

`begin` does it and says what it may cause; `end` takes it back. Whatever users see that no cause
says is an error.
"""

import time
from typing import ClassVar

from servers import EMPTIED, KILLED
from world import NOTICED, World


class Fault:
    name: ClassVar[str]
    summary: ClassVar[str]
    hits: ClassVar[str] = "home"  # "home", "spare", "balancer"
    by_operator: ClassVar[bool] = True  # the balancer is told of it
    lasts: ClassVar[tuple[float, float]] = (0.0, 0.0)  # seconds

    def __init__(self, world: World, server: str = ""):
        self.world, self.name_of_server = world, server
        self.server = world.servers[server] if server else None

    def begin(self) -> None:
        raise NotImplementedError

    def end(self) -> None:
        """Nothing, where nothing lasts."""

    def cause(self, what: str, **may: bool):
        return self.world.cause(what, self.name_of_server, **may)


class Kill(Fault):
    name = "kill"
    summary = "kill -9 of a server, which starts again with nothing in its memory"
    by_operator = False
    lasts = (0.2, 4.0)

    def begin(self) -> None:
        self.killed = self.cause(KILLED, moves=True, closes=True)
        self.server.kill()

    def end(self) -> None:
        self.server.start()
        self.world.over(self.killed)


class Stop(Fault):
    name = "stop"
    summary = "a server stands still (SIGSTOP) and goes on"
    by_operator = False
    lasts = (0.5, 5.0)

    def begin(self) -> None:
        self.stopped = self.cause("server stopped", moves=True, closes=True)
        self.server.stand_still()

    def end(self) -> None:
        self.server.go_on()
        self.world.over(self.stopped)


class Slow(Fault):
    name = "slow"
    summary = "every answer of a server is late"
    by_operator = False
    lasts = (1.0, 5.0)

    def begin(self) -> None:
        self.server.slow(0.5)

    def end(self) -> None:
        self.server.slow(0)


class Drain(Fault):
    name = "drain"
    summary = "a server gets no new sessions; those it has stay"
    lasts = (1.0, 5.0)

    def begin(self) -> None:
        self.world.subject.drain(self.name_of_server)
        self.drained = self.cause("server drained", refuses_new=True)

    def end(self) -> None:
        self.drained.ended = time.monotonic()
        self.world.subject.set_state(self.name_of_server, "ready")


class Deploy(Fault):
    name = "deploy"
    summary = "a server is emptied by a deadline, then stopped, and started with an empty memory"
    lasts = (8.0, 9.0)

    def begin(self) -> None:
        self.leaves = self.cause(EMPTIED, moves=True, closes=True, refuses_new=True)
        self.world.subject.begin_to_empty(self.name_of_server)

    def end(self) -> None:
        """Nobody is there any more: that it is killed must not be seen."""
        self.world.subject.wait_until_empty(self.name_of_server)
        self.server.kill(EMPTIED)
        self.server.start()
        self.leaves.refuses_new = False
        self.world.subject.set_state(self.name_of_server, "ready")
        self.world.over(self.leaves)


class Maintenance(Fault):
    name = "maintenance"
    summary = "a server gets nothing; its sessions move"
    lasts = (1.0, 5.0)

    def begin(self) -> None:
        self.away = self.cause("maintenance", moves=True, closes=True)
        self.world.subject.set_state(self.name_of_server, "maintenance")

    def end(self) -> None:
        self.world.subject.set_state(self.name_of_server, "ready")
        self.world.over(self.away)


class Remove(Fault):
    name = "remove"
    summary = "a server is taken out of the file, and comes back"
    lasts = (1.0, 5.0)

    def begin(self) -> None:
        self.removed = self.cause("server removed", moves=True, closes=True)
        self.world.remove(self.name_of_server)

    def end(self) -> None:
        self.world.add(self.name_of_server)
        self.world.over(self.removed)


class Add(Fault):
    name = "add"
    summary = "one more server comes, and goes again"
    hits = "spare"
    lasts = (2.0, 8.0)

    def begin(self) -> None:
        self.world.add(self.name_of_server)

    def end(self) -> None:
        self.cause("server removed", moves=True, closes=True)
        self.world.remove(self.name_of_server)


class Reload(Fault):
    name = "reload"
    summary = "the balancer reads its file again"
    hits = "balancer"

    def begin(self) -> None:
        self.world.subject.reload()


class Restart(Fault):
    name = "restart"
    summary = "the balancer is stopped in order and started again"
    hits = "balancer"

    def begin(self) -> None:
        away = self.cause("balancer restarted", closes=True, refuses=True)
        self.world.subject.restart()
        away.ended = self.world.balancer_started(after_a_stop=True) + NOTICED


class Crash(Fault):
    name = "crash"
    summary = "kill -9 of the balancer, which is started again"
    hits = "balancer"

    def begin(self) -> None:
        away = self.cause("balancer killed", closes=True, refuses=True, cuts=True)
        self.world.subject.crash()
        away.ended = self.world.balancer_started() + NOTICED


class Upgrade(Fault):
    name = "upgrade"
    summary = "another binary takes over while the balancer serves"
    hits = "balancer"

    def begin(self) -> None:
        former = self.cause("balancer upgraded", closes=True)
        self.world.subject.upgrade()
        former.ended = time.monotonic() + self.world.subject.leaves


ALL: tuple[type[Fault], ...] = (
    Kill, Stop, Slow, Drain, Deploy, Maintenance, Remove, Add, Reload, Restart, Crash, Upgrade)
BY_NAME = {each.name: each for each in ALL}
