# SPDX-License-Identifier: Apache-2.0
"""A name server of a test: it says what the test tells it to, by UDP and by TCP."""

import ipaddress
import socket
import socketserver
import struct
import threading

A, AAAA, SRV, OPT = 1, 28, 33, 41
FINE, FAILED, NO_SUCH_NAME = 0, 2, 3
SILENCE = "silence"
UDP_MAX = 512  # of an answer to who does not say that it takes more


def _name(dotted: str) -> bytes:
    labels = [label.encode() for label in dotted.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _data(kind: int, value) -> bytes:
    if kind == SRV:
        priority, weight, port, host = value
        return struct.pack("!HHH", priority, weight, port) + _name(host)
    return ipaddress.ip_address(value).packed


class NameServer:
    """`say("app.internal", A, ["10.0.0.1"], ttl=1)`; names of which nothing was said don't exist.

    In the place of records: FAILED, NO_SUCH_NAME, or SILENCE.
    """

    def __init__(self, port: int, address: str = "127.0.0.1"):
        self.address = f"{address}:{port}"
        self._said: dict[tuple[str, int], tuple] = {}
        self.asked: list[tuple[str, int, str]] = []  # name, type, `udp` or `tcp`
        server = self

        class ByUdp(socketserver.BaseRequestHandler):
            def handle(self):
                message, answers_by = self.request
                if answer := server._answer(message, "udp"):
                    answers_by.sendto(answer, self.client_address)

        class ByTcp(socketserver.StreamRequestHandler):
            def handle(self):
                while len(head := self.rfile.read(2)) == 2:
                    message = self.rfile.read(int.from_bytes(head, "big"))
                    if answer := server._answer(message, "tcp"):
                        self.wfile.write(len(answer).to_bytes(2, "big") + answer)

        class Tcp(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._servers = [socketserver.ThreadingUDPServer((address, port), ByUdp),
                         Tcp((address, port), ByTcp)]
        for each in self._servers:
            threading.Thread(target=each.serve_forever, args=(0.02,), daemon=True).start()

    def say(self, name: str, kind: int, what, ttl: int = 1) -> None:
        self._said[name, kind] = (what, ttl)

    def stop(self) -> None:
        for each in self._servers:
            each.shutdown()
            each.server_close()

    def _answer(self, message: bytes, by: str) -> bytes | None:
        at, labels = 12, []
        while length := message[at]:
            labels.append(message[at + 1:at + 1 + length].decode())
            at += 1 + length
        kind, = struct.unpack("!H", message[at + 1:at + 3])
        question, name = message[12:at + 5], ".".join(labels)
        self.asked.append((name, kind, by))
        known = any(said == name for said, _ in self._said)
        what, ttl = self._said.get((name, kind), ([] if known else NO_SUCH_NAME, 1))
        if what == SILENCE:
            return None
        code, records = (FINE, what) if isinstance(what, list) else (what, [])
        body = b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data
            for data in (_data(kind, each) for each in records))
        room = UDP_MAX
        if message[at + 5:at + 8] == b"\0" + struct.pack("!H", OPT):
            room, = struct.unpack("!H", message[at + 8:at + 10])
        flags, count = 0x8180 | code, len(records)
        if by == "udp" and 12 + len(question) + len(body) > room:
            flags, count, body = flags | 0x0200, 0, b""  # truncated: ask again by TCP
        return message[:2] + struct.pack("!HHHHH", flags, 1, count, 0, 0) + question + body
