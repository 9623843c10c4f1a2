# SPDX-License-Identifier: Apache-2.0
"""The balancer's own figures against what users and servers know."""

from collections import Counter, defaultdict

from record import Move, Place, Record
from servers import EMPTIED
from subject import Figures
from world import World


def truth(world: World, record: Record, open_sockets: int) -> Figures:
    """Since the balancer started: it knows of no session that has not come since, and shows none
    of a server that is not in its file any more, or that was emptied."""
    least, most = Counter(), Counter()
    emptied = last_emptied(world)
    were_at = former_places(record)
    for life, (place, sent) in record.homes.items():
        here = {place.server} if place.instance > emptied.get(place.server, 0) else set()
        least.update(here if sent > world.known_since else ())
        if sent <= world.crashed:  # what was written down last may be older than its last move
            here = {each.server for each in were_at.get(life, set()) | {place}}
        most.update(here if sent > world.perhaps_known_since else ())
    most.update(served_unheard(world, record))
    present = set(world.present)
    return Figures(
        sessions={name: count for name, count in least.items() if name in present},
        sessions_at_most={name: count for name, count in most.items() if name in present},
        moves=dict(Counter(move.cause for move in distinct(record.moves)
                           if move.sent > world.counted_since)),
        sockets=open_sockets)


def served_unheard(world: World, record: Record) -> list[str]:
    """Where sessions began whose users never heard of it, and came again as somebody new."""
    unheard = {each.asked for each in record.troubles if each.home is None}
    found = {entry.asked: place.server for place, entry in world.servers.entries()
             if entry.asked in unheard}
    return list(found.values())


def last_emptied(world: World) -> dict[str, int]:
    """Which of a server's processes was the last one when it was emptied."""
    return {each.place.server: each.place.instance
            for each in world.servers.deaths if each.why == EMPTIED}


def former_places(record: Record) -> dict[str, set[Place]]:
    """Of each life that was ever served elsewhere than before."""
    found: dict[str, set[Place]] = defaultdict(set)
    for shift in record.shifts:
        life, _, _ = shift.asked.rpartition(".")
        found[life].add(shift.before)
    return found


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
    wrong = []
    for server in sorted(true.sessions_at_most.keys() | told.sessions.keys()):
        least, said = true.sessions.get(server, 0), told.sessions.get(server, 0)
        most = true.sessions_at_most.get(server, 0)
        if not least <= said <= most:
            wrong.append(f"sessions {server}: it says {said}, the truth is {least} to {most}")
    more = Counter(told.moves) - Counter(true.moves)
    if Counter(true.moves) - Counter(told.moves) or more.total() > told.detours:
        wrong += [f"moves {cause}: it says {told.moves.get(cause, 0)}, the truth is "
                  f"{true.moves.get(cause, 0)}" for cause in told.moves | true.moves
                  if told.moves.get(cause, 0) != true.moves.get(cause, 0)]
    if told.sockets != true.sockets:
        wrong.append(f"WebSockets: it says {told.sockets}, the truth is {true.sockets}")
    return wrong
