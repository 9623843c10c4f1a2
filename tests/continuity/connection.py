# SPDX-License-Identifier: Apache-2.0
"""A user's connection to the balancer, written by hand, as thousands of them share one thread."""

import asyncio
import math
import time
from dataclasses import dataclass, field

import frames

PATIENCE = 30.0  # seconds until an answer that has not come is an error


class Broken(Exception):
    """No answer came; the text is one of the table's words: refused, cut, reset, late."""

    opened = math.inf  # when its connection was


class Untaken(Broken):
    """By its own word (GOAWAY) the other side has not looked at it: it may be asked again."""


@dataclass
class Request:
    method: str
    path: str
    fields: list[tuple[str, str]]
    body: bytes = b""
    pieces: int = 1  # in which the body is sent
    pause: float = 0.0  # between them, in seconds

    def parts(self) -> list[bytes]:
        """Of the body."""
        size = -(-len(self.body) // self.pieces)
        return [self.body[at:at + size] for at in range(0, len(self.body), size or 1)]


@dataclass
class Answer:
    status: int
    fields: dict[str, str] = field(default_factory=dict)
    cookies: list[str] = field(default_factory=list)  # name=value of each Set-Cookie
    body: bytes = b""

    @property
    def verdict(self) -> str:
        """What the balancer says of the session, where it says anything."""
        return self.fields.get("hawser-verdict", "")

    @property
    def says_goodbye(self) -> bool:
        return self.fields.get("connection", "").lower() == "close"


async def connected(kind: type[asyncio.Protocol], port: int):
    """It is `opened` since it was asked for: the kernel may connect long before a busy loop sees it."""
    began = time.monotonic()
    try:
        _, made = await asyncio.wait_for(asyncio.get_running_loop().create_connection(
            kind, "127.0.0.1", port), PATIENCE)
    except TimeoutError:
        raise Broken("late") from None
    except OSError:
        raise Broken("refused") from None
    made.opened = began
    return made


class Connection(asyncio.Protocol):
    """Asks once at a time; after a 101 it carries frames."""

    def __init__(self):
        self.input = bytearray()
        self.ended = ""
        self.talks = False
        self._waits: asyncio.Future | None = None

    @staticmethod
    async def open(port: int) -> "Connection":
        return await connected(Connection, port)

    # ---- what the loop calls ------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.input += data
        self._wake()

    def connection_lost(self, why: Exception | None) -> None:
        self.ended = "reset" if why else "cut"
        self._wake()

    def _wake(self) -> None:
        if self._waits and not self._waits.done():
            self._waits.set_result(None)

    # ---- HTTP ---------------------------------------------------------------------------------

    @property
    def is_usable(self) -> bool:
        return not self.ended and not self.transport.is_closing()

    async def ask(self, request: Request) -> Answer:
        lines = [f"{request.method} {request.path} HTTP/1.1",
                 *(f"{name}: {value}" for name, value in request.fields)]
        if request.method != "GET":
            lines.append(f"Content-Length: {len(request.body)}")
        first, *later = request.parts() or [b""]
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + first)
        for part in later:
            await asyncio.sleep(request.pause)
            self.transport.write(part)
        try:
            async with asyncio.timeout(PATIENCE):
                while (answer := self._take_answer()) is None:
                    await self._more()
        except TimeoutError:
            self.close()
            raise Broken("late") from None
        if answer.says_goodbye:
            self.close()
        return answer

    def _take_answer(self) -> Answer | None:
        end = self.input.find(b"\r\n\r\n")
        if end < 0:
            return None
        line, *lines = self.input[:end].decode("latin-1").split("\r\n")
        answer = Answer(int(line.split(" ")[1]))
        for each in lines:
            name, _, value = each.partition(":")
            name, value = name.lower(), value.strip()
            if name == "set-cookie":
                answer.cookies.append(value.partition(";")[0])
            else:
                answer.fields[name] = value
        size = 0 if answer.status == 101 else int(answer.fields.get("content-length", "0"))
        if len(self.input) < end + 4 + size:
            return None
        answer.body = bytes(self.input[end + 4:end + 4 + size])
        del self.input[:end + 4 + size]
        self.talks = answer.status == 101
        return answer

    async def _more(self) -> None:
        if self.ended:
            raise Broken(self.ended)
        self._waits = asyncio.get_running_loop().create_future()
        await self._waits

    # ---- a WebSocket --------------------------------------------------------------------------

    def tell(self, code: int, payload: bytes) -> None:
        self.transport.write(frames.frame(code, payload, masked=True))

    async def hear(self, seconds: float) -> tuple[int, bytes] | None:
        """The next frame, a Close included; None if there is none so long."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for heard in frames.take_frames(self.input):
                        return heard
                    await self._more()
        except TimeoutError:
            return None

    def close(self) -> None:
        self.transport.close()
