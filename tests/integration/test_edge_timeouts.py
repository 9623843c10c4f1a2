# SPDX-License-Identifier: Apache-2.0
"""E57-E66: nobody waits for ever, and nobody makes others wait."""

import statistics
import threading
import time

import pytest

from carriers import everywhere, over
from edge import post, request
from fleet import Silent
from flooder import ENDLESS_HELLO, HELLO
from harness import STALL, RawClient, answer, wait_for
from streams import (KERNEL_BUFFERS, MEBIBYTE, Streamer, connect_with_small_buffers, sends,
                     swallows)

LIMIT = 0.4  # seconds, of the clients' timeouts below
LATE = 5.0   # seconds; a deadline that is not seen until then is not kept

OVER = ("clear", "tls")
EDGE = {
    "listener": {"timeouts": {"head": "400ms", "body": "400ms", "idle": "400ms", "write": "700ms"}},
    "pool": {"timeouts": {"connect": "300ms", "response": "500ms", "body": "500ms"}},
}


def drip(client: RawClient, pieces: list[bytes], pause: float) -> float:
    """Sends piece by piece until the other side has spoken or ended; how long that took."""
    begin = time.monotonic()
    for piece in pieces:
        try:
            client.send(piece)
        except OSError:
            break
        if not client.hears_nothing(pause):
            break
    return time.monotonic() - begin


# ---- E58, E59, E65: heads ----

@pytest.mark.parametrize("pieces", [
    [bytes([byte]) for byte in request(b"GET / HTTP/1.1", *[b"X-Slow: 1"] * 50)],
    [b"GET / HTTP/1.1\r\n", b"Host: shop.example\r\n", *[b"X-Slow: 1\r\n"] * 60],
], ids=["bytes", "lines"])
def test_e58_bytes_do_not_extend_the_head_deadline(edge, pieces):
    with edge.connect() as client:
        assert drip(client, pieces, 0.05) < LATE
        edge.has_refused(client, 408, "head-timeout")
    edge.saw_nothing()


def test_e58_the_deadline_of_a_later_request_runs_from_its_first_byte(edge):
    with edge.connect() as client:
        assert client.send(request()).read_answer().status == 200
        assert client.hears_nothing(LIMIT / 2)
        begin = time.monotonic()
        drip(client, [b"GET / HTTP/1.1\r\n", *[b"X-Slow: 1\r\n"] * 60], 0.05)
        told = client.read_answer()
        assert told.status == 408 and told.value("Connection") == "close"
        assert LIMIT * 0.9 <= time.monotonic() - begin < LATE
        assert client.read_to_end() == b"" and client.ended == "closed"
    assert len(edge.origin.requests) == 1


def test_e59_a_connection_that_never_sent_a_byte_is_closed_silently(edge):
    begin = time.monotonic()
    with edge.connect() as client:
        assert client.read_to_end() == b"" and client.ended == "closed"
    assert LIMIT * 0.9 <= time.monotonic() - begin < LATE


def test_e59_an_idle_kept_connection_is_closed_silently(edge):
    with edge.connect() as client:
        assert client.send(request()).read_answer().status == 200
        begin = time.monotonic()
        assert client.read_to_end() == b"" and client.ended == "closed"
        assert LIMIT * 0.9 <= time.monotonic() - begin < LATE
        client.close()
        assert [each["status"] for each in edge.hawser.access_of(client)] == [200]


@pytest.mark.parametrize("hello", [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(64)),
    b"PROXY TCP4 192.0.2.1 192.0.2.2 1000 80\r\n",
    b"\r\n\r\n\0\r\nQUIT\n" + bytes(16),
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
], ids=["tls", "proxy-v1", "proxy-v2", "http2"])
def test_e65_whatever_is_spoken_ends_within_the_head_deadline(edge, hello):
    with edge.connect() as client:
        assert drip(client, [bytes([byte]) for byte in hello] + [b""] * 20, 0.05) < LATE
        told = client.read_to_end()
    assert told == b"" or told.startswith((b"HTTP/1.1 4", b"HTTP/1.1 505")), told
    edge.saw_nothing()


@over("tls")
@pytest.mark.parametrize("begun", [HELLO[:50], ENDLESS_HELLO], ids=["half", "endless"])
def test_e65_a_hello_that_never_ends_ends_within_the_head_deadline(edge, begun):
    with RawClient(edge.hawser.port) as client:
        client.send(begun)
        assert drip(client, [b"\0"] * 100, 0.05) < LATE
        assert client.read_to_end() == b""
    edge.saw_nothing()


# ---- E60: bodies ----

