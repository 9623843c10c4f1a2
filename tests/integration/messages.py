# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 messages as a strict reader sees them: what is not exactly right is `Malformed`."""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+\Z")
CHUNK_SIZE = re.compile(rb"[0-9a-fA-F]{1,16}\Z")


class Malformed(Exception):
    """Bytes that no peer of a careful proxy may ever see."""


@dataclass
class Message:
    start_line: bytes
    fields: list[tuple[bytes, bytes]]
    head: bytes  # as it came, empty line included
    body: bytes = b""
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list)
    raw: bytes = b""  # as it came, all of it

    def values(self, name: str) -> list[str]:
        """All values of a field, in their order."""
        wanted = name.lower().encode()
        return [value.decode("latin-1") for key, value in self.fields if key.lower() == wanted]

    def value(self, name: str) -> str | None:
        """The value of a field that may stand there once."""
        found = self.values(name)
        if len(found) > 1:
            raise Malformed(f"{name} came {len(found)} times: {found}")
        return found[0] if found else None

    def names(self) -> list[str]:
        return [key.decode("latin-1").lower() for key, _ in self.fields]

    @property
    def is_chunked(self) -> bool:
        coding = self.value("Transfer-Encoding")
        if coding is not None and coding != "chunked":
            raise Malformed(f"Transfer-Encoding: {coding!r}")
        if coding is not None and self.value("Content-Length") is not None:
            raise Malformed("both Transfer-Encoding and Content-Length")
        return coding is not None

    @property
    def length(self) -> int | None:
        text = self.value("Content-Length")
        if text is None:
            return None
        if not re.fullmatch(r"0|[1-9][0-9]*", text):
            raise Malformed(f"Content-Length: {text!r}")
        return int(text)


class Request(Message):
    @property
    def method(self) -> str:
        return self.start_line.split(b" ")[0].decode("latin-1")

    @property
    def target(self) -> str:
        return self.start_line.split(b" ")[1].decode("latin-1")


class Answer(Message):
    is_whole = True  # the end of the body was seen to be its end

    @property
    def status(self) -> int:
        return int(self.start_line[9:12])


def field_lines(block: bytes) -> list[tuple[bytes, bytes]]:
    fields = []
    for line in block.split(b"\r\n"):
        name, colon, value = line.partition(b":")
        if not colon or not TOKEN.match(name):
            raise Malformed(f"field line {line!r}")
        if re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", value):
            raise Malformed(f"control in {line!r}")
        fields.append((name, value.strip(b" \t")))
    return fields


def parse_head(data: bytes, kind: type[Message]) -> Message | None:
    """The head at the front of `data`; None while its end has not come."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    start_line, _, block = data[:end].partition(b"\r\n")
    shape = rb"[^ ]+ [^ ]+ HTTP/1\.1\Z" if kind is Request else rb"HTTP/1\.1 [1-5][0-9][0-9] "
    if not re.match(shape, start_line) or re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", start_line):
        raise Malformed(f"start line {start_line!r}")
    head = data[:end + 4]
    return kind(start_line, field_lines(block) if block else [], head, raw=head)


def parse_chunked(data: bytes) -> tuple[bytes, list[tuple[bytes, bytes]], int] | None:
    """Body, trailers and length of a chunked body; None while its end has not come."""
    body, at = b"", 0
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return None
        if not CHUNK_SIZE.match(data[at:end]):
            raise Malformed(f"chunk size {data[at:end]!r}")
        size, at = int(data[at:end], 16), end + 2
        if size == 0:
            break
        if len(data) < at + size + 2:
            return None
        if data[at + size:at + size + 2] != b"\r\n":
            raise Malformed("chunk data without its end")
        body, at = body + data[at:at + size], at + size + 2
    if data[at:at + 2] == b"\r\n":
        return body, [], at + 2
    end = data.find(b"\r\n\r\n", at)
    return None if end < 0 else (body, field_lines(data[at:end]), end + 4)


def parse_request(data: bytes) -> Request | None:
    """The request at the front of `data`, whole; None while it is not."""
    request = parse_head(data, Request)
    if request is None:
        return None
    at = len(request.head)
    if request.is_chunked:
        chunked = parse_chunked(data[at:])
        if chunked is None:
            return None
        request.body, request.trailers, size = chunked
    else:
        size = request.length or 0
        if len(data) < at + size:
            return None
        request.body = data[at:at + size]
    request.raw = data[:at + size]
    return request


def parse_answer(data: bytes, to_head: bool, at_end: bool) -> Answer | None:
    """The answer at the front of `data`; `at_end`: the connection has ended behind it."""
    answer = parse_head(data, Answer)
    if answer is None:
        return None
    at = len(answer.head)
    if to_head or answer.status < 200 or answer.status in (204, 304):
        return answer
    if answer.is_chunked:
        chunked = parse_chunked(data[at:])
        if chunked is None and not at_end:
            return None
        answer.is_whole = chunked is not None
        answer.body, answer.trailers, size = chunked or (data[at:], [], len(data) - at)
    elif answer.length is not None:
        size = answer.length
        if len(data) < at + size and not at_end:
            return None
        answer.is_whole = len(data) >= at + size
        answer.body = data[at:at + size]
    else:
        if not at_end:
            return None
        size = len(data) - at
        answer.body = data[at:]
    answer.raw = data[:at + size]
    return answer
