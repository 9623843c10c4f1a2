# SPDX-License-Identifier: Apache-2.0
"""An HTTP/2 client that sends any frame it likes and reads what comes, frame by frame."""

import socket
import struct
from dataclasses import dataclass, field

from hpack import Decoder, Encoder

from raw_client import PATIENCE

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED = 1, 1, 4, 8
NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR = 0, 1, 2, 3
STREAM_CLOSED, FRAME_SIZE_ERROR, REFUSED_STREAM, CANCEL, COMPRESSION_ERROR = 5, 6, 7, 8, 9
ENHANCE_YOUR_CALM = 11

GET = [(":method", "GET"), (":scheme", "http"), (":authority", "shop.example"), (":path", "/thing")]
POST = [(":method", "POST"), *GET[1:]]


def frame(kind: int, flags: int = 0, stream: int = 0, payload: bytes = b"") -> bytes:
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + \
        struct.pack(">I", stream) + payload


def setting(number: int, value: int) -> bytes:
    return struct.pack(">HI", number, value)


def but(name: str, value: str | bytes | None, fields=tuple(GET)) -> list:
    """The same fields with one said differently, or left out."""
    return [(key, value if key == name else said) for key, said in fields
            if key != name or value is not None]


@dataclass
class Frame:
    kind: int
    flags: int
    stream: int
    payload: bytes

    @property
    def code(self) -> int:
        return struct.unpack(">I", self.payload[4:8] if self.kind == GOAWAY else self.payload)[0]

    @property
    def last_stream(self) -> int:
        return struct.unpack(">I", self.payload[:4])[0]


@dataclass
class Answer:
    """What came on one stream."""

    heads: list[dict] = field(default_factory=list)  # interim ones, then the final one
    lines: list[list[tuple[bytes, bytes]]] = field(default_factory=list)  # the same, as they came
    trailers: dict = field(default_factory=dict)
    body: bytes = b""
    ended: bool = False
    reset: int | None = None

    @property
    def status(self) -> int:
        return int(self.heads[-1][":status"]) if self.heads else 0

    @property
    def is_over(self) -> bool:
        return self.ended or self.reset is not None


class H2Client:
    """Shakes hands at once. `window` is what its streams may bring, the connection's is large.

    `before` goes ahead of everything.
    """

    def __init__(self, port: int, window: int = 1 << 24, settings: bytes = b"",
                 wrap=lambda plain: plain, before: bytes = b""):
        plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = wrap(plain)
        self.port = self.socket.getsockname()[1]
        self.encoder, self.decoder = Encoder(), Decoder(max_header_list_size=1 << 18)
        self.answers: dict[int, Answer] = {}
        self.goaways: list[Frame] = []
        self.settings: dict[int, int] = {}
        self.next_stream = 1
        self.ended = False
        self._bytes = b""
        self._block, self._ends = b"", 0  # of a head that goes on in further frames
        self.send(before + PREFACE + frame(SETTINGS, payload=setting(4, window) + settings) +
                  frame(WINDOW, payload=struct.pack(">I", (1 << 30))))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def block(self, fields) -> bytes:
        return self.encoder.encode(list(fields))

    def ask(self, fields=tuple(GET), body: bytes | None = None, ends: bool = True,
            trailers=None) -> int:
        """Begins a request on a new stream, and says which."""
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        is_bare = body is None and trailers is None
        self.send(frame(HEADERS, END_HEADERS | (END_STREAM if is_bare and ends else 0), stream,
                        self.block(fields)))
        if body is not None:
            for at in range(0, max(1, len(body)), 16384):
                last = at + 16384 >= len(body) and ends and trailers is None
                self.send(frame(DATA, END_STREAM if last else 0, stream, body[at:at + 16384]))
        if trailers is not None:
            self.send(frame(HEADERS, END_HEADERS | END_STREAM, stream, self.block(trailers)))
        self.answers[stream] = Answer()
        return stream

    def read_frame(self) -> Frame | None:
        """The next frame, or None at the end."""
        while len(self._bytes) < 9 or len(self._bytes) < 9 + int.from_bytes(self._bytes[:3], "big"):
            try:
                more = self.socket.recv(1 << 16)
            except ConnectionResetError:
                more = b""
            if not more:
                self.ended = True
                return None
            self._bytes += more
        size = int.from_bytes(self._bytes[:3], "big")
        head, payload = self._bytes[:9], self._bytes[9:9 + size]
        self._bytes = self._bytes[9 + size:]
        read = Frame(head[3], head[4], int.from_bytes(head[5:9], "big"), payload)
        self._note(read)
        return read

    def _note(self, read: Frame) -> None:
        one = self.answers.setdefault(read.stream, Answer()) if read.stream else None
        if read.kind == SETTINGS and not read.flags & ACK:
            self.settings |= dict(struct.iter_unpack(">HI", read.payload))
            self._reply(frame(SETTINGS, ACK))
        elif read.kind == PING and not read.flags & ACK:
            self._reply(frame(PING, ACK, payload=read.payload))
        elif read.kind == GOAWAY:
            self.goaways.append(read)
        elif read.kind in (HEADERS, CONTINUATION):
            self._block += read.payload
            if not read.flags & END_HEADERS:
                self._ends = read.flags & END_STREAM
                return
            lines = self.decoder.decode(self._block, raw=True)
            read.flags |= self._ends
            self._block, self._ends = b"", 0
            fields = {key.decode(): value.decode("latin-1") for key, value in lines}
            if ":status" in fields:
                one.heads.append(fields)
                one.lines.append(lines)
            else:
                one.trailers = fields
        elif read.kind == DATA:
            one.body += read.payload
        elif read.kind == RST:
            one.reset = read.code
        if one is not None and read.kind in (DATA, HEADERS, CONTINUATION) and read.flags & END_STREAM:
            one.ended = True

    def _reply(self, data: bytes) -> None:
        try:
            self.send(data)
        except OSError:  # the other side has ended; what it said before is still to be read
            pass

    def answer(self, stream: int) -> Answer:
        """The whole answer of one stream."""
        one = self.answers[stream]
        while not one.is_over and self.read_frame() is not None:
            pass
        return one

    def get(self, fields=tuple(GET), **more) -> Answer:
        return self.answer(self.ask(fields, **more))

    def read_to_end(self) -> None:
        while self.read_frame() is not None:
            pass
