# SPDX-License-Identifier: Apache-2.0
"""The balancer's own figures against what users and servers know."""

from collections import Counter

from record import Move, Record
from servers import EMPTIED
from subject import Figures
from world import World


def truth(world: World, record: Record, open_sockets: int) -> Figures:
    """Since the balancer started: it knows of no session that has not come since, and shows none
    of a server that is not in its file any more, or that was emptied."""
    emptied: dict[str, int] = {}  # and which of its processes was the last one then
    for each in world.servers.deaths:
        if each.why == EMPTIED:
            emptied[each.place.server] = each.place.instance

    def homes(since: float) -> dict[str, int]:
        return dict(Counter(place.server for place, at in record.homes.values() if at > since
                            and place.server in world.present
                            and place.instance > emptied.get(place.server, 0)))

    counted = world.counted_since
    return Figures(
        sessions=homes(world.known_since), sessions_at_most=homes(world.perhaps_known_since),
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
    wrong = []
    for server in sorted(true.sessions_at_most.keys() | told.sessions.keys()):
        least, said = true.sessions.get(server, 0), told.sessions.get(server, 0)
        most = true.sessions_at_most.get(server, 0)
        if not least <= said <= most:
            wrong.append(f"sessions {server}: it says {said}, the truth is {least} to {most}")
    if true.moves is not None:
        more = Counter(told.moves) - Counter(true.moves)
        if Counter(true.moves) - Counter(told.moves) or more.total() > told.detours:
            wrong += [f"moves {cause}: it says {told.moves.get(cause, 0)}, the truth is "
                      f"{true.moves.get(cause, 0)}" for cause in told.moves | true.moves
                      if told.moves.get(cause, 0) != true.moves.get(cause, 0)]
    if told.sockets != true.sockets:
        wrong.append(f"WebSockets: it says {told.sockets}, the truth is {true.sockets}")
    return wrong
