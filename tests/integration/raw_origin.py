# SPDX-License-Identifier: Apache-2.0
"""A server that records every byte and answers as it is told."""

import enum
import select
import socket
import struct
import threading
from dataclasses import dataclass, field
from typing import Callable, Iterable

from messages import Malformed, Request, parse_head, parse_request


class Step(enum.Enum):
    """What an answer may hold besides bytes; a number of seconds is a pause."""

    CLOSE = enum.auto()
    RESET = enum.auto()
    STALL = enum.auto()  # says nothing more, until the other side ends


CLOSE, RESET, STALL = Step.CLOSE, Step.RESET, Step.STALL

Script = Callable[[Request], Iterable[bytes | float | Step]]


def answer(body: bytes = b"ok", status: str = "200 OK", *lines: str) -> bytes:
    """A plain answer with Content-Length."""
    head = [f"HTTP/1.1 {status}", *lines, f"Content-Length: {len(body)}", "", ""]
    return "\r\n".join(head).encode("latin-1") + body


@dataclass
class Connection:
    """What came on one connection since the last `forget`."""

    peer: tuple[str, int] = ("", 0)
    preamble: bytes = b""  # what came before its first request, where some must
    received: bytes = b""  # behind that
    requests: list[Request] = field(default_factory=list)
    fault: str = ""  # why its bytes are no requests
    ended: str = ""  # "closed" or "reset" by the other side, or "by us"


class RawOrigin:
    """Serves each connection in a thread. `script` says what a request is answered with.

    Each connection must begin with a preamble, where `length_of` says how long one is; None while
    that does not show yet.
    """

    def __init__(self, at_head: bool = False,
                 length_of: Callable[[bytes], int | None] | None = None,
                 place: tuple[str, int] = ("127.0.0.1", 0)):
        self._lock = threading.Lock()
        is_v6 = ":" in place[0]
        self._listener = socket.create_server(
            place, family=socket.AF_INET6 if is_v6 else socket.AF_INET, backlog=1024)
        self.port = self._listener.getsockname()[1]
        self.address = f"[{place[0]}]:{self.port}" if is_v6 else f"{place[0]}:{self.port}"
        self.at_head = at_head  # answers when the head has come, not the body
        self.length_of = length_of
        self._open: dict[object, socket.socket] = {}
        self.forget()
        threading.Thread(target=self._accept, daemon=True).start()

    def forget(self) -> None:
        """Records anew, answers 200 `ok`, and ends the connections that are open."""
        with self._lock:
            for each in list(self._open.values()):
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.connections: list[Connection] = []
            self.script: Script = lambda request: [answer()]

    def answers(self, *steps: bytes | float | Step) -> None:
        """Every request gets these from now on."""
        self.script = lambda request: steps

    @property
    def requests(self) -> list[Request]:
        """All whole requests that came, connection by connection."""
        with self._lock:
            return [each for one in self.connections for each in one.requests]

    @property
    def received(self) -> bytes:
        with self._lock:
            return b"".join(one.received for one in self.connections)

    def stop(self) -> None:
        if self._listener.fileno() >= 0:
            self._listener.shutdown(socket.SHUT_RDWR)  # else who waits in accept() takes one more
            self._listener.close()
        self.forget()

    def start_again(self) -> None:
        """After `stop`, at the same address."""
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=1024)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        try:
            record, key = Connection(peer=peer.getpeername()[:2]), object()
        except OSError:  # reset before anybody looked at it
            return peer.close()
        with self._lock:
            self.connections.append(record)
            self._open[key] = peer
        try:
            self._converse(peer, record)
        except Malformed as why:
            record.fault = str(why)
        except ConnectionResetError:
            record.ended = "reset"
        except BrokenPipeError:
            record.ended = record.ended or "closed"
        except OSError:
            record.ended = record.ended or "by us"
        finally:
            with self._lock:
                del self._open[key]
            peer.close()

    def _converse(self, peer: socket.socket, record: Connection) -> None:
        data = b""
        while self.length_of is not None and not record.preamble:
            length = self.length_of(data)
            if length is not None and len(data) >= length:
                record.preamble, data = data[:length], data[length:]
                record.received = data
                break
            more = peer.recv(1 << 16)
            if not more:
                record.ended = "closed"
                return
            data += more
        while True:
            if self.at_head and data and parse_head(data, Request) is not None:
                if not self._perform(peer, record, self.script(parse_head(data, Request))):
                    return
            while (request := parse_request(data)) is not None:
                data = data[len(request.raw):]
                with self._lock:
                    record.requests.append(request)
                if not self.at_head and not self._perform(peer, record, self.script(request)):
                    return
            more = peer.recv(1 << 16)
            if not more:
                record.ended = record.ended or "closed"
                return
            with self._lock:
                record.received += more
            data += more

    def _perform(self, peer: socket.socket, record: Connection,
                 steps: Iterable[bytes | float | Step]) -> bool:
        """False when the connection is over."""
        for step in steps:
            if isinstance(step, bytes):
                peer.sendall(step)
            elif isinstance(step, (int, float)):
                select.select([], [], [], step)
            elif step is STALL:
                while more := peer.recv(1 << 16):
                    with self._lock:
                        record.received += more
                record.ended = "closed"
                return False
            else:
                record.ended = "by us"
                if step is RESET:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
        return True
