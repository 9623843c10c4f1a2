# SPDX-License-Identifier: Apache-2.0
"""A crowd of hostile clients, as a process of its own, so that it takes no time from who measures.

    flooder.py KIND PORT [CERTIFICATE OF THE AUTHORITY]

It floods until its standard input ends, and prints `flooding` once its crowd is there. Connections
that the other side ends are opened again.
"""

import itertools
import random
import select
import socket
import ssl
import struct
import sys
import time

from tls_socket import TlsSocket

CROWD = 400
HOST = "shop.example"
HEAD = b"GET /tiny HTTP/1.1\r\nHost: shop.example\r\n"
LARGE = b"GET /large HTTP/1.1\r\nHost: shop.example\r\n\r\n"
BODY = b"POST /upload HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 100000\r\n\r\n"


# Many, so that what one source may have does not end the flood.
SOURCES = itertools.cycle(f"127.0.1.{last}" for last in range(1, 9))


def connected(port: int) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
    client.bind((next(SOURCES), 0))
    client.connect(("127.0.0.1", port))
    client.setblocking(False)
    return client


def secured(port: int) -> TlsSocket | socket.socket:
    """The same after a handshake, if it came to one."""
    plain = connected(port)
    plain.settimeout(5)
    try:
        client = TlsSocket(plain, ssl.create_default_context(cafile=sys.argv[3]), HOST)
    except OSError:  # of which ssl's errors are some
        client = plain
    plain.setblocking(False)
    return client


def sends(client: socket.socket, data: bytes) -> bool:
    """False when the other side has ended it."""
    try:
        client.sendall(data)
        return True
    except BlockingIOError:
        return True
    except OSError:
        return False


def is_over() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


class Crowd:
    """`CROWD` connections; each says `greeting` first and `drip` in turn ever after."""

    def __init__(self, greeting: bytes, drip: bytes, connected=connected):
        self.greeting, self.drip, self.connected = greeting, drip, connected

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
        client = self.connected(port)
        sends(client, self.greeting)
        return client


def has_ended(client: socket.socket) -> bool:
    try:
        return getattr(client, "plain", client).recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


class Churn:
    """Connections that are opened and given up as fast as it goes."""

    def __init__(self, words: list[bytes], by_reset: bool, connected=connected):
        self.words, self.by_reset, self.connected = words, by_reset, connected

    def flood(self, port: int) -> None:
        print("flooding", flush=True)
        while not is_over():
            for _ in range(50):
                self.come_and_go(port)

    def come_and_go(self, port: int) -> None:
        client = self.connected(port)
        sends(client, random.choice(self.words))
        if self.by_reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()


def client_hello() -> bytes:
    sent = ssl.MemoryBIO()
    hand = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), sent, server_hostname=HOST)
    try:
        hand.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return sent.read()


HELLO = client_hello()
ENDLESS_HELLO = b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03"  # of 16 KiB that never come

FLOODS_OVER_TLS = {
    "half-hellos": Crowd(HELLO[:-1], b""),
    "slow-hellos": Crowd(ENDLESS_HELLO, b"\0"),
    "left-at-hello": Crowd(HELLO, b""),
    "closed-at-hello": Churn([HELLO], by_reset=False),
    "abandoned-handshakes": Churn([HELLO], by_reset=True),
    "handshakes": Churn([b"", HEAD + b"\r\n"], by_reset=False, connected=secured),
    "nonsense": Churn([b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff", b"\0" * 3000],
                      by_reset=False),
    "slow-heads-over-tls": Crowd(HEAD, b"X: y\r\n", secured),
    "slow-bodies-over-tls": Crowd(BODY, b"x", secured),
    "slow-readers-over-tls": Crowd(LARGE, b"", secured),
}

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
    (FLOODS | FLOODS_OVER_TLS)[sys.argv[1]].flood(int(sys.argv[2]))
