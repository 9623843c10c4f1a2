# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 requests that would be two, or another one, in HTTP/1.1, by families of the trick.

A family yields `Asked`: names and values as bytes, which no library has looked at. What of it a
server may see is said by `entitled`, a second reading of E93-E102 that shares no line with ours.
"""

import itertools
import random
import re
from dataclasses import dataclass
from typing import Callable, Iterator

from entitled import FIELD, HOST, LENGTH_MAX, TOKEN, Entitled, is_look_alike
from h2_client import CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PADDED, frame
from smuggling import HIDDEN, LAST_CHUNK, OPEN, SPECKS, TE_VALUES, WHOLE, in_chunk

Fields = list[tuple[bytes, bytes]]
HOSTED = b"shop.example"
CRLFS = [b"\r\n", b"\n", b"\r", b"\x00", b"\r\n\r\n", b"\n\n", b"\r\n ", b"\x0b", b"\x85",
         b"\xc4\x8d\xc4\x8a", b"%0d%0a", b"\\r\\n"]


@dataclass(frozen=True)
class Asked:
    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes | None = None  # None: the stream ends with its head
    trailers: tuple[tuple[bytes, bytes], ...] = ()


def pseudo(method: bytes = b"POST", path: bytes = b"/seen", authority: bytes | None = HOSTED,
           scheme: bytes = b"https") -> Fields:
    named = [(b":method", method), (b":scheme", scheme), (b":authority", authority),
             (b":path", path)]
    return [(name, value) for name, value in named if value is not None]


def asked(*fields: tuple[bytes, bytes], body: bytes | None = None, trailers: Fields = (),
          **names) -> Asked:
    return Asked((*pseudo(**names), *fields), body, tuple(trailers))


# ---- on the wire ---------------------------------------------------------------------------------

def in_prefix(value: int, bits: int = 7) -> bytes:
    """RFC 7541, 5.1."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([value])
    rest, said = value - most, bytes([most])
    while rest > 127:
        said, rest = said + bytes([rest % 128 + 128]), rest // 128
    return said + bytes([rest])


def block(fields) -> bytes:
    """Literals without indexing, Huffman or a look at what they say."""
    return b"".join(b"\0" + in_prefix(len(name)) + name + in_prefix(len(value)) + value
                    for name, value in fields)


def whole_frames(stream: int, sent: Asked) -> list[bytes]:
    ends = END_STREAM if sent.body is None and not sent.trailers else 0
    frames = [frame(HEADERS, END_HEADERS | ends, stream, block(sent.fields))]
    if sent.body is not None:
        frames.append(frame(DATA, 0 if sent.trailers else END_STREAM, stream, sent.body))
    if sent.trailers:
        frames.append(frame(HEADERS, END_HEADERS | END_STREAM, stream, block(sent.trailers)))
    return [b"".join(frames)]


def cut_frames(stream: int, sent: Asked) -> list[bytes]:
    """Heads go on in CONTINUATION, bodies in padded pieces, all of it in small segments."""
    ends = END_STREAM if sent.body is None and not sent.trailers else 0
    frames = head_in_pieces(stream, block(sent.fields), ends)
    if sent.body is not None:
        third = len(sent.body) // 3 + 1
        pieces = [sent.body[at:at + third] for at in range(0, len(sent.body), third)] or [b""]
        for at, each in enumerate(pieces):
            last = at + 1 == len(pieces) and not sent.trailers
            frames += frame(DATA, PADDED | (END_STREAM if last else 0), stream,
                            b"\x05" + each + bytes(5))
    if sent.trailers:
        frames += head_in_pieces(stream, block(sent.trailers), END_STREAM)
    return [frames[at:at + 50] for at in range(0, len(frames), 50)]


def head_in_pieces(stream: int, fields: bytes, flags: int) -> bytes:
    third = len(fields) // 3 + 1
    first, second, last = fields[:third], fields[third:2 * third], fields[2 * third:]
    return (frame(HEADERS, flags, stream, first) + frame(CONTINUATION, 0, stream, second) +
            frame(CONTINUATION, END_HEADERS, stream, last))


# ---- what a server may see -----------------------------------------------------------------------

