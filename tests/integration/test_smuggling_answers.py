# SPDX-License-Identifier: Apache-2.0
"""E5, E70, E74, E79, E82-E85: the other direction. Servers whose answers say more than they should,
or whose end is unclear, and clients that pause where a careless proxy takes the server's connection
for free. The next client's answer is its own.
"""

import itertools
import os
import random
from typing import Iterator

import pytest

from carriers import over
from edge import Edge
from harness import STALL, Answer, answer, wait_for
from smuggling import (CHUNKED, HIDDEN, LAST_CHUNK, LINE_ENDS, WHOLE, decorated, head, in_chunk,
                       length)
from test_smuggling import Victim, tells_what_it_saw

COUNT = int(os.environ.get("HAWSER_SMUGGLING", "40"))  # answers of a family
SEED = int(os.environ.get("HAWSER_SEED", "1"))
OVER = ("clear", "tls")
EDGE = {"pool": {"retries": 0, "timeouts": {"response": "300ms"}},
        "listener": {"timeouts": {"body": "600ms"}}}
POISON = answer(b"poison", "200 OK", "X-Poison: 1")
OK = b"HTTP/1.1 200 OK\r\n"


# ---- answers that hold another one ---------------------------------------------------------------

def surplus() -> Iterator[tuple[bytes, bytes, bytes]]:
    """A method, a whole answer to it, and what comes behind."""
    whole = [answer(), answer(b"", "404 Not Found"),
             OK + CHUNKED + b"\r\n\r\n" + in_chunk(b"ok") + LAST_CHUNK,
             b"HTTP/1.1 204 No Content\r\n\r\n",
             b"HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n",
             b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer()]
    to_head = [OK + length(500) + b"\r\n\r\n", OK + CHUNKED + b"\r\n\r\n", OK + b"\r\n"]
    behind = [POISON, POISON[:9], POISON[:-8], b"\r\n", b"\r\n" + POISON, b"x", b"\x00",
              b"0\r\n\r\n" + POISON,
              b"HTTP/1.1 100 Continue\r\n\r\n",
              b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
              in_chunk(POISON), POISON * 3,
              b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"]
    for said, more in itertools.product(whole, behind):
        yield b"GET", said, more
        yield b"POST", said, more
    for said, more in itertools.product(to_head, behind):
        yield b"HEAD", said, more


def unclear() -> Iterator[bytes]:
    """Answers in whose body another one lies, for who frames them otherwise than we do."""
    for line in (*decorated(b"Content-Length", b"2"), *decorated(b"Content-Length", b"0")):
        yield OK + length(len(POISON)) + b"\r\n" + line + b"\r\n\r\n" + POISON
        yield OK + line + b"\r\n" + length(len(POISON)) + b"\r\n\r\n" + POISON
        yield OK + CHUNKED + b"\r\n" + line + b"\r\n\r\n" + in_chunk(POISON) + LAST_CHUNK
    for line in decorated(b"Transfer-Encoding", b"chunked"):
        yield OK + length(5) + b"\r\n" + line + b"\r\n\r\n" + LAST_CHUNK + POISON
        yield OK + line + b"\r\n" + length(5 + len(POISON)) + b"\r\n\r\n" + LAST_CHUNK + POISON
    for end in LINE_ENDS:
        yield OK + CHUNKED + b"\r\n\r\n2;a" + end + b"ok\r\n" + LAST_CHUNK + POISON
        yield OK + CHUNKED + b"\r\n\r\n2\r\nok" + end + LAST_CHUNK + POISON
        yield OK + CHUNKED + b"\r\n\r\n0" + end + b"\r\n" + POISON
        yield OK + length(2) + end + b"X: y" + end + end + b"ok" + POISON
        yield b"HTTP/1.1 103 Early Hints" + end + end + POISON
    for status in (b"100 Continue", b"101 Switching Protocols", b"103 Early Hints", b"199 x",
                   b"204 No Content",
                   b"205 Reset Content", b"304 Not Modified", b"099 x", b"600 x", b"20 OK"):
        line = b"HTTP/1.1 " + status + b"\r\n"
        yield line + length(len(POISON)) + b"\r\n\r\n" + POISON
        yield line + CHUNKED + b"\r\n\r\n" + in_chunk(POISON) + LAST_CHUNK


def sample(family: Iterator, count: int) -> list:
    made = list(family)
    return made if len(made) <= count else random.Random(SEED).sample(made, count)


def answers_attacks_with(edge: Edge, *steps) -> None:
    edge.origin.forget()
    edge.origin.script = lambda asked: (steps if asked.target == "/attack"
                                        else tells_what_it_saw(asked))


def read_final(client, to_head: bool = False) -> Answer:
    told = client.read_answer(to_head)
    while 100 <= told.status < 200:
        told = client.read_answer(to_head)
    return told


@pytest.mark.parametrize("pause", [0, 0.01], ids=["at once", "later"])
def test_e05_e70_what_comes_behind_an_answer_is_nobodys(edge, pause):
    for method, said, more in sample(surplus(), COUNT):
        answers_attacks_with(edge, *([said, pause, more] if pause else [said + more]))
        with edge.connect() as client:
            victim = Victim(edge)
            with victim.client:
                victim.asks()
                told = read_final(client.send(head(method=method, target=b"/attack")),
                                  method == b"HEAD")
                assert b"poison" not in told.raw.lower(), (said, more)
                assert told.is_whole or told.status == 502
                wait_for(lambda: edge.origin.connections[0].ended,
                         "the server's connection is given up")
                victim.asks()
                victim.asks()
        assert [each.target for each in edge.origin.connections[0].requests][-1] == "/attack"


def test_e82_e85_an_unclear_answer_is_never_two(edge):
    for said in sample(unclear(), 2 * COUNT):
        answers_attacks_with(edge, said)
        victim, attacker = Victim(edge), Victim(edge)
        with victim.client, attacker.client as client:
            victim.asks()
            told = read_final(client.send(head(method=b"GET", target=b"/attack")))
            if told.is_whole and told.value("Connection") != "close":
                attacker.asks()
            victim.asks()


# ---- clients that pause --------------------------------------------------------------------------

CUTS = [0, 1, len(WHOLE) // 2, len(WHOLE) - 1]


@pytest.fixture
def hasty(edge):
    """The server answers, or does not, as soon as it has the head."""
    edge.origin.at_head = True
    yield edge
    edge.origin.at_head = False


def bodies() -> Iterator[tuple[bytes, bytes]]:
    """Heads, and bodies that would be requests."""
    for hidden, method in itertools.product(HIDDEN, [b"POST", b"GET"]):
        for more in ((), (b"Expect: 100-continue",)):
            yield head(*more, length(len(hidden)), method=method), hidden
            yield head(*more, CHUNKED, method=method), in_chunk(hidden) + LAST_CHUNK


@over("clear")  # twelve seconds
@pytest.mark.parametrize("steps", [[answer(b"no", "403 Forbidden"), STALL], [POISON[:30], STALL],
                                   [STALL]],
                         ids=["early answer", "half an answer", "no answer"])
def test_e74_a_body_that_comes_after_a_pause_is_no_request(hasty, steps):
    """0.CL, CL.0 by an early answer, and pause-based: the server's connection is not free yet."""
    for at, (opening, body) in enumerate(sample(bodies(), COUNT // 4)):
        hasty.origin.forget()
        hasty.origin.at_head = True
        hasty.origin.answers(*steps)
        cut = min(CUTS[at % len(CUTS)], len(body) - 1)
        with hasty.connect() as client:
            client.send(opening + body[:cut])
            told = client.read_answer()
            assert told.status in (403, 504, 408)
            hasty.origin.at_head = False
            hasty.origin.script = tells_what_it_saw
            client.send_pieces([body[cut:], WHOLE])
            Victim(hasty).asks()
            try:
                client.half_close()
            except OSError:
                pass
            rest = client.read_to_end()
        assert rest.count(b"X-Saw: GET /hidden") <= 1, "the last one was the client's to send"
        wait_for(lambda: hasty.origin.connections[0].ended, "the server's connection is given up")
        assert not hasty.origin.connections[0].requests, "no byte of the body was a request there"
