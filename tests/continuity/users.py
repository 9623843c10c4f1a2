# SPDX-License-Identifier: Apache-2.0
"""All users of one run, on one loop."""

import asyncio
import random

from chatter import Chatter
from h2_user import H2User
from record import Record
from subject import Subject
from user import User

CHATTERS = 0.1  # share of users with a WebSocket
H2_USERS = 0.04  # share of those that speak HTTP/2, which costs this side much
ACTS = {"get": 40, "post": 30, "upload": 8, "burst": 10, "reconnect": 8, "leave": 4}
AT_ROLL_CALL = 100  # users that ask at once


class Users:
    """Users that ask every `pause` seconds, more or less, until they are told that it is over."""

    def __init__(self, count: int, subject: Subject, pause: float, seed: int):
        self.pause = pause
        self.record = Record()
        self.over = asyncio.Event()
        self.chance = random.Random(seed)
        self.all = [self._user(at, at / count, subject, seed) for at in range(count)]

    def _user(self, at: int, share: float, subject: Subject, seed: int) -> User:
        if share < CHATTERS:
            return Chatter(f"u{at}", subject.port, self.record, seed)
        if share < CHATTERS + H2_USERS:
            return H2User(f"u{at}", subject.h2_port, self.record, seed)
        return User(f"u{at}", subject.port, self.record, seed)

    async def arrive(self, seconds: float) -> None:
        """All ask for the first time, spread over so long."""
        async def first(user: User, wait: float) -> None:
            await asyncio.sleep(wait)
            await user.get()

        count = len(self.all)
        await asyncio.gather(*(first(user, at * seconds / count)
                               for at, user in enumerate(self.all)))

    async def live(self) -> None:
        """Until `over` is set."""
        chats = (user.chat(2 * self.pause, self.over) for user in self.all
                 if isinstance(user, Chatter))
        await asyncio.gather(*(self._live(user) for user in self.all), *chats)

    async def _live(self, user: User) -> None:
        acts, weights = zip(*((act, weight) for act, weight in ACTS.items()
                              if act != "leave" or not isinstance(user, Chatter)))
        await asyncio.sleep(self.chance.uniform(0, self.pause))
        while not self.over.is_set():
            act = "get" if user.place is None else user.chance.choices(acts, weights)[0]
            await getattr(user, act)()
            await asyncio.sleep(self.pause * user.chance.uniform(0.5, 1.5))

    async def call_roll(self) -> None:
        """Each user asks once more: then the balancer has heard of everybody."""
        room = asyncio.Semaphore(AT_ROLL_CALL)

        async def answer(user: User) -> None:
            async with room:
                await user.get()

        await asyncio.gather(*map(answer, self.all))

    def open_sockets(self) -> int:
        return sum(1 for user in self.all if isinstance(user, Chatter) and user.is_talking)

    async def disperse(self) -> None:
        for user in self.all:
            user.end()
        await asyncio.sleep(0)