NAME = re.compile(rb"%s\Z" % TOKEN)
PATH = re.compile(rb"/[!-\"$-~]*\Z")
OF_CONNECTIONS = {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding",
                  b"upgrade"}


def entitled(sent: Asked) -> Entitled | None:
    """None: not a whole request."""
    named = [each for each in sent.fields if each[0].startswith(b":")]
    rest = list(sent.fields[len(named):])
    known = dict(named)
    if list(sent.fields[:len(named)]) != named or len(known) != len(named):
        return None
    if set(known) - {b":method", b":scheme", b":authority", b":path"} or not known.keys() >= {
            b":method", b":scheme", b":path"}:
        return None
    if not all(is_clean(*each) for each in (*rest, *sent.trailers)):
        return None
    if any(is_look_alike(name) for name, _ in rest):  # among trailers it is dropped (E26)
        return None
    method, path = known[b":method"], known[b":path"]
    if not NAME.match(method) or method in (b"CONNECT", b"TRACE", b"PRI") or (
            len(method) > 64):
        return None
    if known[b":scheme"] not in (b"http", b"https"):
        return None
    if not PATH.match(path) and (path != b"*" or method != b"OPTIONS"):
        return None
    hosts = [value for name, value in rest if name == b"host"]
    host = known.get(b":authority", hosts[0] if hosts else b"")
    shape = HOST.match(host)
    if len(hosts) > 1 or not shape or int(shape[2] or 0) > 65535 or any(
            each.lower() != host.lower() for each in hosts):
        return None
    lengths = [value for name, value in rest if name == b"content-length"]
    if lengths and (len(lengths) > 1 or not re.fullmatch(rb"[0-9]+", lengths[0]) or
                    int(lengths[0]) > LENGTH_MAX or int(lengths[0]) != len(sent.body or b"")):
        return None
    if any(name == b"expect" and value.lower() != b"100-continue" for name, value in rest):
        return None
    return Entitled(method.decode(), path.decode(), host.decode(), sent.body or b"")


def is_clean(name: bytes, value: bytes) -> bool:
    if not NAME.match(name) or name != name.lower():
        return False
    if name in OF_CONNECTIONS or (name == b"te" and value.lower() != b"trailers"):
        return False
    shape = FIELD.match(name + b":" + value)
    return bool(shape) and shape[2] == value


# ---- families ------------------------------------------------------------------------------------

Family = Callable[[], Iterator[Asked]]
FAMILIES: dict[str, Family] = {}


def family(made: Family) -> Family:
    FAMILIES[made.__name__] = made
    return made


def drawn(name: str, count: int, seed: int) -> list[Asked]:
    """`count` of a family, or all of them; the same ones for the same seed."""
    made = list(dict.fromkeys(FAMILIES[name]()))
    return made if len(made) <= count else random.Random(seed).sample(made, count)


def decorated(name: bytes, value: bytes) -> Iterator[tuple[bytes, bytes]]:
    """One field with a speck at each place where a line may break or be misread."""
    middle = len(name) // 2
    for speck in SPECKS:
        yield speck + name, value
        yield name + speck, value
        yield name[:middle] + speck + name[middle:], value
        yield name, speck + value
        yield name, value + speck
        yield b"x", b"y" + speck + name + b": " + value
        yield b"x" + speck + name + b": " + value + speck + b"y", b"z"
    for spelled in (name.upper(), name.title(), name.replace(b"-", b"_"), name + b":", b":" + name,
                    name + b": " + value + b"\r\nx"):
        yield spelled, value


@family
def h2_cl() -> Iterator[Asked]:
    """A length that is not that of the frames: what is behind it would be the next request."""
    for hidden, method in itertools.product([*HIDDEN, b""], [b"POST", b"GET", b"HEAD"]):
        size = len(hidden)
        for value in (b"0", b"1", b"%d" % (size + 1), b"%d" % max(0, size - 1), b"%d" % size,
                      b"+%d" % size, b"-%d" % size, b"0x%x" % size, b"%d, %d" % (size, size),
                      b"%d,0" % size, b"%d.0" % size, b"", b"%d" % (2**64 + size), b"0%d" % size,
                      b"%d" % (2**32 + size), b"1_%d" % size, b"9" * 40):
            yield asked((b"content-length", value), method=method, body=hidden)
        yield asked((b"content-length", b"%d" % size), (b"content-length", b"0"), body=hidden)
        yield asked((b"content-length", b"0"), (b"content-length", b"%d" % size), body=hidden)
        yield asked((b"content-length", b"%d" % size), method=method)
    for field in decorated(b"content-length", b"0"):
        yield asked(field, body=WHOLE)


