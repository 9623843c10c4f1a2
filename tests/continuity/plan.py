# SPDX-License-Identifier: Apache-2.0
"""Which faults happen when: drawn from a seed, and the same for every subject."""

import concurrent.futures
import itertools
import random
import time
from typing import Callable, NamedTuple

from faults import Fault
from world import HOMES, SPARES, World

WHOLE = 2  # servers that nothing is done to at any moment
REST = 4.0  # seconds in which nothing is done to a server that has come back


class Step(NamedTuple):
    at: float
    lasts: float
    fault: type[Fault]
    server: str

    def __str__(self) -> str:
        return (f"{self.at:6.1f} s  {self.fault.name} {self.server}"
                + (f" for {self.lasts:.1f} s" if self.lasts else ""))


def draw(seed: int, seconds: float, kinds: list[type[Fault]], pause: float) -> list[Step]:
    """Each kind about as often as the others, one fault every `pause` seconds or so."""
    chance = random.Random(seed)
    busy: dict[str, float] = {}  # until when
    deck: list[type[Fault]] = []
    steps = []
    at = 0.0
    while (at := at + chance.uniform(0.5, 1.5) * pause) < seconds:
        deck = deck or chance.sample(kinds, len(kinds))
        kind = deck.pop()
        lasts = min(chance.uniform(*kind.lasts), seconds - at)
        server = ""
        if kind.hits != "balancer":
            hit = {name for name in HOMES if busy.get(name, 0) > at}
            free = [name for name in (HOMES if kind.hits == "home" else SPARES)
                    if busy.get(name, 0) <= at]
            if not free or kind.hits == "home" and len(hit) >= len(HOMES) - WHOLE:
                deck.insert(0, kind)  # later, when there is somebody whom it may hit
                continue
            server = chance.choice(free)
            busy[server] = at + lasts + REST
        steps.append(Step(at, lasts, kind, server))
    return steps


def in_a_row(kind: type[Fault], count: int, pause: float) -> list[Step]:
    """The same again and again: `pause` seconds apart, or one right after the other."""
    return [Step(at * pause, 0.0, kind, "") for at in range(count)]


class Told(NamedTuple):
    """A line of what happened."""

    at: float
    text: str


def play(plan: list[Step], world: World, tell: Callable[[Told], None]) -> None:
    """Does what the plan says, in real time, and what a subject cannot do not at all. What an
    operator tells the balancer goes in a row; servers fail whatever that takes."""
    possible = [each for each in plan if each.fault.name not in world.subject.cannot]
    lanes = [[each for each in possible if each.fault.by_operator is by] for by in (True, False)]
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(len(lanes)) as threads:
        for each in [threads.submit(play_in_a_row, lane, world, began, tell) for lane in lanes]:
            each.result()


def play_in_a_row(plan: list[Step], world: World, began: float,
                  tell: Callable[[Told], None]) -> None:
    order = itertools.count()
    due: list = []
    for step in plan:
        fault = step.fault(world, step.server)
        due.append((began + step.at, next(order), step, fault.begin, "begins"))
        if step.lasts:
            due.append((began + step.at + step.lasts, next(order), step, fault.end, "is over"))
    for at, _, step, act, word in sorted(due):
        time.sleep(max(0.0, at - time.monotonic()))
        act()
        tell(Told(time.monotonic(), f"{step.fault.name} {step.server} {word}"))
