# SPDX-License-Identifier: Apache-2.0
"""A client that sends any bytes, cut in any way, and reads answers strictly."""

import select
import socket
import struct
import time
from typing import Iterable

from messages import Answer, parse_answer

PATIENCE = 10.0  # seconds; nothing that works takes that long


class RawClient:
    costs_little = True  # to send a single byte

    def __init__(self, port: int, patience: float = PATIENCE, source: str = "",
                 host: str = "127.0.0.1"):
        self.patience = patience
        self.buffer = b""
        self.ended = ""  # "closed" or "reset", once the other side has ended
        self.socket = socket.create_connection((host, port), timeout=patience,
                                               source_address=(source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = self.socket.getsockname()[1]  # what the access log knows it by

    def __enter__(self) -> "RawClient":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def send(self, data: bytes) -> "RawClient":
        self.socket.sendall(data)
        return self

    def send_in_pieces(self, data: bytes, size: int = 1, pause: float = 0.0002) -> "RawClient":
        """Each piece in a segment of its own. Ends early where the other side no longer reads."""
        return self.send_pieces((data[at:at + size] for at in range(0, len(data), size)), pause)

    def send_pieces(self, pieces: Iterable[bytes], pause: float = 0.002) -> "RawClient":
        try:
            for piece in pieces:
                self.send(piece)
                time.sleep(pause)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return self

    def half_close(self) -> "RawClient":
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def reset(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        self.socket.close()

    def read_answer(self, to_head: bool = False) -> Answer:
        """The next answer, interim ones included. What is cut short is not `is_whole`."""
        end = time.monotonic() + self.patience
        while True:
            answer = parse_answer(self.buffer, to_head, at_end=bool(self.ended))
            if answer is not None:
                self.buffer = self.buffer[len(answer.raw):]
                if self.ended == "reset" and answer.value("Content-Length") is None:
                    answer.is_whole = answer.is_whole and answer.is_chunked
                return answer
            assert not self.ended, f"{self.ended} within an answer's head: {self.buffer!r}"
            self._read_more(end)

    def read_to_end(self) -> bytes:
        """All that comes until the other side closes or resets (see `ended`)."""
        end = time.monotonic() + self.patience
        while not self.ended:
            self._read_more(end)
        rest, self.buffer = self.buffer, b""
        return rest

    def hears_nothing(self, seconds: float) -> bool:
        """Nothing comes, and the connection lives."""
        return not self.buffer and not select.select([self.socket], [], [], seconds)[0]

    def _read_more(self, end: float) -> None:
        left = end - time.monotonic()
        assert left > 0, f"neither an answer nor an end came; so far: {self.buffer!r}"
        self.socket.settimeout(left)
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            self.ended = "reset"
            return
        except TimeoutError:
            return
        self.buffer += data
        if not data:
            self.ended = "closed"