@family
def h2_te() -> Iterator[Asked]:
    """A coding that frames have not: the body would end at its own last chunk."""
    for hidden in HIDDEN[:2]:
        for body in (LAST_CHUNK + hidden, in_chunk(hidden) + LAST_CHUNK):
            for value in TE_VALUES:
                yield asked((b"transfer-encoding", value), body=body)
            for field in decorated(b"transfer-encoding", b"chunked"):
                yield asked(field, body=body)
                yield asked((b"content-length", b"%d" % len(body)), field, body=body)
            yield asked((b"te", b"chunked"), body=body)
            yield asked((b"te", b"trailers, chunked"), body=body)


@family
def bodies() -> Iterator[Asked]:
    """Bytes that would be requests, were the body not framed anew."""
    for hidden, method in itertools.product([*HIDDEN, LAST_CHUNK + WHOLE, in_chunk(WHOLE)],
                                            [b"POST", b"GET", b"HEAD", b"OPTIONS", b"BREW"]):
        yield asked(body=hidden, method=method)
        yield asked((b"content-length", b"%d" % len(hidden)), body=hidden, method=method)
        yield asked(body=hidden, method=method, trailers=[(b"x-sum", b"1")])
        yield asked((b"expect", b"100-continue"), body=hidden, method=method)


@family
def broken_lines() -> Iterator[Asked]:
    """CR, LF and NUL where HTTP/1.1 would write them into its head."""
    for end, hidden in itertools.product(CRLFS, [b"X-Smuggled: 1", b"transfer-encoding: chunked",
                                                 b"Host: evil.example", WHOLE, OPEN, b""]):
        injected = end + hidden
        yield asked((b"x", b"a" + injected), method=b"GET")
        yield asked((b"x" + injected, b"a"), method=b"GET")
        yield asked((b"x" + end + b"y", b"a"), (b"cookie", b"a=b" + injected), method=b"GET")
        yield asked((b"referer", b"https://shop.example/" + injected), method=b"GET")
        yield asked(method=b"GET", path=b"/seen" + injected)
        yield asked(method=b"GET", path=b"/seen HTTP/1.1" + injected)
        yield asked(method=b"GET /seen HTTP/1.1" + injected + end + b"GET")
        yield asked(method=b"GET", authority=HOSTED + injected)
        yield asked(method=b"GET", scheme=b"https" + injected)
        yield asked(method=b"GET", scheme=b"https://evil.example/" + injected + b"?")
        yield asked((b"content-length", b"0" + injected), method=b"GET")


@family
def request_lines() -> Iterator[Asked]:
    """A path, a method or a scheme with a request line in it."""
    paths = [b"/seen HTTP/1.1", b"/seen HTTP/1.1 x", b" /seen", b"/seen ", b"/se en", b"/se\ten",
             b"", b"*", b"seen", b"http://evil.example/seen", b"https://shop.example/seen",
             b"//evil.example/seen", b"/seen#x", b"/se\x7fen", b"/se\xffen", b"?x", b"/seen?a b",
             b"/seen?\x0b", b"/@evil.example", b"\\seen", b"/seen\\", b"shop.example:443", b"/"]
    methods = [b"GET", b"OPTIONS", b"CONNECT", b"TRACE", b"PRI", b"get", b"G ET", b"GET ", b" GET",
               b"GET\t", b"", b"GET /hidden", b"GET:", b"\"GET\"", b"G\xcbT", b"A" * 65]
    for path, method in itertools.product(paths, methods):
        yield asked(method=method, path=path)
    for scheme in (b"ftp", b"", b"HTTPS ", b"https:", b"https://evil.example", b"http s",
                   b"javascript"):
        yield asked(method=b"GET", scheme=scheme)


