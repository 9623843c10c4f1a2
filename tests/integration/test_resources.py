# SPDX-License-Identifier: Apache-2.0
"""E161-E168, E180: bounds of connections, memory and descriptors; nothing ends the process."""

import os
import random
import resource
import signal
import socket
import statistics
import threading
import time

import pytest

from edge import post, request
from fleet import Verdict, answers_its_name
from harness import CLOSE, RESET, STALL, Hawser, RawClient, answer, wait_for
from streams import (BLOCK, KERNEL_BUFFERS, MEBIBYTE, Streamer, connect_with_small_buffers,
                     read_head, sends, swallows)
from test_websocket import HANDSHAKE, SWITCH

GIBIBYTE = 1024 * MEBIBYTE
# 10 GiB as the promise says with HAWSER_LONG=1, a tenth of it else.
LARGE = (10 if os.environ.get("HAWSER_LONG") else 1) * GIBIBYTE
MEMORY_MAX = 64 * MEBIBYTE


# ---- E162: connections ----

def test_e162_a_listener_at_its_limit_refuses_cheaply_and_recovers(fleet_of):
    fleet = fleet_of("a", listener={"limits": {"connections": 10}})
    established = [fleet.connect() for _ in range(10)]
    for each in established:
        assert each.send(request()).read_answer().status == 200
    with fleet.connect() as refused:
        told = None if refused.hears_nothing(0.2) else refused.read_answer()
        assert told is None or (told.status == 503 and told.value("Retry-After")), \
            "refused at once, or it waits in the backlog"
        assert established[0].send(request()).read_answer().status == 200, "they go on first"
    for each in established:
        each.close()
    wait_for(lambda: answers_200(fleet.hawser), "there is room again")


def answers_200(hawser: Hawser) -> bool:
    with hawser.connect() as client:
        client.patience = 2.0
        try:
            return client.send(request()).read_answer().status == 200
        except (AssertionError, OSError):
            return False


def test_e162_sessions_of_a_full_server_spill_and_come_back(fleet_of):
    """Its home is at its limit: another answers, and it remains the home."""
    fleet = fleet_of("b")
    fleet.hawser.settings["pools"]["shop"]["servers"]["a"] = {"address": fleet.add("a").address,
                                                              "max-connections": 1}
    fleet.hawser.reload()
    visitor = fleet.visitor()
    while Verdict.of(visitor.ask()).server != "a":
        visitor = fleet.visitor()
    fleet["a"].answers(STALL)
    asked = len(fleet["a"].requests)
    holds = fleet.connect().send(visitor.request())
    wait_for(lambda: len(fleet["a"].requests) > asked, "the only place is taken")
    for _ in range(3):
        told = visitor.ask()
        assert told.status == 200 and Verdict.of(told) == Verdict("spilled", "home-full", "b")
    holds.reset()
    answers_its_name(fleet["a"], "a")
    wait_for(lambda: Verdict.of(visitor.ask()) == Verdict("hit", "", "a"), "there is room again")
    assert visitor.marks == 1


def test_e162_where_all_are_full_it_is_503_with_retry_after(fleet_of):
    fleet = fleet_of("a")
    fleet.hawser.settings["pools"]["shop"]["servers"]["a"] = {"address": fleet["a"].address,
                                                              "max-connections": 2}
    fleet.hawser.reload()
    fleet["a"].answers(STALL)
    holding = [fleet.connect().send(request()) for _ in range(2)]
    wait_for(lambda: len(fleet["a"].requests) == 2, "both places are taken")
    told = fleet.hawser.ask(request())
    assert told.status == 503 and told.value("Retry-After")
    assert len(fleet["a"].requests) == 2
    for each in holding:
        each.reset()


def test_e161_without_descriptors_nobody_spins_and_it_recovers(tmp_path, fleet_of):
    """The limit is set on the running process, so that it cannot have raised it itself."""
    fleet = fleet_of("a")
    assert answers_200(fleet.hawser)
    resource.prlimit(fleet.hawser.process.pid, resource.RLIMIT_NOFILE,
                     (fleet.hawser.descriptors() + 20,) * 2)
    crowd = [RawClient(fleet.hawser.port) for _ in range(100)]
    before = processor_time(fleet.hawser)
    select_nothing(1.0)
    assert processor_time(fleet.hawser) - before < 0.5, "it does not spin"
    for each in crowd:
        each.close()
    wait_for(lambda: answers_200(fleet.hawser), "it recovers by itself")


