# SPDX-License-Identifier: Apache-2.0
"""One virtual user: a cookie jar, connections, and a counter of its own that it knows the value of."""

import asyncio
import math
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field

from connection import Answer, Broken, Connection, Request, Untaken
from record import Birth, Move, Place, Record, Shift, Trouble

FILLING = b"x" * 512  # of the bodies of POSTs


@dataclass
class Count:
    """What a user knows of its counter in one place."""

    done: int = 0  # effects that were answered from there
    values: set[int] = field(default_factory=set)  # that effects were answered with


class User:
    """A `life` is one session: whoever leaves comes back as somebody new."""

    connection_kind: type = Connection

    def __init__(self, name: str, port: int, record: Record, seed: int):
        self.name, self.port, self.record = name, port, record
        self.chance = random.Random(f"{seed} {name}")
        self.connection: Connection | None = None
        self.lives = 0
        self.begin_life()

    def begin_life(self) -> None:
        self.lives += 1
        self.life = f"{self.name}.{self.lives}"
        self.jar: dict[str, str] = {}
        self.place: Place | None = None
        self.came_there = 0.0
        self.asked = 0
        self.open_effects = 0
        self.unknown_effects = 0  # sent, and never answered
        self.counts: dict[Place, Count] = defaultdict(Count)

    # ---- asking -------------------------------------------------------------------------------

    async def get(self) -> None:
        await self.ask("GET")

    async def post(self) -> None:
        await self.ask("POST", FILLING)

    async def upload(self) -> None:
        """A body that comes slowly."""
        await self.ask("POST", FILLING, pieces=4, pause=self.chance.uniform(0.05, 0.3))

    async def burst(self) -> None:
        """At once over several connections, as pages do."""
        await asyncio.gather(self.ask("GET"), self.ask("POST", FILLING, alone=True),
                             self.ask("POST", FILLING, alone=True))

    async def reconnect(self) -> None:
        if self.connection:
            self.connection.close()
        await self.get()

    async def leave(self) -> None:
        """Forgets everything and comes as somebody new."""
        self.begin_life()
        await self.get()

    async def ask(self, method: str, body: bytes = b"", *, alone: bool = False, pieces: int = 1,
                  pause: float = 0.0) -> None:
        """One request; what comes of it goes into the record. `alone`: not over the connection
        that is kept."""
        is_effect = method != "GET"
        asked, least, sent = self._begin(is_effect)
        request = Request(method, "/counter", self.fields(asked), body, pieces, pause)
        try:
            sent, answer = await self._answer_to(request, alone)
            self._end(is_effect)
        except Broken as why:
            self._end(is_effect, unanswered=True)
            self._drop(alone)
            return self.complain(sent, asked, str(why), not is_effect, opened=why.opened)
        self.keep(answer, sent)
        if answer.status != 200:
            self.unknown_effects += is_effect
            told = f"{answer.verdict} {answer.body[:80]!r}"
            return self.complain(sent, asked, f"status {answer.status}", not is_effect, told)
        place = self.check(answer.body.decode(), sent, asked, is_effect, least)
        if place:
            self.settle(place, sent, asked, answer.verdict)

    def _begin(self, is_effect: bool) -> tuple[str, dict[Place, int], float]:
        """The request's id, the least values that it may be answered with, and the time."""
        self.asked += 1
        self.record.requests += 1
        self.open_effects += is_effect
        least = {place: count.done for place, count in self.counts.items()}
        return f"{self.life}.{self.asked}", least, time.monotonic()

    def _end(self, is_effect: bool, unanswered: bool = False) -> None:
        self.open_effects -= is_effect
        self.unknown_effects += is_effect and unanswered

    async def _answer_to(self, request: Request, alone: bool) -> tuple[float, Answer]:
        """With the time from which it was under way."""
        connection = await self._connect(alone)
        sent = time.monotonic()
        try:
            answer = await connection.ask(request)
        except Untaken:
            return await self._answer_to(request, alone)
        except Broken as why:
            why.opened = connection.opened
            raise
        if alone:
            connection.close()
        return sent, answer

    async def _connect(self, alone: bool) -> Connection:
        if alone:
            return await self.connection_kind.open(self.port)
        if not self.connection or not self.connection.is_usable:
            self.connection = await self.connection_kind.open(self.port)
        return self.connection

    def _drop(self, alone: bool) -> None:
        if self.connection and not alone:
            self.connection.close()

    def fields(self, asked: str) -> list[tuple[str, str]]:
        found = [("Host", "shop.example"), ("User", self.life), ("X-Request-ID", asked)]
        if self.jar:
            jar = "; ".join(f"{name}={value}" for name, value in self.jar.items())
            found.append(("Cookie", jar))
        return found

    # ---- looking at what came -----------------------------------------------------------------

    def keep(self, answer: Answer, sent: float) -> None:
        self.record.answers += 1
        verdict, *rest = answer.verdict.split("; ")
        words = dict(word.split("=") for word in rest)
        server, cause = words.get("server", ""), words.get("cause", "")
        # Who is as good as new has another home all the same, if it begins elsewhere.
        begins_elsewhere = (verdict == "new" and cause == "stale" and self.place
                            and self.place.server != server)
        if verdict == "moved" or begins_elsewhere:
            self.record.moves.append(Move(sent, time.monotonic(), self.life, server, cause))
        for each in answer.cookies:
            name, _, value = each.partition("=")
            self.jar[name] = value

    def check(self, told: str, sent: float, asked: str, is_effect: bool,
              least: dict[Place, int]) -> Place | None:
        """Is it the answer to this request, of this user's session, with its own count? Returns
        who gave it."""
        words = told.split(" ")
        if len(words) != 5 or words[4] != asked:
            self.complain(sent, asked, "foreign answer", False, told)
            return None
        place, owner, value = Place(words[0], int(words[1])), words[2], int(words[3])
        if owner != self.life:
            self.complain(sent, asked, "foreign session", False, told)
            return None
        count = self.counts[place]
        most = count.done + self.open_effects + self.unknown_effects + is_effect
        if is_effect:
            count.done += 1
            self.record.effects.append(asked)
        if (not least.get(place, 0) + is_effect <= value <= most
                or is_effect and value in count.values):
            known = f"{told}; {least.get(place, 0)} to {most} were possible"
            self.complain(sent, asked, "wrong count", False, known)
        if is_effect:
            count.values.add(value)
        return place

    def settle(self, place: Place, sent: float, asked: str, verdict: str = "") -> None:
        """A request was served there; notes what is new in that."""
        at = time.monotonic()
        if self.place is None:
            self.record.births.append(Birth(sent, at, self.life, place.server))
        elif place != self.place:
            if place in self.counts and sent < self.came_there:
                return  # asked before the session left that place
            self.record.shifts.append(Shift(sent, at, asked, self.place, place, verdict))
        if place != self.place:
            self.place, self.came_there = place, at
        self.record.homes[self.life] = (place, sent)

    def complain(self, sent: float, asked: str, what: str, is_safe: bool, told: str = "",
                 opened: float = math.inf) -> None:
        self.record.troubles.append(
            Trouble(sent, time.monotonic(), asked, what, is_safe, self.place, told, opened))

    def end(self) -> None:
        if self.connection:
            self.connection.close()
