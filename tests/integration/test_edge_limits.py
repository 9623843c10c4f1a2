# SPDX-License-Identifier: Apache-2.0
"""E53-E57: what a client or a server may ask for, exactly at its limits."""

import threading
import time

import pytest

from carriers import everywhere, over
from edge import SMUGGLED, Edge, chunked, post, request
from harness import RawClient, answer, wait_for

OVER = ("clear", "tls")

KIB = 1024


def head_of(size: int) -> bytes:
    """A request whose head is of exactly `size` bytes."""
    bare = request(b"GET /thing HTTP/1.1", b"X: ")
    return request(b"GET /thing HTTP/1.1", b"X: " + b"x" * (size - len(bare)))


def line_of(size: int) -> bytes:
    """A request whose line is of exactly `size` bytes, its CRLF not counted."""
    bare = b"GET / HTTP/1.1"
    return request(b"GET /" + b"x" * (size - len(bare)) + b" HTTP/1.1")


def test_e53_a_head_of_32_kib_works_and_a_larger_one_is_431(edge):
    edge.forwards(head_of(32 * KIB))
    edge.forwards(head_of(20_000))
    edge.refuses(head_of(32 * KIB + 1), 431)
    edge.refuses(head_of(50_000), 431)


def test_e53_a_hundred_fields_work_and_one_more_is_431(edge):
    def fields(count):
        return [b"X-%d: %d" % (i, i) for i in range(count - 1)]  # and Host
    edge.forwards(request(b"GET /thing HTTP/1.1", *fields(100)))
    edge.refuses(request(b"GET /thing HTTP/1.1", *fields(101)), 431)
    edge.refuses(request(b"GET /thing HTTP/1.1", *[b"X:"] * 1000), 431)


def test_e53_a_line_of_8000_bytes_works_and_one_beyond_16_kib_is_414(edge):
    edge.forwards(line_of(8000))
    edge.forwards(line_of(16 * KIB - 2))
    edge.refuses(line_of(16 * KIB + 1), 414)
    edge.refuses(line_of(30_000), 414)


def test_e53_the_limit_is_decided_on_what_was_read_so_far(edge):
    with edge.connect() as client:
        client.send(b"GET /" + b"x" * 17_000)
        assert client.read_answer().status == 414
    with edge.connect() as client:
        client.send(b"GET / HTTP/1.1\r\nX: " + b"x" * 33_000)
        assert client.read_answer().status == 431
    edge.saw_nothing()


@pytest.fixture(scope="module")
def small(tmp_path_factory, carrier):
    made = Edge(tmp_path_factory.mktemp("small"), carrier=carrier,
                listener={"limits": {"head": 1024, "request-line": 256, "fields": 10}},
                route={"max-body": 1000})
    yield made
    made.stop()


def test_e53_every_limit_is_a_setting(small):
    small.forwards(head_of(1000))
    small.refuses(head_of(1025), 431)
    small.forwards(line_of(250))
    small.refuses(line_of(257), 414)
    small.forwards(request(b"GET /thing HTTP/1.1", *[b"X: 1"] * 9))
    small.refuses(request(b"GET /thing HTTP/1.1", *[b"X: 1"] * 10), 431)


@everywhere
@pytest.mark.parametrize("size", [0, 1, 999, 1000])
def test_e54_a_body_up_to_the_limit_passes(small, size):
    small.forwards(post(b"Content-Length: %d" % size, body=b"x" * size))
    if size:
        body = small.forwards(chunked(b"%x\r\n%s\r\n0\r\n\r\n" % (size, b"x" * size))).body
        assert body == b"x" * size


@everywhere
@pytest.mark.parametrize("size", [1001, 100_000, 2**40])
def test_e54_a_longer_declared_body_is_413_before_a_server_is_chosen(small, size):
    small.refuses(post(b"Content-Length: %d" % size, body=b"x" * min(size, 1001)), 413)


@pytest.mark.parametrize("body", [
    b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n",
    b"3e8\r\n" + b"x" * 1000 + b"\r\n1\r\nx\r\n0\r\n\r\n", b"1\r\nx\r\n" * 1001 + b"0\r\n\r\n",
    b"7fffffffffffffff\r\n" + b"x" * 100],
    ids=["one chunk", "the second chunk", "many small chunks", "announced"])
def test_e54_a_chunked_body_that_crosses_the_limit_is_413(small, body):
    small.aborts(chunked(body), 413)


def big_answer(head_size: int, line: bytes = b"") -> bytes:
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + line + b"X: "
    return start + b"x" * (head_size - len(start) - 4) + b"\r\n\r\nok"


