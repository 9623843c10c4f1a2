# SPDX-License-Identifier: Apache-2.0
"""The balancer's own figures against what users and servers know."""

from collections import Counter

from record import Move, Record
from subject import Figures
from world import World


def truth(world: World, record: Record, open_sockets: int) -> Figures:
    """Since the balancer started: it knows of no session that has not come since, and shows none
    of a server that is not in its file any more."""
    counted = world.counted_since
    return Figures(
        sessions=dict(Counter(place.server for place, at in record.homes.values()
                              if at > world.known_since and place.server in world.present)),
        moves=None if counted is None else dict(Counter(
            move.cause for move in distinct(record.moves) if move.sent > counted)),
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
    wrong = unlike("sessions", told.sessions, true.sessions)
    if true.moves is not None:
        more = Counter(told.moves) - Counter(true.moves)
        if Counter(true.moves) - Counter(told.moves) or more.total() > told.detours:
            wrong += unlike("moves", told.moves, true.moves)
    if told.sockets != true.sockets:
        wrong.append(f"WebSockets: it says {told.sockets}, the truth is {true.sockets}")
    return wrong


def unlike(what: str, said: dict[str, int], known: dict[str, int]) -> list[str]:
    return [f"{what} {name}: it says {said.get(name, 0)}, the truth is {known.get(name, 0)}"
            for name in sorted(said.keys() | known.keys())
            if said.get(name, 0) != known.get(name, 0)]
