# SPDX-License-Identifier: Apache-2.0
"""E2, E180: damaged messages of every kind. Whatever comes, and however it is cut, the verdict is
the same, servers and clients see only what a strict reader understands, and nobody dies of it.

The damage is drawn from a fixed seed; HAWSER_MUTATIONS asks for more of it.
"""

import os
import random

import pytest

from edge import Edge, request
from harness import CLOSE, RawClient, answer, wait_for
from messages import Malformed, parse_answer

COUNT = int(os.environ.get("HAWSER_MUTATIONS", "150"))  # of each kind
OVER = ("clear", "tls")
EDGE = {"pool": {"retries": 0}}

REQUESTS = [
    request(b"GET /a/b?c=d HTTP/1.1", b"User-Agent: x", b"Cookie: a=b; c=d", b"Accept: */*"),
    request(b"POST /p HTTP/1.1", b"Content-Length: 11", b"X: y", body=b"hello world"),
    request(b"POST /p HTTP/1.1", b"Transfer-Encoding: chunked",
            body=b"5;a=b\r\nhello\r\n6;c=\"d\"\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n"),
    request(b"GET /one HTTP/1.1") + request(b"HEAD /two HTTP/1.1") + request(b"GET /3 HTTP/1.1"),
    request(b"GET http://shop.example:80/x HTTP/1.1", b"Connection: close, X-One", b"X-One: 1"),
    request(b"PUT /p HTTP/1.0", b"Content-Length: 3", b"Connection: keep-alive", body=b"abc")
    + request(b"OPTIONS * HTTP/1.1", b"Max-Forwards: 3"),
]
ANSWERS = [
    answer(b"hello", "200 OK", "X: y", "Set-Cookie: a=b"),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    b"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nhello",
    b"HTTP/1.1 304 Not Modified\r\nETag: x\r\nConnection: X\r\nX: y\r\n\r\n"]
DANGEROUS = [b"\r", b"\n", b"\r\n", b"\x00", b" ", b"\t", b":", b";", b",", b"0", b"-", b"\xff",
             b"\x7f", b"\r\n ", b"\r\n\r\n", b"Content-Length: 5\r\n",
             b"Transfer-Encoding: chunked\r\n", b"#", b"Host: x\r\n", b"Connection: close\r\n",
             b"_", b"\"", b"\\", b"%", b"/", b"..", b"HTTP/1.1"]


def damaged(random_: random.Random, message: bytes) -> bytes:
    for _ in range(random_.choice([1, 1, 1, 2, 3])):
        at = random_.randrange(len(message) + 1)
        end = min(len(message), at + random_.choice([1, 1, 2, 5, 20]))
        piece = random_.choice(DANGEROUS)
        message = random_.choice([
            message[:at] + piece + message[at:], message[:at] + piece + message[end:],
            message[:at] + message[end:], message[:at] + message[at:end] + message[at:],
            message[:at] + bytes([random_.randrange(256)]) + message[at + 1:]])
    return message


def cut_at_random(random_: random.Random, message: bytes) -> list[bytes]:
    cuts = sorted(random_.randrange(len(message) + 1) for _ in range(random_.choice([1, 2, 8])))
    return [message[a:b] for a, b in zip([0, *cuts], [*cuts, len(message)]) if a < b]


def statuses(client: RawClient, methods: list[str]) -> list[int]:
    """Of all answers until the connection's end; what a strict reader does not take fails."""
    data, seen = client.read_to_end(), []
    while data:
        to_head = methods[min(len(seen), len(methods) - 1)] == "HEAD" if methods else False
        read = parse_answer(data, to_head, at_end=True)
        assert read is not None, data
        seen.append(read.status)
        data = data[len(read.raw):]
    return seen


def verdict(edge: Edge, pieces: list[bytes]) -> tuple:
    edge.origin.forget()
    with edge.connect() as client:
        client.send_pieces(pieces, pause=0.001 if len(pieces) > 1 else 0)
        try:
            client.half_close()
        except OSError:
            pass
        data = client.read_to_end()
    for one in edge.origin.connections:
        wait_for(lambda: one.ended or one.fault or
                 sum(len(each.raw) for each in one.requests) == len(one.received), "it settles")
        assert not one.fault, (one.fault, one.received)
    requests = [each.raw if not each.is_chunked else (each.head, each.body, each.trailers)
                for each in edge.origin.requests]
    return data.count(b"HTTP/1.1 "), data[:12], requests


@pytest.mark.parametrize("seed", range(len(REQUESTS)))
def test_e02_damaged_requests_have_one_verdict_however_they_are_cut(edge, seed):
    random_ = random.Random(seed)
    for _ in range(COUNT):
        message = damaged(random_, REQUESTS[seed])
        if not message:
            continue
        whole = verdict(edge, [message])
        assert verdict(edge, cut_at_random(random_, message)) == whole, message
    edge.hawser.assert_alive()


@pytest.mark.parametrize("seed", range(len(ANSWERS)))
def test_e180_damaged_answers_reach_a_client_wellformed_or_not_at_all(edge, seed):
    random_ = random.Random(1000 + seed)
    for _ in range(COUNT):
        message = damaged(random_, ANSWERS[seed])
        steps = [step for piece in cut_at_random(random_, message) for step in (piece, 0.001)]
        edge.origin.forget()
        edge.origin.answers(*steps, CLOSE)
        with edge.connect() as client:
            client.send(request(b"GET / HTTP/1.1", b"Connection: close"))
            try:
                seen = statuses(client, ["GET"])
            except (Malformed, AssertionError) as why:
                raise AssertionError(f"{why}: the server sent {message!r}") from why
        assert seen and seen[-1] >= 200, (message, seen)
    edge.hawser.assert_alive()
