# SPDX-License-Identifier: Apache-2.0
"""A client that is told requests as HTTP/1.1 writes them, asks them over HTTP/2, and tells answers
as HTTP/1.1 would: what tests say of messages, they can say over both."""

import socket
import struct
import time

from h2_client import DATA, END_HEADERS, END_STREAM, HEADERS, PROTOCOL_ERROR, H2Client, frame
from h2_client import Answer as Stream
from messages import Answer, parse_chunked
from raw_client import PATIENCE

FRAME_MAX = 16384


class H2Messages:
    """Streams are asked and answered in turn. A head goes when it is whole, a body as it comes."""

    ended = ""  # a connection of streams goes on

    def __init__(self, client: H2Client):
        self.client, self.port, self.patience = client, client.port, PATIENCE
        self.stream = 0  # the last one asked
        self._unsent = b""
        self._left: int | None = 0  # of the body that is being sent; None: it is chunked
        self._due: list[int] = []  # streams whose answers were not read
        self._told = 0  # heads of the first of them

    def __enter__(self) -> "H2Messages":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self.client.close()

    def reset(self) -> None:
        self.client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.client.close()

    def send(self, data: bytes) -> "H2Messages":
        self._unsent += data
        while self._unsent and (self._goes_on_with_body() if self._left != 0 else self._asks()):
            pass
        return self

    def send_pieces(self, pieces, pause: float = 0) -> "H2Messages":
        for each in pieces:
            self.send(each)
        return self

    def _asks(self) -> bool:
        head, found, rest = self._unsent.partition(b"\r\n\r\n")
        if not found:
            return False
        line, *lines = head.split(b"\r\n")
        method, _, target = line.rpartition(b" ")[0].partition(b" ")
        split = [each.partition(b":") for each in lines]
        fields = [(name.lower(), value.strip(b" \t")) for name, _, value in split]
        hosts = [value for name, value in fields if name == b"host"]
        pseudo = [(b":method", method), (b":scheme", b"https"), (b":path", target),
                  *((b":authority", each) for each in hosts[:1])]
        is_chunked = (b"transfer-encoding", b"chunked") in fields
        lengths = [int(value) for name, value in fields
                   if name == b"content-length" and value.isdigit()]
        self._left = None if is_chunked else sum(lengths[:1])
        self._unsent = rest
        self.stream = self.client.ask(
            [*pseudo, *fields_behind_host(fields)], ends=self._left == 0,
            body=None if self._left == 0 else b"")
        self._due.append(self.stream)
        return True

    def _goes_on_with_body(self) -> bool:
        if self._left is None:
            read = parse_chunked(self._unsent)
            if read is None:
                return False
            body, trailers, size = read
            self._unsent, self._left = self._unsent[size:], 0
            self._send_data(body, not trailers)
            if trailers:
                lines = [(name.lower(), value) for name, value in trailers]
                self.client.send(frame(HEADERS, END_HEADERS | END_STREAM, self.stream,
                                       self.client.block(lines)))
            return True
        part, self._unsent = self._unsent[:self._left], self._unsent[self._left:]
        self._left -= len(part)
        self._send_data(part, self._left == 0)
        return True

    def _send_data(self, body: bytes, is_last: bool) -> None:
        for at in range(0, max(1, len(body)), FRAME_MAX):
            flags = END_STREAM if is_last and at + FRAME_MAX >= len(body) else 0
            self.client.send(frame(DATA, flags, self.stream, body[at:at + FRAME_MAX]))

    def turns_to_the_next(self) -> None:
        """Whatever was still to come of the last request never comes."""
        self._unsent, self._left = b"", 0

    def hears_nothing(self, seconds: float) -> bool:
        """No answer, nor a part of one, and the connection lives."""
        stream = self.client.answers[self._due[0]] if self._due else Stream()
        end = time.monotonic() + seconds
        try:
            while not stream.lines and not self.client.ended:
                self.client.socket.settimeout(max(0.001, end - time.monotonic()))
                self.client.read_frame()
        except TimeoutError:
            pass
        self.client.socket.settimeout(PATIENCE)
        return not stream.lines and not self.client.ended

    def read_answer(self, to_head: bool = False) -> Answer:
        """The next answer, interim ones included. What is cut short is not `is_whole`."""
        stream = self.client.answers[self._due[0]]
        while not stream.is_over and not has_interim(stream, self._told) and not (
                to_head and len(stream.lines) > self._told):
            if self.client.read_frame() is None:
                break
        if self._told < len(stream.lines):
            self._told += 1
            told = as_message(stream, self._told - 1)
            if told.status < 200:
                return told
        else:
            assert stream.reset is not None, f"no answer on the stream: {stream}"
            told = Answer(b"HTTP/1.1 %d " % (400 if stream.reset == PROTOCOL_ERROR else 0), [], b"")
            told.is_whole = False
        self._due.pop(0)
        self._told = 0
        return told


def fields_behind_host(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """All but the first Host, which is the authority, and the coding, which is that of frames."""
    first = next((at for at, (name, _) in enumerate(fields) if name == b"host"), None)
    return [each for at, each in enumerate(fields)
            if at != first and each != (b"transfer-encoding", b"chunked")]


def has_interim(stream: Stream, told: int) -> bool:
    return len(stream.lines) > told and stream.lines[told][0][1].startswith(b"1")


def as_message(stream: Stream, at: int) -> Answer:
    (_, status), *fields = stream.lines[at]
    told = Answer(b"HTTP/1.1 " + status + b" ", fields, b"")
    told.raw = b"\r\n".join([told.start_line, *(b": ".join(each) for each in fields), b"", b""])
    if told.status >= 200:
        told.body, told.is_whole = stream.body, stream.ended
        told.trailers = [(name.encode(), as_bytes(value))
                         for name, value in stream.trailers.items()]
        told.raw += stream.body
    return told


def as_bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
