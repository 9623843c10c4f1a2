# SPDX-License-Identifier: Apache-2.0
"""The balancer's own figures against what users and servers know."""

from collections import Counter

from record import Move, Record
from subject import Figures
from world import World


def truth(world: World, record: Record, open_sockets: int) -> Figures:
    """Since the balancer started: it knows of no session that has not come since, and shows none
    of a server that is not in its file any more."""
    since = world.balancer_started
    return Figures(
        sessions=dict(Counter(place.server for place, at in record.homes.values()
                              if at > since and place.server in world.present)),
        moves=dict(Counter(move.cause for move in distinct(record.moves) if move.sent > since)),
        sockets=open_sockets)


def distinct(moves: list[Move]) -> list[Move]:
    """Parallel requests of one session tell of one move each, and it is the same."""
    found: list[Move] = []
    last: dict[str, Move] = {}
    for move in sorted(moves, key=lambda each: each.at):
        before = last.get(move.life)
        last[move.life] = move
        if before and before.server == move.server and move.sent < before.at:
            continue
        found.append(move)
    return found


def differences(told: Figures, true: Figures) -> list[str]:
    """One line for each figure that is not what it should be."""
    found = []
    for what in ("sessions", "moves"):
        said, known = getattr(told, what), getattr(true, what)
        for name in sorted(said.keys() | known.keys()):
            if said.get(name, 0) != known.get(name, 0):
                found.append(f"{what} {name}: it says {said.get(name, 0)}, "
                             f"the truth is {known.get(name, 0)}")
    if told.sockets != true.sockets:
        found.append(f"WebSockets: it says {told.sockets}, the truth is {true.sockets}")
    return found
