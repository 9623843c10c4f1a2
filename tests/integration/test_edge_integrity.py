# SPDX-License-Identifier: Apache-2.0
"""E5, E16, E17, E28: many requests of every framing on kept connections, cut at random. Each body
arrives whole and once, and each answer is the answer to its own request."""

import hashlib
import os
import random
import threading
from dataclasses import dataclass

import pytest

from edge import Edge, request
from harness import CLOSE, Answer, RawClient

ROUNDS = int(os.environ.get("HAWSER_ROUNDS", "40"))
SIZES = [0, 1, 5, 100, 4095, 16_384, 70_000, 300_000]
OVER = ("clear", "tls")
EDGE = {"pool": {"retries": 0}}


def body_of(name: str, size: int) -> bytes:
    """Bytes that belong to this name alone, line ends and zeros among them."""
    block = hashlib.sha512(name.encode()).digest() + b"\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n"
    return (block * (size // len(block) + 1))[:size]


def in_chunks(random_: random.Random, body: bytes) -> bytes:
    chunks = b""
    while body:
        size = random_.choice([1, 7, 1000, 60_000, len(body)])
        piece, body = body[:size], body[size:]
        chunks += b"%x\r\n%s\r\n" % (len(piece), piece)
    return chunks + b"0\r\n\r\n"


@dataclass
class Question:
    """A request, and what its answer must be."""

    name: str
    target: str
    body: bytes
    sent: bytes
    answer_size: int

    @staticmethod
    def draw(random_: random.Random, name: str) -> "Question":
        size = random_.choice(SIZES)
        target = f"/{name}/{size}/{random_.choice(['length', 'chunked', 'close'])}"
        kind = random_.choice(["none", "length", "chunked"])
        body = b"" if kind == "none" else body_of(name, random_.choice(SIZES))
        line = f"{'GET' if kind == 'none' else 'POST'} {target} HTTP/1.1".encode()
        if kind == "none":
            sent = request(line)
        elif kind == "length":
            sent = request(line, b"Content-Length: %d" % len(body), body=body)
        else:
            sent = request(line, b"Transfer-Encoding: chunked", body=in_chunks(random_, body))
        return Question(name, target, body, sent, size)

    def is_answered_by(self, told: Answer) -> None:
        assert told.status == 200 and told.is_whole
        assert told.value("X-Target") == self.target
        assert told.value("X-Digest") == hashlib.sha256(self.body).hexdigest()
        assert told.body == body_of(self.name + "answer", self.answer_size)


def reply(asked) -> list:
    """Tells the request's digest, and a body of the size and framing that it asked for."""
    _, name, size, how = asked.target.split("/")
    body = body_of(name + "answer", int(size))
    fields = f"X-Target: {asked.target}\r\nX-Digest: {hashlib.sha256(asked.body).hexdigest()}\r\n"
    head = b"HTTP/1.1 200 OK\r\n" + fields.encode()
    if how == "length":
        return [head + b"Content-Length: %d\r\n\r\n" % len(body) + body]
    if how == "close":
        return [head + b"\r\n" + body, CLOSE]
    return [head + b"Transfer-Encoding: chunked\r\n\r\n" + in_chunks(random.Random(size), body)]


def converse(edge: Edge, seed: int, depth: int, failures: list) -> None:
    random_ = random.Random(seed)
    try:
        with edge.connect() as client:
            for turn in range(ROUNDS // depth):
                asked = [Question.draw(random_, f"{seed}-{turn}-{at}") for at in range(depth)]
                data = b"".join(each.sent for each in asked)
                sender = threading.Thread(target=send_cut, args=(client, data, random_.random()))
                sender.start()
                for each in asked:
                    each.is_answered_by(client.read_answer())
                sender.join()
    except Exception as why:  # pylint: disable=broad-except  (told by the test's own thread)
        failures.append(f"{seed}: {why!r}")


def send_cut(client: RawClient, data: bytes, seed: float) -> None:
    random_ = random.Random(seed)
    while data:
        size = random_.choice([1, 50, 1500, 20_000, 100_000, len(data)])
        client.socket.sendall(data[:size])
        data = data[size:]


@pytest.mark.parametrize("depth", [1, 2, 8])
def test_e28_bodies_of_every_framing_arrive_whole_in_order_and_once(edge, depth):
    edge.origin.script = reply
    failures: list[str] = []
    clients = [threading.Thread(target=converse, args=(edge, depth * 100 + at, depth, failures))
               for at in range(6)]
    for each in clients:
        each.start()
    for each in clients:
        each.join()
    assert not failures, "\n".join(failures)
    assert not [each.fault for each in edge.origin.connections if each.fault]
    targets = [each.target for each in edge.origin.requests]
    assert len(targets) == len(set(targets)) == 6 * (ROUNDS // depth) * depth
