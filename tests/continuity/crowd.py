# SPDX-License-Identifier: Apache-2.0
"""All users of one run, on one loop."""

import asyncio
import random

from chatter import Chatter
from record import Record
from user import User

CHATTERS = 0.1  # share of users with a WebSocket
ACTS = {User.get: 40, User.post: 30, User.upload: 8, User.burst: 10, User.reconnect: 8,
        User.leave: 4}
AT_ROLL_CALL = 100  # users that ask at once


class Crowd:
    """Users that ask every `pause` seconds, more or less, until they are told that it is over."""

    def __init__(self, count: int, port: int, pause: float, seed: int):
        self.pause = pause
        self.record = Record()
        self.over = asyncio.Event()
        self.chance = random.Random(seed)
        kinds = [Chatter if at < count * CHATTERS else User for at in range(count)]
        self.users = [kind(f"u{at}", port, self.record, seed) for at, kind in enumerate(kinds)]

    async def arrive(self, seconds: float) -> None:
        """All ask for the first time, spread over so long."""
        async def first(user: User, wait: float) -> None:
            await asyncio.sleep(wait)
            await user.get()

        count = len(self.users)
        await asyncio.gather(*(first(user, at * seconds / count)
                               for at, user in enumerate(self.users)))

    async def live(self) -> None:
        """Until `over` is set."""
        chats = (user.chat(2 * self.pause, self.over) for user in self.users
                 if isinstance(user, Chatter))
        await asyncio.gather(*(self._live(user) for user in self.users), *chats)

    async def _live(self, user: User) -> None:
        acts, weights = zip(*((act, weight) for act, weight in ACTS.items()
                              if act is not User.leave or not isinstance(user, Chatter)))
        await asyncio.sleep(self.chance.uniform(0, self.pause))
        while not self.over.is_set():
            act = User.get if user.place is None else user.chance.choices(acts, weights)[0]
            await act(user)
            await asyncio.sleep(self.pause * user.chance.uniform(0.5, 1.5))

    async def call_roll(self) -> None:
        """Each user asks once more: then the balancer has heard of everybody."""
        room = asyncio.Semaphore(AT_ROLL_CALL)

        async def answer(user: User) -> None:
            async with room:
                await user.get()

        await asyncio.gather(*map(answer, self.users))

    def open_sockets(self) -> int:
        return sum(1 for user in self.users if isinstance(user, Chatter) and user.is_talking)

    async def disperse(self) -> None:
        for user in self.users:
            user.end()
        await asyncio.sleep(0)