@everywhere
def test_e55_an_answer_whose_head_is_within_64_kib_passes(edge):
    edge.origin.answers(big_answer(60 * KIB))
    seen = edge.ask(request())
    assert seen.status == 200 and len(seen.value("X")) > 59 * KIB and seen.body == b"ok"


@everywhere
@pytest.mark.parametrize("size", [64 * KIB + 1, 200_000])
def test_e55_a_larger_head_of_an_answer_is_502(edge, size):
    edge.origin.answers(big_answer(size))
    assert edge.ask(request()).status == 502


@everywhere
@pytest.mark.parametrize("count,status", [(199, 200), (201, 502), (1000, 502)])
def test_e55_an_answer_of_more_than_200_fields_is_502(edge, count, status):
    lines = b"".join(b"X-%d: 1\r\n" % i for i in range(count - 1))
    edge.origin.answers(b"HTTP/1.1 200 OK\r\n" + lines + b"Content-Length: 2\r\n\r\nok")
    assert edge.ask(request()).status == status


@everywhere
@pytest.mark.parametrize("count,status", [(1, 200), (32, 200), (33, 502), (200, 502)])
def test_e55_more_than_32_interim_answers_are_502(edge, count, status):
    edge.origin.answers(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * count + answer())
    with edge.connect() as client:
        client.send(request())
        seen = [client.read_answer().status]
        while seen[-1] == 103:
            seen.append(client.read_answer().status)
    assert seen[-1] == status
    assert len(seen) - 1 == min(count, 32)


@everywhere
def test_e55_trailers_of_an_answer_count_as_head(edge):
    trailers = b"".join(b"X-%d: %s\r\n" % (i, b"x" * 1000) for i in range(100))
    edge.origin.answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
                        b"0\r\n" + trailers + b"\r\n")
    with edge.connect() as client:
        seen = client.send(request()).read_answer()
    assert seen.status == 502 or not seen.is_whole, "the answer is visibly cut"


def test_e56_a_hundred_pipelined_requests_are_answered(edge):
    edge.origin.script = lambda asked: [answer(asked.target.encode())]
    with edge.connect() as client:
        client.send(b"".join(request(b"GET /%d HTTP/1.1" % i) for i in range(100)))
        assert [client.read_answer().body for _ in range(100)] == [b"/%d" % i for i in range(100)]


@over("clear")  # how much the kernel holds is what it measures
def test_e56_reading_stops_while_answers_are_due(edge):
    """A client that only sends is not read beyond what the buffers hold."""
    gate = threading.Event()
    edge.origin.script = lambda asked: [answer()] if gate.wait(20) else []
    flood = request(b"GET /flood HTTP/1.1") * 2000
    sent = 0
    with edge.connect() as client:
        client.socket.setblocking(False)
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < 0.5 and sent < 64 * KIB * KIB:
            try:
                sent += client.socket.send(flood)
                quiet_since = time.monotonic()
            except BlockingIOError:
                time.sleep(0.01)
        memory = resident_memory(edge.hawser.process.pid)
        at_the_server = len(edge.origin.requests)
        gate.set()
    assert sent < 16 * KIB * KIB, "the kernel's buffers filled: reading had stopped"
    assert memory < 200 * KIB * KIB
    assert at_the_server == 1


def resident_memory(process: int) -> int:
    with open(f"/proc/{process}/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * KIB
    return 0


def test_e57_a_large_transfer_does_not_hold_the_worker(edge):
    """One worker; a small request ends long before the large answer beside it."""
    size = 100 * KIB * KIB
    piece = b"x" * (256 * KIB)
    edge.origin.script = lambda asked: (
        [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size] + [piece] * (size // len(piece))
        if asked.target == "/large" else [answer()])
    received = [0]

    def drain(client: RawClient) -> None:
        while received[0] < size:
            data = client.socket.recv(1 << 18)
            if not data:
                return
            received[0] += len(data)
    with edge.connect() as large:
        large.send(request(b"GET /large HTTP/1.1"))
        drainer = threading.Thread(target=drain, args=(large,))
        drainer.start()
        wait_for(lambda: received[0] > KIB * KIB)
        served = 0
        while received[0] < size * 9 // 10:
            assert edge.ask(request(b"GET /small HTTP/1.1")).status == 200
            served += 1
        drainer.join(30)
    assert received[0] >= size
    assert served >= 2, "small requests were served while the large one ran"


def test_e53_a_refusal_for_size_ends_the_pipeline(edge):
    with edge.connect() as client:
        client.send(request() + head_of(40_000) + SMUGGLED)
        assert [client.read_answer().status, client.read_answer().status] == [200, 431]
        assert client.read_to_end() == b""
    assert len(edge.origin.requests) == 1
