# SPDX-License-Identifier: Apache-2.0
"""A user that keeps a WebSocket open besides, and opens it again at once when it ends."""

import asyncio
import time

import frames
from connection import PATIENCE, Broken, Connection, Request
from record import Farewell, Place
from user import User

CLOSED_BY_US = (1000).to_bytes(2, "big")


class Chatter(User):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.socket: Connection | None = None
        self.socket_place: Place | None = None
        self.opened = 0.0

    async def chat(self, pause: float, over: asyncio.Event) -> None:
        """A message every `pause` seconds; what is open then stays open until `end`."""
        while not over.is_set():
            try:
                await self._open()
                while not over.is_set():
                    await self._tell()
                    await self._listen(pause * self.chance.uniform(0.5, 1.5))
            except Broken as why:
                self._close(str(why))
                await asyncio.sleep(0.05)

    @property
    def is_talking(self) -> bool:
        return self.socket is not None and self.socket.talks and self.socket.is_usable

    async def _open(self) -> None:
        asked, _, sent = self._begin(False)
        try:
            self.socket = await Connection.open(self.port)
            answer = await self.socket.ask(Request("GET", "/talk", self.fields(asked) + [
                ("Connection", "Upgrade"), ("Upgrade", "websocket"),
                ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", frames.new_key().decode())]))
        except Broken as why:
            self.complain(sent, asked, str(why), True)
            raise
        self.keep(answer, sent)
        if answer.status != 101:
            self.complain(sent, asked, f"status {answer.status}", True)
            raise Broken("refused")
        self.record.sockets += 1
        self.opened = sent

    async def _tell(self) -> None:
        asked, least, sent = self._begin(True)
        self.socket.tell(frames.TEXT, asked.encode())
        try:
            heard = await self._hear(PATIENCE)
        except Broken:
            self._end(True, unanswered=True)
            raise
        self._end(True, unanswered=heard is None)
        if heard is None:
            return self.complain(sent, asked, "late", False)
        self.record.answers += 1
        place = self.check(heard.decode(), sent, asked, True, least)
        if place and self.socket_place is None:
            self.socket_place = place
            self.settle(place, self.opened, asked)
        elif place != self.socket_place:
            self.complain(sent, asked, "socket elsewhere", False, f"{self.socket_place}, {place}")

    async def _listen(self, seconds: float) -> None:
        """Only its end may be heard now."""
        heard = await self._hear(seconds)
        if heard is not None:
            self.complain(time.monotonic(), self.life, "foreign answer", False, repr(heard))

    async def _hear(self, seconds: float) -> bytes | None:
        """A Close is answered, and ends it with its code as the reason."""
        found = await self.socket.hear(seconds)
        if found is None or found[0] == frames.TEXT:
            return found and found[1]
        code, payload = found
        if code == frames.CLOSE:
            self.socket.tell(frames.CLOSE, payload[:2])
        raise Broken(str(int.from_bytes(payload[:2], "big")) if code == frames.CLOSE
                     else f"frame {code}")

    def _close(self, why: str) -> None:
        if self.socket and self.socket.talks:
            home = self.socket_place or self.place
            self.record.farewells.append(Farewell(time.monotonic(), self.life, home, why))
        if self.socket:
            self.socket.close()
        self.socket = self.socket_place = None

    def end(self) -> None:
        super().end()
        if self.socket and self.socket.is_usable:
            self.socket.tell(frames.CLOSE, CLOSED_BY_US)
            self.socket.close()
