# SPDX-License-Identifier: Apache-2.0
"""What users saw, as it is judged later. All times are those of one monotonic clock."""

from dataclasses import dataclass, field
from typing import NamedTuple


class Place(NamedTuple):
    """One process of a server; what is in its memory goes with it."""

    server: str
    instance: int

    def __str__(self) -> str:
        return f"{self.server}/{self.instance}"


class Shift(NamedTuple):
    """A user's session was served elsewhere than before: what was in the old place is lost to it."""

    sent: float
    at: float
    asked: str  # the request's id
    before: Place
    after: Place
    verdict: str  # what the balancer said of it, where it says anything


class Trouble(NamedTuple):
    """An answer that did not come, or that was not right."""

    sent: float
    at: float
    asked: str
    what: str  # "status 502", "cut", "reset", "refused", "late", "wrong count", ...
    is_safe: bool  # asking again could do no harm
    home: Place | None  # as far as the user knew
    told: str  # what the answer said
    opened: float  # when its connection was


class Move(NamedTuple):
    """The balancer said that it gave a session a new home."""

    sent: float
    at: float
    life: str
    server: str
    cause: str


class Birth(NamedTuple):
    """A session began."""

    sent: float
    at: float
    life: str
    server: str


class Farewell(NamedTuple):
    """A WebSocket ended that its user had not closed."""

    at: float
    life: str
    home: Place | None
    how: str  # the code of its Close frame, or "cut", "reset"


@dataclass
class Record:
    requests: int = 0
    answers: int = 0
    sockets: int = 0  # WebSockets that were opened
    shifts: list[Shift] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    births: list[Birth] = field(default_factory=list)
    farewells: list[Farewell] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)  # ids of what was said to have been done
    homes: dict[str, tuple[Place, float]] = field(default_factory=dict)  # of each life: last, when it asked
