# SPDX-License-Identifier: Apache-2.0
"""What a stream of bytes entitles its sender to: a second reading of E7-E51, which shares no line
with the proxy's own. Where the requirements choose the strict way, so does this."""

import re
from dataclasses import dataclass, replace

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
REQUEST_LINE = re.compile(rb"(%s) ([!-\"$-~]+) HTTP/1\.([01])\Z" % TOKEN)
FIELD = re.compile(rb"(%s):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*\Z" % TOKEN)
ABSOLUTE = re.compile(rb"https?://([^/?@#]+)([/?].*)?\Z", re.IGNORECASE)
HOST = re.compile(rb"((?:[A-Za-z0-9\-._~!$&'()*+;=]|%[89A-Fa-f][0-9A-Fa-f])+"
                  rb"|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?\Z")
QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*"'
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:;[ \t]*%s(?:=(?:%s|%s))?)*\Z" % (TOKEN, TOKEN,
                                                                                  QUOTED))
LENGTH_MAX = 2**63 - 1
RESERVED = {b"content-length", b"transfer-encoding", b"host", b"forwarded", b"x-real-ip",
            b"max-forwards", b"keep-alive", b"http2-settings", b"proxy-connection"}


class Faulty(Exception):
    """No request: refused, and nothing behind it is looked at."""


class Unfinished(Exception):
    """The stream ends before the request does."""


@dataclass(frozen=True)
class Entitled:
    """A request that a server may see, as it sees it."""

    method: str
    target: str
    host: str
    body: bytes


@dataclass
class Entitlement:
    requests: list[Entitled]
    ending: str  # "whole", "closed" by the last request's own wish, "unfinished" or "faulty"


def entitlement(stream: bytes, own_host: str = "") -> Entitlement:
    """All requests of the stream that a server may see, and why there are no more. An HTTP/1.0
    request without a host is told `own_host` (E43)."""
    found: list[Entitled] = []
    while stream:
        try:
            request, size, goes_on = read_request(stream)
        except (Faulty, Unfinished) as why:
            return Entitlement(found, type(why).__name__.lower())
        found.append(request if request.host else replace(request, host=own_host))
        stream = stream[size:]
        if not goes_on:
            return Entitlement(found, "closed")
    return Entitlement(found, "whole")


def read_request(stream: bytes) -> tuple[Entitled, int, bool]:
    """The first request, its size, and whether its connection goes on."""
    at = 2 if stream.startswith(b"\r\n") else 0
    line, at = read_line(stream, at)
    shape = REQUEST_LINE.match(line)
    if not shape:
        raise Faulty(line)
    method, target, minor = shape[1], shape[2], int(shape[3])
    fields, at = read_fields(stream, at)
    target, host = target_and_host(method, target, values(fields, b"host"), minor)
    length = length_of(fields, minor)
    expected = values(fields, b"expect")
    if expected and [each.lower() for each in expected] != [b"100-continue"]:
        raise Faulty(expected)
    if length is None:
        body, at = read_chunks(stream, at)
    elif len(stream) < at + length:
        raise Unfinished
    else:
        body, at = stream[at:at + length], at + length
    options = [each.strip(b" \t").lower()
               for value in values(fields, b"connection") for each in value.split(b",")]
    goes_on = b"close" not in options and (minor == 1 or b"keep-alive" in options)
    return Entitled(method.decode(), target.decode(), host.decode(), body), at, goes_on


def read_line(stream: bytes, at: int) -> tuple[bytes, int]:
    """A line that ends in CRLF; any other CR or LF is a fault as soon as it is there."""
    end = re.compile(rb"[\r\n]").search(stream, at)
    if not end or stream[end.start():] == b"\r":
        raise Unfinished
    if stream[end.start():end.start() + 2] != b"\r\n":
        raise Faulty(stream[at:end.start() + 2])
    return stream[at:end.start()], end.start() + 2


def read_fields(stream: bytes, at: int) -> tuple[list[tuple[bytes, bytes]], int]:
    fields = []
    while True:
        line, at = read_line(stream, at)
        if not line:
            return fields, at
        shape = FIELD.match(line)
        if not shape or is_look_alike(shape[1]):
            raise Faulty(line)
        fields.append((shape[1].lower(), shape[2]))


def is_look_alike(name: bytes) -> bool:
    read = name.lower().replace(b"_", b"-")
    return b"_" in name and (read in RESERVED or read.startswith((b"x-forwarded-", b"hawser-")))


def values(fields: list[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for key, value in fields if key == name]


def target_and_host(method: bytes, target: bytes, hosts: list[bytes],
                    minor: int) -> tuple[bytes, bytes]:
    """In origin-form; the Host field and an absolute target agree (E33, E41-E43)."""
    if len(hosts) > 1 or (minor == 1 and not hosts) or method in (b"CONNECT", b"TRACE"):
        raise Faulty(hosts)
    for each in hosts:
        shape = HOST.match(each)
        if not shape or int(shape[2] or 0) > 65535:
            raise Faulty(each)
    host = hosts[0] if hosts else b""
    if absolute := ABSOLUTE.match(target):
        if hosts and without_port_80(host) != without_port_80(absolute[1]):
            raise Faulty(target)
        path = absolute[2] or b""
        return path if path.startswith(b"/") else b"/" + path, absolute[1]
    if not target.startswith(b"/") and (target != b"*" or method != b"OPTIONS"):
        raise Faulty(target)
    return target, host


def without_port_80(host: bytes) -> bytes:
    return host.lower().removesuffix(b":80")


def length_of(fields: list[tuple[bytes, bytes]], minor: int) -> int | None:
    """Of the body; None: it is chunked (E7-E16)."""
    lengths, codings = values(fields, b"content-length"), values(fields, b"transfer-encoding")
    if codings:
        if lengths or len(codings) > 1 or codings[0].lower() != b"chunked" or minor == 0:
            raise Faulty(fields)
        return None
    if not lengths:
        return 0
    if len(lengths) > 1 or not re.fullmatch(rb"[0-9]+", lengths[0]):
        raise Faulty(lengths)
    if int(lengths[0]) > LENGTH_MAX:
        raise Faulty(lengths)
    return int(lengths[0])


def read_chunks(stream: bytes, at: int) -> tuple[bytes, int]:
    """The payload of a chunked body and where it ends (E20-E27)."""
    body = b""
    while True:
        line, at = read_line(stream, at)
        shape = CHUNK_LINE.match(line)
        if not shape or int(shape[1], 16) > LENGTH_MAX:
            raise Faulty(line)
        size = int(shape[1], 16)
        if size == 0:
            break
        end = stream[at + size:at + size + 2]
        if not b"\r\n".startswith(end):
            raise Faulty(end)
        if len(end) < 2:
            raise Unfinished
        body, at = body + stream[at:at + size], at + size + 2
    while True:
        line, at = read_line(stream, at)
        if not line:
            return body, at
        if not FIELD.match(line):
            raise Faulty(line)
