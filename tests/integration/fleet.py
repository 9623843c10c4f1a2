# SPDX-License-Identifier: Apache-2.0
"""Several recording servers of one pool, a Hawser before them, and visitors with cookie jars."""

import pathlib
import re
import socket
from dataclasses import dataclass

from harness import Hawser, RawClient, RawOrigin, answer
from messages import Answer

VERDICT_FIELD = "Hawser-Verdict"


class Fleet:
    """Servers named by letters; each answers with its name. `settings` go to the top level."""

    def __init__(self, folder: pathlib.Path, names: str = "ab", pool: dict | None = None,
                 listener: dict | None = None, route: dict | None = None,
                 servers: dict | None = None, carrier: str = "clear", **settings):
        self.origins = {name: RawOrigin() for name in names}
        for name, origin in self.origins.items():
            answers_its_name(origin, name)
        addresses: dict = {name: origin.address for name, origin in self.origins.items()}
        self.hawser = Hawser(folder, {
            "listeners": {"web": listener or {}},
            "pools": {"shop": {"servers": addresses | (servers or {})} | (pool or {})},
            "routes": [{"pool": "shop"} | (route or {})],
            "debug-header": VERDICT_FIELD,
        } | settings, carrier)

    def add(self, name: str) -> RawOrigin:
        """One more server, which the configuration does not name yet."""
        self.origins[name] = RawOrigin()
        answers_its_name(self.origins[name], name)
        return self.origins[name]

    def __getitem__(self, name: str) -> RawOrigin:
        return self.origins[name]

    @property
    def requests(self) -> list:
        """Of all servers."""
        return [each for origin in self.origins.values() for each in origin.requests]

    def connect(self) -> RawClient:
        return self.hawser.connect()

    def visitor(self, cookie: str = "") -> "Visitor":
        return Visitor(self.hawser, cookie)

    def stop(self) -> None:
        try:
            self.hawser.stop()
        finally:
            for origin in self.origins.values():
                origin.stop()


def answers_its_name(origin: RawOrigin, name: str) -> None:
    origin.script = lambda request: [answer(name.encode())]


@dataclass
class Verdict:
    """What the debug field tells of an answer."""

    verdict: str
    cause: str
    server: str

    @staticmethod
    def of(told: Answer) -> "Verdict":
        words = (told.value(VERDICT_FIELD) or "").split("; ")
        rest = dict(word.split("=") for word in words[1:])
        return Verdict(words[0], rest.get("cause", ""), rest.get("server", ""))


def marks_of(told: Answer) -> list[str]:
    """The `Set-Cookie` values that are the balancer's, whole."""
    return [value for value in told.values("Set-Cookie") if re.match(r"(__Host-)?hawser-", value)]


def pair_of(mark: str) -> str:
    return mark.split(";")[0]


class Visitor:
    """A client that keeps its mark as a browser does."""

    def __init__(self, hawser: Hawser, cookie: str = ""):
        self.hawser = hawser
        self.cookie = cookie
        self.marks = 0  # how often it was given one

    def request(self, line: str = "GET / HTTP/1.1", *fields: str, body: bytes = b"") -> bytes:
        lines = [line, "Host: shop.example", *fields]
        if self.cookie:
            lines.append(f"Cookie: {self.cookie}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def ask(self, line: str = "GET / HTTP/1.1", *fields: str, body: bytes = b"",
            over: RawClient | None = None) -> Answer:
        client = over or self.hawser.connect()
        try:
            client.send(self.request(line, *fields, body=body))
            told = client.read_answer(to_head=line.startswith("HEAD "))
            while 100 <= told.status < 200 and told.status != 101:
                told = client.read_answer(to_head=line.startswith("HEAD "))
        finally:
            if over is None:
                client.close()
        self.keep(told)
        return told

    def keep(self, told: Answer) -> None:
        marks = marks_of(told)
        assert len(marks) <= 1, f"one Set-Cookie of ours at most (E156): {marks}"
        if marks:
            self.cookie = pair_of(marks[0])
            self.marks += 1


def closed_port() -> int:
    """Where nobody listens: connecting is refused."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Silent:
    """An address where connecting neither succeeds nor fails: its backlog is full."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.waiting = []
        for _ in range(4):
            each = socket.socket()
            each.setblocking(False)
            each.connect_ex(self.listener.getsockname())
            self.waiting.append(each)

    def stop(self) -> None:
        for each in [*self.waiting, self.listener]:
            each.close()
