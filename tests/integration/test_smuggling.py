# SPDX-License-Identifier: Apache-2.0
"""E1, E2, E5, E7-E51: every known family of request smuggling, and mutations of each. The server
sees exactly the requests that the client was entitled to send (`entitled.py`), each answer belongs
to its own request, and who comes next on the server's connection is served as ever.

Drawn by a fixed seed; HAWSER_SMUGGLING asks for more streams of each family.
"""

import hashlib
import itertools
import os
import random
import threading

import pytest

from edge import BYTEWISE_MAX, Edge
from entitled import Entitled, entitlement
from harness import Request, answer, wait_for
from messages import parse_answer
from smuggling import FAMILIES, drawn

COUNT = int(os.environ.get("HAWSER_SMUGGLING", "12"))  # streams of a family
SEED = int(os.environ.get("HAWSER_SEED", "1"))
STORM = int(os.environ.get("HAWSER_STORM", "60"))  # streams of each attacker at once
REFUSALS = {400, 405, 408, 414, 417, 431, 501, 505}
OVER = ("clear", "tls")
EDGE = {"pool": {"retries": 0}}
_numbers = itertools.count()


def mark_of(method: str, target: str, body: bytes) -> str:
    return f"{method} {target} {hashlib.sha256(body).hexdigest()[:16]}"


def tells_what_it_saw(asked: Request) -> list[bytes]:
    return [answer(b"ok", "200 OK", "X-Saw: " + mark_of(asked.method, asked.target, asked.body))]


def as_seen(asked: Request) -> Entitled:
    return Entitled(asked.method, asked.target, asked.value("Host") or "", asked.body)


def in_one_piece(stream: bytes) -> list[bytes]:
    return [stream]


def byte_by_byte(stream: bytes) -> list[bytes]:
    size = max(1, len(stream) // BYTEWISE_MAX)
    return [stream[at:at + size] for at in range(0, len(stream), size)]


def between_cr_and_lf(stream: bytes) -> list[bytes]:
    """Where a reader is tempted to decide too early."""
    pieces = stream.replace(b"\r", b"\r\xff\xfe").split(b"\xff\xfe")
    return [each for each in pieces if each]


class Victim:
    """One who keeps a connection, and asks before and after an attack for what only it asks for."""

    def __init__(self, edge: Edge):
        self.client = edge.connect()

    def asks(self) -> Entitled:
        target, body = f"/victim/{next(_numbers)}", b"mine"
        self.client.send(b"POST %s HTTP/1.1\r\nHost: victim.example\r\nContent-Length: 4\r\n\r\n%s"
                         % (target.encode(), body))
        told = self.client.read_answer()
        assert told.value("X-Saw") == mark_of("POST", target, body), "its answer is its own"
        return Entitled("POST", target, "victim.example", body)


def attack(edge: Edge, stream: bytes, pieces: list[bytes]) -> None:
    due = entitlement(stream, edge.origin.address)
    edge.origin.forget()
    edge.origin.script = tells_what_it_saw
    victim = Victim(edge)
    with victim.client:
        before = victim.asks()
        with edge.connect() as client:
            client.send_pieces(pieces, pause=0.0002 if len(pieces) > 1 else 0)
            if due.ending in ("whole", "unfinished"):
                client.half_close()
            told = client.read_to_end()
        after = victim.asks()
    is_answered(told, due.requests, due.ending)
    wait_for(lambda: all(is_settled(each) for each in edge.origin.connections),
             "the server is left in peace")
    assert not [each.fault for each in edge.origin.connections if each.fault]
    assert seen_by(edge) == [before, *due.requests, after]


def is_settled(connection) -> bool:
    whole = sum(len(each.raw) for each in connection.requests)
    return bool(connection.ended or connection.fault) or whole == len(connection.received)


def seen_by(edge: Edge) -> list[Entitled]:
    requests = edge.origin.requests
    for each in requests:
        assert len(each.values("Host")) == 1, each.raw
    # A server's connection is used by one exchange after the other, so this is their order in time.
    return [as_seen(each) for each in requests]


def is_answered(told: bytes, requests: list[Entitled], ending: str) -> None:
    """Each request by its own answer, then nothing, or one refusal where the stream is at fault."""
    for each in requests:
        read = parse_answer(told, each.method == "HEAD", at_end=True)
        assert read is not None and read.is_whole, told
        assert read.value("X-Saw") == mark_of(each.method, each.target, each.body)
        told = told[len(read.raw):]
    if ending in ("whole", "closed"):
        assert told == b""
    elif ending == "faulty" or told:
        refusal = parse_answer(told, False, at_end=True)
        assert refusal is not None and refusal.status in REFUSALS, told
        assert refusal.value("Connection") == "close" and refusal.value("X-Saw") is None
        assert refusal.raw == told, "nothing behind it is answered"


@pytest.mark.parametrize("cut", [in_one_piece, byte_by_byte, between_cr_and_lf])
@pytest.mark.parametrize("name", FAMILIES)
def test_e01_e02_servers_see_what_the_client_was_entitled_to_send(edge, name, cut):
    for stream in drawn(name, COUNT if edge.carrier == "clear" else COUNT // 3, SEED):
        try:
            attack(edge, stream, cut(stream))
        except AssertionError as why:
            told = edge.hawser.access()[-3:]
            raise AssertionError(f"{name}: {stream!r}\n{why}\nits log: {told}") from why


# ---- all at once ---------------------------------------------------------------------------------

def attacks(edge: Edge, seed: int, failures: list[str]) -> None:
    chance = random.Random(seed)
    for _ in range(STORM):
        name = chance.choice([each for each in FAMILIES if each != "buffer_edges"])
        stream = drawn(name, 1, chance.randrange(1 << 30))[0]
        due = entitlement(stream, edge.origin.address)
        try:
            with edge.connect() as client:
                client.send_pieces(chance.choice([in_one_piece, between_cr_and_lf])(stream))
                if due.ending in ("whole", "unfinished"):
                    client.half_close()
                is_answered(client.read_to_end(), due.requests, due.ending)
        except Exception as why:  # pylint: disable=broad-except  (told by the test's own thread)
            failures.append(f"{name}: {stream!r}\n{why!r}")


def asks_on(edge: Edge, over: threading.Event, asked: list[Entitled], failures: list[str]) -> None:
    try:
        victim = Victim(edge)
        with victim.client:
            while not over.is_set():
                asked.append(victim.asks())
    except Exception as why:  # pylint: disable=broad-except
        failures.append(f"a victim: {why!r}")


def test_e05_in_a_storm_of_all_families_each_victim_hears_its_own_answers(edge):
    edge.origin.script = tells_what_it_saw
    failures: list[str] = []
    asked: list[Entitled] = []
    over = threading.Event()
    victims = [threading.Thread(target=asks_on, args=(edge, over, asked,
                                                      failures)) for _ in range(3)]
    attackers = [threading.Thread(target=attacks, args=(edge, SEED * 100 + at,
                                                        failures)) for at in range(4)]
    for each in (*victims, *attackers):
        each.start()
    for each in attackers:
        each.join()
    over.set()
    for each in victims:
        each.join()
    assert not failures, "\n".join(failures)
    assert not [each.fault for each in edge.origin.connections if each.fault]
    seen = [each for each in seen_by(edge) if each.host == "victim.example"]
    assert sorted(each.target for each in seen) == sorted(each.target for each in asked)
    assert len(asked) > 3 * STORM // 10, "they asked while it went on"
