# SPDX-License-Identifier: Apache-2.0
"""Servers of bodies that no test could hold: they send zeros, or count what comes."""

import socket
import threading
from typing import Callable

BLOCK = bytes(1 << 18)
MEBIBYTE = 1 << 20
# What the kernel may hold of a stream at most: what we receive into, and what we send from.
KERNEL_BUFFERS = 10 * MEBIBYTE
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Streamer:
    """Each connection in a thread; `ended` is set once the other side ended one."""

    def __init__(self, serve: Callable[["Streamer", socket.socket], None]):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.moved = 0  # bytes of bodies
        self.go_on = threading.Event()  # for those who wait before they read
        self.ended = threading.Event()
        self._serve = serve
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self.go_on.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(peer,), daemon=True).start()

    def _converse(self, peer: socket.socket) -> None:
        try:
            self._serve(self, peer)
        except OSError:
            pass
        self.ended.set()
        peer.close()


def read_head(peer: socket.socket) -> tuple[bytes, bytes]:
    """A head, and what came behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = peer.recv(1 << 16)
        if not more:
            raise ConnectionResetError
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def sends(size: int) -> Callable[[Streamer, socket.socket], None]:
    """Answers every request with `size` zeros."""
    def serve(self: Streamer, peer: socket.socket) -> None:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        while True:
            read_head(peer)
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            left = size
            while left > 0:
                sent = peer.send(BLOCK[:left])
                self.moved += sent
                left -= sent
    return serve


def swallows(size: int, waits: bool = False) -> Callable[[Streamer, socket.socket], None]:
    """Answers GET at once, and a POST after `size` bytes; `waits`: reads on only when told to."""
    def serve(self: Streamer, peer: socket.socket) -> None:
        while True:
            head, rest = read_head(peer)
            if waits:
                self.go_on.wait()
            left = size - len(rest) if head.startswith(b"POST") else 0
            self.moved += len(rest)
            while left > 0:
                data = peer.recv(min(left, 1 << 20))
                if not data:
                    return
                self.moved += len(data)
                left -= len(data)
            peer.sendall(ANSWER)
    return serve


def connect_with_small_buffers(port: int, wrap=lambda plain: plain) -> socket.socket:
    """A client whose kernel takes little beyond what it reads."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
    client.connect(("127.0.0.1", port))
    client.settimeout(30)
    return wrap(client)