def processor_time(hawser: Hawser) -> float:
    """Seconds that the process has used."""
    words = open(f"/proc/{hawser.process.pid}/stat").read().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def select_nothing(seconds: float) -> None:
    """What is measured needs a while to be measured over; nothing is waited for."""
    threading.Event().wait(seconds)


# ---- E163, E164: memory ----

def test_e163_large_bodies_both_ways_stay_within_64_mib(fleet_of):
    down, up = Streamer(sends(LARGE)), Streamer(swallows(LARGE))
    fleet = fleet_of("", servers={"up": up.address}, workers=2)
    fleet.hawser.settings["pools"]["down"] = {"servers": {"down": down.address}, "affinity": []}
    fleet.hawser.settings["routes"].append({"path": "/down", "pool": "down"})
    fleet.hawser.reload()

    def download() -> None:
        with fleet.connect() as client:
            client.send(request(b"GET /down HTTP/1.1"))
            told = client.read_answer(to_head=True)
            got, space = len(client.buffer), bytearray(MEBIBYTE)
            while got < told.length and (size := client.socket.recv_into(space)):
                got += size
            received.append(got)

    received: list[int] = []
    reader = threading.Thread(target=download)
    reader.start()
    with fleet.connect() as client:
        client.send(post(b"Content-Length: %d" % LARGE))
        for _ in range(LARGE // MEBIBYTE):
            client.send(BLOCK * 4)
        assert client.read_answer().status == 200
    reader.join()
    assert received == [LARGE] and up.moved == LARGE
    assert fleet.hawser.peak_memory() < MEMORY_MAX
    for each in (down, up):
        each.stop()


@pytest.mark.parametrize("size", [1, 1000, 65536])
def test_e163_chunked_bodies_both_ways_stay_within_64_mib(fleet_of, size):
    """Also where each chunk is tiny, and an answer has no length."""
    count = min(64 * MEBIBYTE, 400_000 * size) // size
    chunk = b"%x\r\n" % size + b"x" * size + b"\r\n"
    many = max(1, MEBIBYTE // len(chunk))

    def echo_length(self: Streamer, peer: socket.socket) -> None:
        _, rest = read_head(peer)
        tail, total = rest[-5:], len(rest)
        while tail != b"0\r\n\r\n":
            data = peer.recv(MEBIBYTE)
            total += len(data)
            tail = (tail + data)[-5:]
        self.moved = total
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(count // many):
            peer.sendall(chunk * many)
        peer.sendall(b"0\r\n\r\n")

    server = Streamer(echo_length)
    fleet = fleet_of("", servers={"a": server.address})
    with fleet.connect() as client:
        client.send(post(b"Transfer-Encoding: chunked"))
        for _ in range(count // many):
            client.send(chunk * many)
        client.send(b"0\r\n\r\n")
        assert client.read_answer(to_head=True).status == 200
        tail = client.buffer[-5:]
        while tail != b"0\r\n\r\n":
            data = client.socket.recv(MEBIBYTE)
            assert data, "the answer is not cut"
            tail = (tail + data)[-5:]
    assert fleet.hawser.peak_memory() < MEMORY_MAX
    server.stop()


def test_e164_a_server_that_stops_reading_stops_the_client(fleet_of):
    server = Streamer(swallows(1000 * MEBIBYTE, waits=True))
    fleet = fleet_of("", servers={"a": server.address})
    client = connect_with_small_buffers(fleet.hawser.port)
    client.sendall(post(b"Content-Length: %d" % (1000 * MEBIBYTE)))
    sent = send_until_it_stops(client)
    assert sent <= 4 * MEBIBYTE + KERNEL_BUFFERS + 6 * MEBIBYTE, "the server's kernel takes 6 MiB"
    server.go_on.set()
    client.settimeout(10)
    client.sendall(bytes(4 * MEBIBYTE))  # it goes on
    client.close()
    server.stop()


def test_e164_a_client_that_stops_reading_stops_the_server(fleet_of):
    server = Streamer(sends(1000 * MEBIBYTE))
    fleet = fleet_of("", servers={"a": server.address})
    client = connect_with_small_buffers(fleet.hawser.port)
    client.sendall(request())
    seen = [-1]

    def has_stopped() -> bool:
        before, seen[0] = seen[0], server.moved
        select_nothing(0.2)
        return server.moved == before

    wait_for(has_stopped, "the server stops")
    assert server.moved <= 4 * MEBIBYTE + KERNEL_BUFFERS
    before = server.moved
    while server.moved == before:
        assert client.recv(MEBIBYTE), "it goes on"
    client.close()
    server.stop()


def send_until_it_stops(client: socket.socket) -> int:
    client.settimeout(0.5)
    sent = 0
    try:
        while sent < 900 * MEBIBYTE:
            sent += client.send(BLOCK)
    except TimeoutError:
        pass
    return sent


def test_e163_hundreds_that_do_not_read_their_answers_hold_little(fleet_of):
    """Head limit and 128 KiB each, at most; here 200 of them."""
    server = Streamer(sends(50 * MEBIBYTE))
    fleet = fleet_of("", servers={"a": server.address}, pool={"affinity": []})
    assert fleet.hawser.peak_memory() < 32 * MEBIBYTE
    clients = [connect_with_small_buffers(fleet.hawser.port) for _ in range(200)]
    for each in clients:
        each.sendall(request())
    moved = [-1]

    def has_stopped() -> bool:
        before, moved[0] = moved[0], server.moved
        select_nothing(0.2)
        return server.moved == before > 0

    wait_for(has_stopped, "all servers wait", 30)
    assert fleet.hawser.peak_memory() < 32 * MEBIBYTE + 200 * 160 * 1024
    for each in clients:
        each.close()
    server.stop()


def test_e163_hundreds_whose_bodies_are_not_read_hold_little(fleet_of):
    server = Streamer(swallows(50 * MEBIBYTE, waits=True))
    fleet = fleet_of("", servers={"a": server.address}, pool={"affinity": []})
    clients = [connect_with_small_buffers(fleet.hawser.port) for _ in range(100)]
    for each in clients:
        each.sendall(post(b"Content-Length: %d" % (50 * MEBIBYTE)))
    for each in clients:
        each.setblocking(False)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if not sum(sends_some(each) for each in clients):
            break
        select_nothing(0.05)
    assert fleet.hawser.peak_memory() < 32 * MEBIBYTE + 100 * 160 * 1024
    for each in clients:
        each.close()
    server.stop()


def sends_some(client: socket.socket) -> int:
    try:
        return client.send(BLOCK)
    except BlockingIOError:
        return 0


def test_e163_idle_connections_cost_little(fleet_of):
    """4 KiB each are promised; what malloc keeps around is more than none."""
    fleet = fleet_of("a")
    for _ in range(50):
        assert answers_200(fleet.hawser)
    before = resident(fleet.hawser)
    idle = [RawClient(fleet.hawser.port) for _ in range(2000)]
    for each in idle:
        assert each.send(request()).read_answer().status == 200
    grown = resident(fleet.hawser) - before
    assert grown / len(idle) < 4096 + 1024
    for each in idle:
        each.close()


def test_e163_requests_that_wait_for_their_answer_cost_what_is_documented(fleet_of):
    """docs/limits.md says 6.3 KiB each: both connections, the exchange, the head."""
    server = socket.create_server(("127.0.0.1", 0), backlog=4096)  # nobody ever answers
    fleet = fleet_of("", servers={"a": "127.0.0.1:%d" % server.getsockname()[1]})
    waiting = ask_without_an_answer(fleet.hawser, 200)
    before = resident(fleet.hawser)
    count = 1500
    waiting += ask_without_an_answer(fleet.hawser, count)
    each = (resident(fleet.hawser) - before) / count
    print(f"{each:.0f} bytes each")
    assert each < 8 * 1024
    for client in waiting:
        client.close()
    server.close()


def ask_without_an_answer(hawser: Hawser, count: int) -> list[RawClient]:
    """Clients whose requests have gone on to the server."""
    before = hawser.descriptors()
    clients = [RawClient(hawser.port).send(request()) for _ in range(count)]
    wait_for(lambda: hawser.descriptors() >= before + 2 * count, "all are at the server")
    select_nothing(0.2)
    return clients


def resident(hawser: Hawser) -> int:
    pages = int(open(f"/proc/{hawser.process.pid}/statm").read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


# ---- E166: logs ----

def slowest_of(hawser: Hawser, count: int) -> tuple[float, float]:
    """Median and maximum of small requests, in seconds."""
    took = []
    with hawser.connect() as client:
        for _ in range(count):
            begin = time.monotonic()
            assert client.send(request()).read_answer().status == 200
            took.append(time.monotonic() - begin)
    return statistics.median(took), max(took)


def test_e166_a_log_on_a_full_disk_delays_nobody(fleet_of):
    fleet = fleet_of("a", log={"access": "/dev/full", "errors": "/dev/full", "level": "debug"})
    median, slowest = slowest_of(fleet.hawser, 2000)
    assert median < 0.05 and slowest < 1


def test_e166_a_blocked_pipe_delays_nobody(fleet_of, tmp_path):
    """Nobody reads the pipe, and more is logged than it and the ring can hold."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    fleet = fleet_of("a", log={"access": str(pipe)}, admin="off")
    long = request(b"GET /" + b"x" * 500 + b" HTTP/1.1", b"User-Agent: " + b"y" * 190)
    begin = time.monotonic()
    with fleet.connect() as client:
        for _ in range(60):
            client.send(long * 100)
            for _ in range(100):
                assert client.read_answer().status == 200
    assert time.monotonic() - begin < 30
    median, slowest = slowest_of(fleet.hawser, 500)
    assert median < 0.05 and slowest < 1
    os.set_blocking(end, True)
    threading.Thread(target=drain, args=(end,), daemon=True).start()  # else it waits at its end


def drain(end: int) -> None:
    while os.read(end, 1 << 20):
        pass
    os.close(end)


def test_e166_a_reader_of_the_log_that_went_away_ends_nothing(fleet_of, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    fleet = fleet_of("a", log={"access": str(pipe)})
    slowest_of(fleet.hawser, 10)
    os.close(end)
    median, _ = slowest_of(fleet.hawser, 200)
    assert median < 0.05


# ---- E167, E180: aborted exchanges ----

def abort_in_head(fleet, _) -> None:
    with_reset(fleet, b"GET / HTTP/1.1\r\nHost: shop")


def abort_in_body(fleet, _) -> None:
    with_reset(fleet, post(b"Content-Length: 100", body=b"part"))


def abort_in_chunk(fleet, _) -> None:
    with_reset(fleet, post(b"Transfer-Encoding: chunked", body=b"5\r\nhel"))


def abort_in_wait(fleet, _) -> None:
    with_reset(fleet, request(b"GET /wait HTTP/1.1"))


def abort_in_answer(fleet, _) -> None:
    client = fleet.connect().send(request(b"GET /part HTTP/1.1"))
    client.read_answer(to_head=True)
    client.reset()


def abort_in_tunnel(fleet, _) -> None:
    client = fleet.connect().send(HANDSHAKE)
    assert client.read_answer().status == 101
    client.send(b"frames")
    client.reset()


def abort_by_close(fleet, at: int) -> None:
    client = fleet.connect().send((request(b"GET /wait HTTP/1.1"), HANDSHAKE,
                                   post(b"Content-Length: 100", body=b"part"))[at % 3])
    client.close()


def abort_by_server(fleet, at: int) -> None:
    with fleet.connect() as client:
        client.send(request(b"GET /%s HTTP/1.1" % (b"close", b"reset", b"cut")[at % 3]))
        client.read_answer()


def with_reset(fleet, sent: bytes) -> None:
    fleet.connect().send(sent).reset()


def troubled(asked):
    return {"/wait": [STALL], "/close": [CLOSE], "/reset": [RESET], "/chat": [SWITCH, STALL],
            "/part": [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart", STALL],
            "/cut": [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart", CLOSE],
            }.get(asked.target, [answer()])


def settled(fleet) -> int:
    """Descriptors, once all connections are over: nothing has changed for longer than any of them
    may wait, for its answer (half a second) or for a SYN's repetition."""
    seen = [fleet.hawser.descriptors()]
    quiet = [0]

    def is_quiet() -> bool:
        select_nothing(0.05)
        now = fleet.hawser.descriptors()
        quiet[0] = quiet[0] + 1 if now == seen[0] else 0
        seen[0] = now
        return quiet[0] >= 25

    wait_for(is_quiet, "descriptors settle")
    return seen[0]


@pytest.mark.parametrize("abort", [abort_in_head, abort_in_body, abort_in_chunk, abort_in_wait,
                                   abort_in_answer, abort_in_tunnel, abort_by_close,
                                   abort_by_server],
                         ids=lambda each: each.__name__)
def test_e167_descriptors_and_memory_return_after_aborted_exchanges(fleet_of, abort):
    fleet = fleet_of("a", pool={"affinity": [], "health": {"passive": "off"},
                                "timeouts": {"response": "500ms"}}, log={"access": "off"},
                     listener={"timeouts": {"idle": "500ms", "head": "500ms"}})
    fleet["a"].script = troubled
    base = after_aborts(fleet, abort)  # what grows once, to the crowd's peak, is no leak
    wait_for(lambda: after_aborts(fleet, abort) <= base + 1, "all descriptors are given back")
    memory = resident(fleet.hawser)
    after_aborts(fleet, abort)
    assert resident(fleet.hawser) - memory < 2 * MEBIBYTE


def test_e162_places_of_a_server_return_after_aborted_exchanges(fleet_of):
    fleet = fleet_of("a", pool={"affinity": [], "health": {"passive": "off"},
                                "timeouts": {"response": "100ms"}}, log={"access": "off"})
    fleet.hawser.settings["pools"]["shop"]["servers"]["a"] = {"address": fleet["a"].address,
                                                              "max-connections": 3}
    fleet.hawser.reload()
    fleet["a"].script = troubled
    for abort in (abort_in_body, abort_in_chunk, abort_in_wait, abort_by_close):
        for at in range(60):
            abort(fleet, at)
    settled(fleet)
    fleet["a"].forget()
    fleet.hawser.settings["pools"]["shop"]["timeouts"]["response"] = "60s"
    fleet.hawser.reload()
    fleet["a"].answers(STALL)
    holding = []
    for count in range(1, 4):
        holding.append(fleet.connect().send(request()))
        wait_for(lambda: len(fleet["a"].requests) == count, f"place {count} is free")
    assert fleet.hawser.ask(request()).status == 503
    for each in holding:
        each.reset()


def after_aborts(fleet, abort) -> int:
    """Descriptors that are open when 500 aborted exchanges are over."""
    for at in range(500):
        abort(fleet, at)
    wait_for(lambda: answers_200(fleet.hawser), "it serves on")
    return settled(fleet)


def test_e180_no_bytes_of_client_or_server_end_the_process(fleet_of):
    """Noise, changed at every point, from both sides; seeded."""
    chance = random.Random(180)
    fleet = fleet_of("a", pool={"health": {"passive": "off"}, "timeouts": {"response": "200ms"}},
                     listener={"timeouts": {"head": "200ms", "body": "200ms"}})
    good = [request(), post(b"Content-Length: 5", body=b"hello"), HANDSHAKE,
            post(b"Transfer-Encoding: chunked", body=b"5\r\nhello\r\n0\r\nA: b\r\n\r\n")]
    told = [answer(), SWITCH, b"HTTP/1.1 100 Continue\r\n\r\n" + answer(),
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n"]

    def spoiled(text: bytes) -> bytes:
        bytes_ = bytearray(text)
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(bytes_))
            kind = chance.randrange(3)
            if kind == 0:
                bytes_[at] = chance.choice(b"\0\r\n :;,\x80\xff0Gz")
            elif kind == 1:
                del bytes_[at:at + chance.randrange(1, 20)]
                bytes_ = bytes_ or bytearray(b"x")
            else:
                bytes_[at:at] = chance.choice([b"\r\n", b"\0", b"Transfer-Encoding: chunked\r\n",
                                               b"Content-Length: 3\r\n", b"0\r\n\r\n"])
        return bytes(bytes_)

    fleet["a"].script = lambda _: [spoiled(chance.choice(told)), chance.choice([CLOSE, RESET, 0])]
    for _ in range(1500):
        try:
            with RawClient(fleet.hawser.port) as client:
                client.send(spoiled(chance.choice(good)))
                if chance.random() < 0.5:
                    client.half_close()
                if chance.random() < 0.3:
                    client.reset()
                    continue
                client.socket.settimeout(0.02)
                client.socket.recv(1 << 16)
        except OSError:
            pass
    fleet["a"].forget()
    wait_for(lambda: answers_200(fleet.hawser), "it serves on")


# ---- E168: time ----

def test_e168_deadlines_are_those_of_a_clock_that_no_one_can_set(fleet_of):
    """A process that was stopped for a while keeps its order: nothing is lost, nothing hangs."""
    fleet = fleet_of("a", listener={"timeouts": {"head": "500ms"}})
    with fleet.connect() as late, fleet.connect() as honest:
        late.send(b"GET / HT")
        fleet.hawser.stand_still()
        honest.send(request())
        select_nothing(0.7)
        fleet.hawser.process.send_signal(signal.SIGCONT)
        assert honest.read_answer().status == 200
        assert late.read_answer().status == 408


def test_e168_without_keys_it_does_not_start(tmp_path):
    """Entropy cannot be taken away everywhere; keys that cannot be made are next to it."""
    with pytest.raises(AssertionError, match="died of 1"):
        Hawser(tmp_path, {"listeners": {"web": {}}, "routes": [{"pool": "shop"}],
                          "pools": {"shop": {"servers": {"a": "127.0.0.1:9"}}},
                          "keys": "/proc/no/keys"})