@family
def hosts() -> Iterator[Asked]:
    """An authority and a Host that differ, or that are none."""
    for field in (*decorated(b"host", b"evil.example"), (b"host", b"evil.example"),
                  (b"host", b""), (b"host", HOSTED), (b"host", b"shop.example, evil.example"),
                  (b"host", b"shop.example:1"), (b"host", b"SHOP.example")):
        yield asked(field, method=b"GET")
        yield asked(field, method=b"GET", authority=None)
        yield asked((b"host", HOSTED), field, method=b"GET")
    for authority in (b"", b"shop.example evil", b"u@shop.example", b"shop.example/x",
                      b"shop.example:", b"shop.example:99999", b"[::1",
                      b"evil.example\\@shop.example", b"a,b",
                      b"shop.example?x", b"shop.example#x", b"shop.example\xff", b" shop.example",
                      b"shop.example ", b"sh%00op", b"shop.example:80:80"):
        yield asked(method=b"GET", authority=authority)
        yield asked((b"host", HOSTED), method=b"GET", authority=authority)


@family
def pseudo_fields() -> Iterator[Asked]:
    """Missing, twice, late, unknown, or of an answer."""
    plain = pseudo()
    for at, more in itertools.product(range(len(plain) + 2), [
            (b":path", b"/hidden"), (b":method", b"GET"), (b":authority", b"evil.example"),
            (b":scheme", b"http"), (b":status", b"200"), (b":protocol", b"websocket"),
            (b":", b"x"), (b":path ", b"/hidden"), (b":PATH", b"/hidden"), (b": path", b"/hidden"),
            (b"::path", b"/hidden"), (b":host", b"evil.example"), (b":path\r\nx", b"/hidden")]):
        fields = [*plain, (b"x", b"y")]
        yield Asked((*fields[:at], more, *fields[at:]), WHOLE)
    for at, name in enumerate(plain):
        yield Asked((*plain[:at], *plain[at + 1:]), WHOLE)
        yield Asked((*plain[:at], *plain[at + 1:], (b"x", b"y"), plain[at]), WHOLE)
        yield Asked((*plain[:at], (name[0], b""), *plain[at + 1:]), WHOLE)


@family
def of_connections() -> Iterator[Asked]:
    """What HTTP/1.1 would take for a word about its connection or its body."""
    for field in ((b"connection", b"close"), (b"connection", b"keep-alive, x"),
                  (b"connection", b""), (b"connection", b"content-length"), (b"keep-alive",
                  b"timeout=5"),
                  (b"proxy-connection", b"keep-alive"), (b"upgrade", b"h2c"),
                  (b"upgrade", b"websocket"), (b"te", b"gzip"), (b"te", b"trailers"), (b"te", b""),
                  (b"http2-settings", b"AAMAAABkAAQAAP__"), (b"expect", b"200-maybe"),
                  (b"expect", b"100-continue"), (b"trailer", b"content-length"),
                  *decorated(b"connection", b"content-length"), *decorated(b"upgrade", b"h2c")):
        yield asked(field, body=WHOLE)
        yield asked(field, (b"content-length", b"%d" % len(WHOLE)), body=WHOLE)


@family
def trailers() -> Iterator[Asked]:
    """Fields behind the body that would frame or route it."""
    for field in ((b"content-length", b"0"), (b"transfer-encoding", b"chunked"),
                  (b"host", b"evil.example"), (b":path", b"/hidden"), (b":status", b"200"),
                  (b"x", b"y\r\n\r\n" + WHOLE), (b"x\r\n\r\n" + WHOLE, b"y"), (b"X", b"y"),
                  (b"", b"y"), (b"x y", b"z"), (b"x:", b"y"), (b"connection", b"close"),
                  (b"authorization", b"x"), (b"x", b"\x00"), (b"x", b"y"),
                  *decorated(b"content-length", b"50")):
        yield asked(body=b"hello", trailers=[field])
        yield asked(trailers=[field])
        yield asked(method=b"GET", trailers=[field])
        yield asked(body=WHOLE, trailers=[(b"x-sum", b"1"), field])
        yield asked((b"content-length", b"5"), body=b"hello", trailers=[field])
