# SPDX-License-Identifier: Apache-2.0
"""A crowd of hostile clients, as a process of its own, so that it takes no time from who measures.

    flooder.py KIND PORT

It floods until its standard input ends, and prints `flooding` once its crowd is there. Connections
that the other side ends are opened again.
"""

import random
import select
import socket
import struct
import sys
import time

CROWD = 400
HEAD = b"GET /tiny HTTP/1.1\r\nHost: shop.example\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: shop.example\r\n\r\n"
BODY = b"POST /upload HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 100000\r\n\r\n"


def connected(port: int) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", port))
    client.setblocking(False)
    return client


def sends(client: socket.socket, data: bytes) -> bool:
    """False when the other side has ended it."""
    try:
        client.send(data)
        return True
    except BlockingIOError:
        return True
    except OSError:
        return False


def is_over() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


class Crowd:
    """`CROWD` connections; each says `greeting` first and `drip` in turn ever after."""

    def __init__(self, greeting: bytes, drip: bytes):
        self.greeting, self.drip = greeting, drip

    def flood(self, port: int) -> None:
        crowd = [self.greeted(port) for _ in range(CROWD)]
        print("flooding", flush=True)
        while not is_over():
            for at, client in enumerate(crowd):
                if not sends(client, self.drip) if self.drip else has_ended(client):
                    client.close()
                    crowd[at] = self.greeted(port)
            time.sleep(0.05)

    def greeted(self, port: int) -> socket.socket:
        client = connected(port)
        sends(client, self.greeting)
        return client


def has_ended(client: socket.socket) -> bool:
    try:
        return client.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


class Churn:
    """Connections that are opened and given up as fast as it goes."""

    def __init__(self, words: list[bytes], by_reset: bool):
        self.words, self.by_reset = words, by_reset

    def flood(self, port: int) -> None:
        print("flooding", flush=True)
        while not is_over():
            for _ in range(50):
                client = connected(port)
                sends(client, random.choice(self.words))
                if self.by_reset:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()


FLOODS = {
    "half-open": Crowd(b"", b""),
    "slow-heads": Crowd(HEAD, b"X: y\r\n"),
    "slow-bytes": Crowd(b"G", b"E"),
    "slow-bodies": Crowd(BODY, b"x"),
    "slow-chunks": Crowd(BODY.replace(b"Content-Length: 100000", b"Transfer-Encoding: chunked"),
                         b"1\r\nx\r\n"),
    "slow-readers": Crowd(LARGE, b""),
    "churn": Churn([HEAD + b"\r\n", b"", HEAD, BODY], by_reset=False),
    "resets": Churn([HEAD + b"\r\n", b"", HEAD, BODY, LARGE], by_reset=True),
    "refusals": Churn([b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00", b"X" * 3000],
                      by_reset=False),
}


if __name__ == "__main__":
    FLOODS[sys.argv[1]].flood(int(sys.argv[2]))
