# SPDX-License-Identifier: Apache-2.0
"""A recording server of HTTP/2 that answers each request with any frames it is told to."""

import itertools
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import Callable

from hpack import Decoder, Encoder

from h2_client import (ACK, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PREFACE, RST,
                       SETTINGS, WINDOW, frame, setting)


@dataclass
class Asked:
    """A whole request, or one that was reset."""

    connection: int
    stream: int
    fields: dict = field(default_factory=dict)
    body: bytes = b""
    ended: bool = False
    reset: int | None = None


class Steps:
    """What a script can say on one stream."""

    def __init__(self, stream: int, encoder: Encoder):
        self.stream, self.encoder = stream, encoder

    def head(self, fields: list, ends: bool = False) -> bytes:
        return frame(HEADERS, END_HEADERS | (END_STREAM if ends else 0), self.stream,
                     self.encoder.encode(fields))

    def data(self, payload: bytes, ends: bool = False) -> bytes:
        return frame(DATA, END_STREAM if ends else 0, self.stream, payload)

    def reset(self, code: int) -> bytes:
        return frame(RST, 0, self.stream, struct.pack(">I", code))

    @staticmethod
    def goaway(last: int, code: int = 0) -> bytes:
        return frame(GOAWAY, payload=struct.pack(">II", last, code))

    def whole(self, body: bytes = b"ok") -> bytes:
        return self.head([(":status", "200")]) + self.data(body, ends=True)


class H2Origin:
    """`at_head` gives the bytes that a request gets once its head has come, `at_end` those that it
    gets once it is whole: 200 `ok`."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.requests: list[Asked] = []
        self.at_head: Callable[[Asked, Steps], bytes] | None = None
        self.at_end: Callable[[Asked, Steps], bytes] = lambda asked, steps: steps.whole()
        self._numbers = itertools.count()
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        if self.listener.fileno() != -1:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(peer, next(self._numbers)),
                             daemon=True).start()

    def _converse(self, peer: socket.socket, number: int) -> None:
        try:
            self._serve(peer, number)
        except (OSError, EOFError):
            pass
        peer.close()

    def _serve(self, peer: socket.socket, number: int) -> None:
        encoder, decoder = Encoder(), Decoder()
        mine: dict[int, Asked] = {}
        reader = peer.makefile("rb")

        def take(count: int) -> bytes:
            data = reader.read(count)
            if len(data) < count:
                raise EOFError
            return data

        assert take(len(PREFACE)) == PREFACE
        peer.sendall(frame(SETTINGS, payload=setting(4, 1 << 24)) +
                     frame(WINDOW, payload=struct.pack(">I", 1 << 30)))
        while True:
            head = take(9)
            kind, flags = head[3], head[4]
            stream = int.from_bytes(head[5:9], "big")
            payload = take(int.from_bytes(head[:3], "big"))
            if kind == SETTINGS and not flags & ACK:
                peer.sendall(frame(SETTINGS, ACK))
            elif kind == PING and not flags & ACK:
                peer.sendall(frame(PING, ACK, payload=payload))
            if not stream or kind not in (HEADERS, DATA, RST):
                continue
            is_new = stream not in mine
            asked = mine.setdefault(stream, Asked(number, stream))
            steps = Steps(stream, encoder)
            if is_new:
                self.requests.append(asked)
            if kind == RST:
                asked.reset = struct.unpack(">I", payload)[0]
            elif kind == HEADERS:
                asked.fields |= dict(decoder.decode(payload))
                if is_new and self.at_head:
                    peer.sendall(self.at_head(asked, steps))
            else:
                asked.body += payload
            if kind != RST and flags & END_STREAM:
                asked.ended = True
                if asked.reset is None:
                    peer.sendall(self.at_end(asked, steps))