@everywhere
@pytest.mark.parametrize("begun", [
    post(b"Content-Length: 10"),
    post(b"Content-Length: 10", body=b"hello"),
    post(b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n"),
    post(b"Transfer-Encoding: chunked", body=b"5\r\nhel"),
    post(b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\n"),
])
def test_e60_a_stalled_body_aborts(edge, begun):
    with edge.connect() as client:
        client.send(begun)
        edge.has_refused(client, 408, "body-timeout")
    edge.saw_no_whole_request()


@over("clear")  # ten seconds
def test_e60_a_body_below_the_minimum_rate_aborts_and_a_steady_one_is_left_alone(fleet_of):
    """Both at once, as the rate counts only from the tenth second on."""
    fleet = fleet_of("a", listener={"minimum-body-rate": 100, "timeouts": {"body": "2s"}})
    head = post(b"Content-Length: 4000")
    with fleet.connect() as slow, fleet.connect() as steady:
        slow.send(head)
        steady.send(head)
        for _ in range(40):
            steady.send(b"x" * 100)  # 330 bytes a second
            if slow.hears_nothing(0.3):
                slow.send(b"x" * 5)  # 17 bytes a second
        assert steady.read_answer().status == 200
        told = slow.read_answer()
        assert told.status == 408 and told.value("Connection") == "close"
        slow.close()
        assert fleet.hawser.access_of(slow)[0]["ended"] == "body-rate"
    assert [len(each.body) for each in fleet["a"].requests] == [4000]


# ---- E61: clients that do not read ----

def test_e61_a_client_that_does_not_read_is_reset_and_the_server_freed(fleet_of):
    flood = Streamer(sends(1000 * MEBIBYTE))
    fleet = fleet_of("", servers={"flood": flood.address}, listener={"timeouts": {"write": "700ms"}})
    client = connect_with_small_buffers(fleet.hawser.port, fleet.hawser.wrap)
    client.sendall(request())
    assert flood.ended.wait(LATE), "the server's connection is freed"
    assert flood.moved <= 4 * MEBIBYTE + KERNEL_BUFFERS
    with pytest.raises(ConnectionResetError):
        while client.recv(MEBIBYTE):
            pass
    client.close()
    wait_for(fleet.hawser.access, "a line in the access log")
    assert fleet.hawser.access()[0]["ended"] == "write-timeout"
    flood.stop()


# ---- E62, E63: servers ----

@everywhere
@pytest.mark.parametrize("asked", [request(), post(b"Content-Length: 2", body=b"hi")])
@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nX: 1\r\nCon"])
def test_e62_a_server_without_an_answer_in_time_is_504_and_not_asked_again(edge, asked, begun):
    edge.origin.answers(begun, STALL)
    with edge.connect() as client:
        client.send(asked)
        told = client.read_answer()
        assert told.status == 504 and told.is_whole
        client.close()
        assert edge.hawser.access_of(client)[0]["ended"] == "response-timeout"
    wait_for(lambda: edge.origin.connections[0].ended == "closed", "its connection is closed")
    assert len(edge.origin.requests) == 1


@everywhere
@pytest.mark.parametrize("framing,body", [
    (b"Content-Length: 100", b"part"),
    (b"Transfer-Encoding: chunked", b"4\r\npart\r\n"),
    (b"Transfer-Encoding: chunked", b"9\r\npart"),
    (b"X-Ends: by close", b"part"),
])
def test_e62_a_server_that_stalls_inside_the_body_is_a_cut(edge, framing, body):
    edge.origin.answers(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n" + body, STALL)
    with edge.connect() as client:
        client.send(request())
        told = client.read_answer()
        assert told.status == 200 and not told.is_whole and b"part" in told.body
        client.close()
        assert edge.hawser.access_of(client)[0]["ended"] == "answer-timeout"
    wait_for(lambda: edge.origin.connections[0].ended == "closed", "its connection is closed")


@everywhere
def test_e62_a_slow_steady_answer_is_left_alone(edge):
    pieces = [step for _ in range(12) for step in (b"x", 0.15)]
    edge.origin.answers(b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n", *pieces)
    told = edge.ask(request())
    assert told.status == 200 and told.body == b"x" * 12 and told.is_whole


@everywhere
def test_e62_a_route_timeout_ends_the_whole_exchange(fleet_of):
    fleet = fleet_of("a", route={"timeout": "500ms"})
    fleet["a"].answers(STALL)
    begin = time.monotonic()
    assert fleet.hawser.ask(request()).status == 504
    assert time.monotonic() - begin < LATE


@everywhere
def test_e63_a_connect_timeout_leads_to_the_next_candidate(fleet_of):
    silent = Silent()
    fleet = fleet_of("b", servers={"a": silent.address},
                     pool={"timeouts": {"connect": "200ms"}, "affinity": [], "balance": "round-robin",
                           "health": {"passive": "off"}})
    for _ in range(4):
        told = fleet.hawser.ask(post(b"Content-Length: 5", body=b"hello"))
        assert told.status == 200 and told.body == b"b"
    assert [each.body for each in fleet["b"].requests] == [b"hello"] * 4
    silent.stop()


@everywhere
def test_e63_where_no_server_connects_it_is_503_within_the_sum_of_deadlines(fleet_of):
    silent = [Silent(), Silent()]
    fleet = fleet_of("", servers={"a": silent[0].address, "b": silent[1].address},
                     pool={"timeouts": {"connect": "200ms"}})
    begin = time.monotonic()
    told = fleet.hawser.ask(request())
    assert told.status == 503
    assert time.monotonic() - begin < LATE
    for each in silent:
        each.stop()


# ---- E64: ends of clients ----

@pytest.mark.parametrize("asked", [request(), post(b"Content-Length: 2", body=b"hi"),
                                   request(b"GET / HTTP/1.0")])
def test_e64_a_client_that_half_closed_after_its_request_is_answered(edge, asked):
    edge.origin.answers(0.2, answer(b"late"))
    with edge.connect() as client:
        client.send(asked).half_close()
        told = client.read_answer()
        assert told.status == 200 and told.body == b"late"
        assert client.read_to_end() == b"" and client.ended == "closed"


def test_e64_requests_before_the_half_close_are_all_answered(edge):
    edge.origin.answers(0.02, answer(b"late"))
    with edge.connect() as client:
        client.send(request() * 5).half_close()
        assert [client.read_answer().body for _ in range(5)] == [b"late"] * 5
        assert client.read_to_end() == b""


@everywhere
@pytest.mark.parametrize("begun", [(), (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart",)])
def test_e64_a_reset_cancels_the_exchange_at_once(fleet_of, begun):
    fleet = fleet_of("a")  # with timeouts of minutes
    fleet["a"].answers(*begun, STALL)
    client = fleet.connect()
    client.send(request())
    wait_for(lambda: fleet["a"].requests, "the server is asked")
    if begun:
        client.read_answer(to_head=True)
    client.reset()
    wait_for(lambda: fleet["a"].connections[0].ended, "the server's connection ends")
    record = fleet.hawser.access_of(client)[0]
    assert record["status"] == 499 and record["ended"] == "client-left"


# ---- E57, E66: others have their turn ----

def median_of_small_requests(hawser, count: int = 30) -> float:
    """Seconds that a small request takes, on one connection."""
    took = []
    with hawser.connect() as client:
        for _ in range(count):
            begin = time.monotonic()
            assert client.send(request()).read_answer().status == 200
            took.append(time.monotonic() - begin)
    return statistics.median(took)


def test_e57_a_transfer_of_100_mib_does_not_hold_the_worker(fleet_of):
    size = 100 * MEBIBYTE
    server = Streamer(swallows(size))
    fleet = fleet_of("", servers={"a": server.address})
    stop = threading.Event()

    def transfer() -> None:
        """Again and again, so that one is surely running."""
        block = bytes(MEBIBYTE)
        with fleet.connect() as client:
            while not stop.is_set():
                client.send(post(b"Content-Length: %d" % size))
                for _ in range(100):
                    client.send(block)
                assert client.read_answer().status == 200

    sender = threading.Thread(target=transfer)
    sender.start()
    try:
        assert median_of_small_requests(fleet.hawser) < 0.1
    finally:
        stop.set()
        sender.join()
        server.stop()


def test_e57_a_flood_of_pipelined_requests_does_not_hold_the_worker(fleet_of):
    server = Streamer(swallows(0))
    fleet = fleet_of("", servers={"a": server.address}, pool={"affinity": []})
    over = threading.Event()

    def flood(client: RawClient) -> None:
        while not over.is_set():
            client.send(request() * 100)

    def read_all(client: RawClient) -> None:
        while not over.is_set() and client.socket.recv(MEBIBYTE):
            pass

    clients = [fleet.connect() for _ in range(2)]
    threads = [threading.Thread(target=each, args=(client,))
               for client in clients for each in (flood, read_all)]
    for each in threads:
        each.start()
    try:
        assert median_of_small_requests(fleet.hawser) < 0.1
    finally:
        over.set()
        for each in threads:
            each.join()
        for client in clients:
            client.reset()
        server.stop()


def test_e66_300_stalled_connections_do_not_delay_an_honest_request(fleet_of):
    fleet = fleet_of("a", listener={"timeouts": {"head": "60s"}})
    alone = median_of_small_requests(fleet.hawser)
    stalled = [fleet.connect() for _ in range(300)]
    for at, client in enumerate(stalled):
        client.send((b"GET / HTTP/1.1\r\nHost: a", post(b"Content-Length: 9", body=b"x"), b"G")[at % 3])
    assert median_of_small_requests(fleet.hawser) < alone + 0.05
    for client in stalled:
        client.close()
