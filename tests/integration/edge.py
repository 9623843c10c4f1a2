# SPDX-License-Identifier: Apache-2.0
"""A Hawser before one recording server, and what tests of the edge demand of the two."""

import pathlib

from h2_client import H2Client
from harness import Hawser, RawClient, RawOrigin, Request, wait_for
from messages import Answer
from peers import subject_of

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: shop.example\r\n\r\n"
BYTEWISE_MAX = 600  # pieces; longer payloads are cut into as many


class Edge:
    """Forwards without a field of its own, so that what the server sees is what was sent."""

    def __init__(self, folder: pathlib.Path, listener: dict | None = None,
                 pool: dict | None = None, route: dict | None = None, carrier: str = "clear",
                 **others):
        self.origin = RawOrigin()
        settings = {
            "listeners": {"web": {"forwarded-for": "off"} | (listener or {})},
            "pools": {"shop": {"servers": {"a": self.origin.address}, "affinity": [],
                               "health": {"passive": "off"}} | (pool or {})},
            "routes": [{"pool": "shop"} | (route or {})],
        } | others
        self.hawser = subject_of(folder, settings, carrier)
        self.carrier, self.is_h2 = carrier, carrier == "h2"
        self.scheme, self.default_port = ("http", b"80") if carrier in ("clear", "h2c") else (
            "https", b"443")
        self.is_peer = not isinstance(self.hawser, Hawser)
        self.sentinels = 0

    @property
    def ways_to_cut(self) -> tuple[bool, ...]:
        """In one piece and byte by byte. Over TLS in pieces alone, and frames are whole."""
        return {"tls": (False,), "h2": (True,)}.get(self.carrier, (True, False))

    @property
    def behind(self) -> bytes:
        """A request that must not be looked at; on a stream of its own it would be."""
        return b"" if self.is_h2 else SMUGGLED

    def connect(self) -> RawClient:
        return self.hawser.connect()

    def connect_h2(self, **more) -> H2Client:
        return self.hawser.connect_h2(**more)

    def ask(self, request: bytes) -> Answer:
        return self.hawser.ask(request)

    def stop(self) -> None:
        self.hawser.stop()
        self.origin.stop()

    # ---- what is demanded ---------------------------------------------------------------------

    def refuses(self, payload: bytes, status: int, cause: str = "") -> None:
        """Refused, whether it comes in one piece or byte by byte (E2), and then nothing more."""
        for in_one_piece in self.ways_to_cut:
            self.origin.forget()
            with self.connect() as client:
                send(client, payload + self.behind, in_one_piece)
                self.has_refused(client, status, cause, payload)
            self.saw_nothing()

    def has_refused(self, client: RawClient, status: int, cause: str = "",
                    payload: bytes = b"") -> None:
        answer = client.read_answer()
        if self.is_peer:  # another status, and the way of closing, are its own choice
            assert 400 <= answer.status < 600
            assert client.read_to_end() == b"", "nothing behind a refused request is answered"
            return
        assert answer.status == status
        assert answer.is_whole
        says_nothing_of(answer, payload)
        if self.is_h2:  # its stream is over, the connection lives (E93)
            client.turns_to_the_next()
            assert client.send(request()).read_answer().status == 200
            self.origin.forget()
        else:
            assert answer.value("Connection") == "close"
            assert client.read_to_end() == b"", "nothing behind a refused request is answered"
            assert client.ended == "closed", "the client could read the answer (E3)"
            client.close()
        record, *_ = self.hawser.access_of(client)
        assert record["status"] == status
        assert record.get("ended"), f"a refusal has a cause in the access log: {record}"
        assert not cause or record["ended"] == cause

    def aborts(self, payload: bytes, status: int, cause: str = "") -> None:
        """Refused for its body: the server may see a part of it, never a whole request."""
        for in_one_piece in self.ways_to_cut:
            self.origin.forget()
            with self.connect() as client:
                send(client, payload + self.behind, in_one_piece)
                self.has_refused(client, status, cause)
            self.saw_no_whole_request()

    def saw_nothing(self) -> None:
        """No byte reached the server, nor will: a later request of ours is all it has seen."""
        sentinel = self.send_sentinel()
        received = self.origin.received
        if self.is_peer:
            assert received.count(b" HTTP/1.") == 1, received
            return
        assert as_sent(received, self) == as_sent(sentinel, self), received

    def saw_no_whole_request(self) -> None:
        """Of what came before, the server was given no whole request, and its connection ended."""
        sentinel = self.send_sentinel()
        assert [as_sent(each.raw, self) for each in self.origin.requests] == [
            as_sent(sentinel, self)]
        broken = [each for each in self.origin.connections if not each.requests]
        for each in broken:
            wait_for(lambda one=each: one.ended or one.fault, "the broken exchange ends")
            assert not each.fault, each.fault

    def send_sentinel(self) -> bytes:
        self.sentinels += 1
        request = f"GET /sentinel/{self.sentinels} HTTP/1.1\r\nHost: shop.example\r\n\r\n".encode()
        assert self.ask(request).status == 200
        return request

    def forwards(self, payload: bytes, seen: bytes | None = None, status: int = 200) -> Request:
        """Served, however it is cut, and the server sees exactly `seen` (or what was sent)."""
        for in_one_piece in self.ways_to_cut:
            self.origin.forget()
            with self.connect() as client:
                send(client, payload, in_one_piece)
                answer = client.read_answer(to_head=payload.lstrip().startswith(b"HEAD "))
                assert answer.status == status and answer.is_whole
            requests = self.origin.requests
            assert len(requests) == 1, self.origin.received
            if not requests[0].is_chunked:
                expected = payload if seen is None else seen
                assert as_sent(requests[0].raw, self) == as_sent(expected, self)
                assert self.is_h2 or len(self.origin.received) == len(requests[0].raw)
        return requests[0]


def as_sent(raw: bytes, edge: Edge) -> object:
    """A request as it is compared: byte for byte, or by its meaning if another proxy wrote it. Over
    HTTP/2 names have no upper case."""
    if not edge.is_peer and not edge.is_h2:
        return raw
    head, _, body = raw.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    split = [each.partition(b":") for each in fields]
    if edge.is_h2:
        return line, [(name.lower(), value.strip()) for name, _, value in split], body
    return line, sorted(((name.lower(), value.strip()) for name, _, value in split),
                        key=lambda each: each[0]), body


def send(client: RawClient, payload: bytes, in_one_piece: bool) -> None:
    if in_one_piece:
        client.send_pieces([payload], pause=0)
    else:
        pieces = BYTEWISE_MAX if client.costs_little else BYTEWISE_MAX // 10
        client.send_in_pieces(payload, max(1, len(payload) // pieces))


def says_nothing_of(answer: Answer, payload: bytes) -> None:
    """An answer of our own holds nothing of the request, and no version (E6)."""
    text = answer.raw.lower()
    for marked in (b"smuggled", b"shop.example", b"x-mark"):
        assert marked not in text
    if payload:
        assert b"hawser/" not in text


def request(line: bytes = b"GET /thing HTTP/1.1", *fields: bytes, body: bytes = b"",
            host: bytes | None = b"shop.example") -> bytes:
    """A request of these lines; `host` None: without one."""
    lines = [line] + ([b"Host: " + host] if host is not None else []) + list(fields)
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def post(*fields: bytes, body: bytes = b"") -> bytes:
    return request(b"POST /thing HTTP/1.1", *fields, body=body)


def chunked(body: bytes) -> bytes:
    """A POST whose chunked body is `body`, as it stands there."""
    return post(b"Transfer-Encoding: chunked", body=body)
