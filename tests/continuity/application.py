# SPDX-License-Identifier: Apache-2.0
"""An application server that keeps its users' counters in its memory, as a process of its own.

    application.py NAME INSTANCE PORT JOURNAL

Every POST and every message of a WebSocket counts one further; a GET tells the count. Each answer
says who gave it: NAME INSTANCE OWNER COUNT ID, where OWNER is the user whose session it is and ID
what the request was named by. What has been done stands in JOURNAL before anybody is answered, so
that a kill -9 takes none of it. Prints `ready` once it listens, and obeys lines on its standard
input: `slow SECONDS` makes every answer late by that much, but those to health checks.
"""

import asyncio
import itertools
import os
import sys

import frames

NAME_OF_SESSION = b"cart"
CHECK = b"GET /healthz "  # belongs to nobody's session
HEAD_MAX = 32 * 1024


class Shop:
    """All sessions of one process."""

    def __init__(self, name: str, instance: str, journal: int):
        self.name, self.instance, self.journal = name, instance, journal
        self.delay = 0.0
        self.sessions: dict[bytes, list] = {}  # by cart: owner, count
        self._numbers = itertools.count(1)

    def new_cart(self) -> bytes:
        return f"{self.name}-{self.instance}-{next(self._numbers)}".encode()

    def serve(self, what: str, cart: bytes, user: str, asked: str) -> bytes:
        """Does it, and returns what is to be told of it."""
        session = self.sessions.setdefault(cart, [user, 0])
        session[1] += what != "GET"
        self.note(what, asked, session[1])
        return f"{self.name} {self.instance} {session[0]} {session[1]} {asked}".encode()

    def note(self, what: str, asked: str, count: int) -> None:
        os.write(self.journal, f"{what} {asked} {count}\n".encode())


class Visit(asyncio.Protocol):
    """One connection: requests one after another, or a WebSocket after the first."""

    def __init__(self, shop: Shop):
        self.shop = shop
        self.input = bytearray()
        self.busy = False
        self.cart = b""
        self.user = ""
        self.talks = False  # frames, since the 101

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.input += data
        self._go_on()

    def _go_on(self) -> None:
        if self.talks:
            self._hear()
        elif not self.busy:
            self._take_request()

    def _take_request(self) -> None:
        end = self.input.find(b"\r\n\r\n")
        if end < 0:
            if len(self.input) > HEAD_MAX:
                self.transport.abort()
            return
        line, *lines = bytes(self.input[:end]).split(b"\r\n")
        fields = {name.lower(): value.strip() for name, _, value in
                  (each.partition(b":") for each in lines)}
        whole = end + 4 + int(fields.get(b"content-length", b"0"))
        if len(self.input) < whole:
            return
        del self.input[:whole]
        self.busy = True
        if self.shop.delay and not line.startswith(CHECK):
            self.shop.note("came", fields.get(b"x-request-id", b"-").decode(), 0)
            asyncio.get_running_loop().call_later(self.shop.delay, self._answer, line, fields)
        else:
            self._answer(line, fields)

    def _answer(self, line: bytes, fields: dict[bytes, bytes]) -> None:
        if self.transport.is_closing():
            return
        if line.startswith(CHECK):
            self._send([b"HTTP/1.1 200 OK", b"Content-Length: 2"], b"ok")
        else:
            self._serve(line, fields)
        if self.input:
            self._go_on()

    def _send(self, head: list[bytes], body: bytes) -> None:
        instance = b"Hawser-Instance: %s/%s" % (self.shop.name.encode(),
                                                self.shop.instance.encode())
        self.transport.write(b"\r\n".join([*head, instance]) + b"\r\n\r\n" + body)
        self.busy = False

    def _serve(self, line: bytes, fields: dict[bytes, bytes]) -> None:
        jar = dict(each.strip().partition(b"=")[::2]
                   for each in fields.get(b"cookie", b"").split(b";"))
        known = jar.get(NAME_OF_SESSION)
        self.cart = known or self.shop.new_cart()
        self.user = fields.get(b"user", b"-").decode()
        given = [] if known else [b"Set-Cookie: %s=%s; Path=/" % (NAME_OF_SESSION, self.cart)]
        if b"sec-websocket-key" in fields:
            self.talks = True
            return self._send([b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket",
                               b"Connection: Upgrade", b"Sec-WebSocket-Accept: "
                               + frames.accepted(fields[b"sec-websocket-key"]), *given], b"")
        asked = fields.get(b"x-request-id", b"-").decode()
        body = self.shop.serve(line.split(b" ")[0].decode(), self.cart, self.user, asked)
        self._send([b"HTTP/1.1 200 OK", b"Content-Type: text/plain",
                    b"Content-Length: %d" % len(body), *given], body)

    def _hear(self) -> None:
        for code, payload in frames.take_frames(self.input):
            if code == frames.TEXT:
                told = self.shop.serve("TOLD", self.cart, self.user, payload.decode())
                self.transport.write(frames.frame(frames.TEXT, told))
            elif code == frames.PING:
                self.transport.write(frames.frame(frames.PONG, payload))
            elif code == frames.CLOSE:
                self.transport.write(frames.frame(frames.CLOSE, payload))
                self.transport.close()


async def obey(shop: Shop) -> None:
    """Until whoever started it closes the input, or ends."""
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while order := await orders.readline():
        shop.delay = float(order.split()[1])


async def main() -> None:
    name, instance, port, journal = sys.argv[1:]
    shop = Shop(name, instance, os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644))
    await asyncio.get_running_loop().create_server(
        lambda: Visit(shop), "127.0.0.1", int(port), backlog=4096, reuse_address=True)
    print("ready", flush=True)
    await obey(shop)


if __name__ == "__main__":
    asyncio.run(main())
