# SPDX-License-Identifier: Apache-2.0
"""E142-E149: upgrades to WebSocket, tunnels, and what is none."""

import base64
import hashlib
import json
import signal
import socket
import threading
import time

import pytest

from carriers import over
from edge import SMUGGLED, request
from fleet import Fleet, Verdict, marks_of
from harness import STALL, RawClient, answer, wait_for
from operators import operated_by  # noqa: F401  (a fixture)
from processes import Application, Chatters, run_app
from streams import KERNEL_BUFFERS, MEBIBYTE
from test_h2_messages import CONNECT, accepting

OVER = ("clear", "tls")
KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = base64.b64encode(
    hashlib.sha1(KEY + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()).decode()
SWITCH = (f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          f"Sec-WebSocket-Accept: {ACCEPT}\r\n\r\n").encode()
OFFER = (b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Key: " + KEY,
         b"Sec-WebSocket-Version: 13")
HANDSHAKE = request(b"GET /chat HTTP/1.1", *OFFER)


class Peer:
    """A server whose connections the test drives: it answers a head with `answer_with`."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]

    def accept(self) -> RawClient:
        self.listener.settimeout(10)
        accepted, _ = self.listener.accept()
        driven = RawClient.__new__(RawClient)
        driven.socket, driven.buffer, driven.ended, driven.patience = accepted, b"", "", 10.0
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return driven

    def stop(self) -> None:
        self.listener.close()


def read(of: RawClient, count: int) -> bytes:
    """Exactly `count` bytes."""
    end = time.monotonic() + of.patience
    while len(of.buffer) < count and not of.ended:
        of._read_more(end)
    taken, of.buffer = of.buffer[:count], of.buffer[count:]
    assert len(taken) == count, f"{of.ended} after {taken!r}"
    return taken


def read_head(of: RawClient) -> bytes:
    end = time.monotonic() + of.patience
    while b"\r\n\r\n" not in of.buffer:
        assert not of.ended
        of._read_more(end)
    head, _, of.buffer = of.buffer.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n"


@pytest.fixture
def peer():
    made = Peer()
    yield made
    made.stop()


@pytest.fixture
def make(tmp_path, peer, carrier):
    """A Hawser before the driven server; the keywords are the pool's."""
    made = []

    def one(pool: dict | None = None, servers: dict | None = None, **more) -> Fleet:
        plain = {"affinity": [], "health": {"passive": "off"}}
        made.append(Fleet(tmp_path, "", carrier=carrier, servers=servers or {"a": peer.address},
                          pool=plain | (pool or {}), **more))
        return made[0]

    yield one
    for each in made:
        each.stop()


def open_tunnel(fleet: Fleet, peer: Peer, more: bytes = b"") -> tuple[RawClient, RawClient]:
    client = fleet.connect().send(HANDSHAKE)
    server = peer.accept()
    read_head(server)
    server.send(SWITCH + more)
    assert client.read_answer().status == 101
    return client, server


# ---- E142: the handshake ----

def test_e142_the_handshakes_fields_pass_unchanged(make, peer):
    fleet = make()
    fields = (b"uPGRADE: websocket", b"connection: Upgrade", b"SEC-websocket-key: " + KEY,
              b"sec-WebSocket-version: 13", b"Sec-WebSocket-Protocol: chat, superchat",
              b'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x; y="z"',
              b"Origin: http://shop.example")
    with fleet.connect() as client:
        client.send(request(b"GET /chat?room=1 HTTP/1.1", *fields))
        server = peer.accept()
        seen = read_head(server).split(b"\r\n")
        assert seen[0] == b"GET /chat?room=1 HTTP/1.1"
        for line in fields[2:]:
            assert line in seen, line
        lowered = [line.lower() for line in seen]
        assert b"upgrade: websocket" in lowered and b"connection: upgrade" in lowered
        server.send(SWITCH.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Protocol: chat\r\n"
                                   b"Sec-WebSocket-Extensions: x\r\n\r\n"))
        told = client.read_answer()
        assert told.status == 101
        assert told.value("Sec-WebSocket-Accept") == ACCEPT
        assert told.value("Sec-WebSocket-Protocol") == "chat"
        assert told.value("Sec-WebSocket-Extensions") == "x"
        assert told.value("Upgrade").lower() == "websocket"
        assert told.value("Connection").lower() == "upgrade"
        server.close()


@pytest.mark.parametrize("asked", [
    request(b"GET /chat HTTP/1.0", *OFFER),
    request(b"POST /chat HTTP/1.1", b"Content-Length: 0", *OFFER),
    request(b"HEAD /chat HTTP/1.1", *OFFER), request(b"OPTIONS /chat HTTP/1.1", *OFFER),
    request(b"GET /chat HTTP/1.1", OFFER[0], *OFFER[2:]),
    request(b"GET /chat HTTP/1.1", b"Upgrade: h2c, websocket", *OFFER[1:]),
    request(b"GET /chat HTTP/1.1", *OFFER, b"Content-Length: 2", body=b"hi")],
    ids=["1.0", "post", "head", "options", "no-connection", "two-tokens", "body"])
def test_e142_what_is_no_handshake_is_no_upgrade(make, peer, asked):
    fleet = make()
    with fleet.connect() as client:
        client.send(asked)
        server = peer.accept()
        seen = read_head(server).lower()
        assert b"\r\nupgrade:" not in seen and b"\r\nconnection: upgrade" not in seen
        server.send(answer(b"", "200 OK"))
        assert client.read_answer(to_head=asked.startswith(b"HEAD")).status == 200
        server.close()


def test_e142_a_route_may_forbid_upgrades(make, peer):
    fleet = make(route={"upgrade": []})
    with fleet.connect() as client:
        client.send(HANDSHAKE)
        server = peer.accept()
        assert b"\r\nupgrade:" not in read_head(server).lower()
        server.send(answer(b"", "426 Upgrade Required"))
        assert client.read_answer().status == 426
        server.close()


# ---- E143, E144: before and without a 101 ----

def test_e143_bytes_behind_the_handshake_wait_for_the_101(make, peer):
    fleet = make()
    with fleet.connect() as client:
        client.send(HANDSHAKE + b"early ")
        server = peer.accept()
        read_head(server)
        client.send(b"bytes")
        assert server.hears_nothing(0.1), "nothing is delivered before"
        server.send(SWITCH)
        assert client.read_answer().status == 101
        assert read(server, 11) == b"early bytes"
        server.close()


def test_e143_megabytes_behind_the_handshake_wait_within_bounds(make, peer):
    fleet = make()
    with fleet.connect() as client:
        client.send(HANDSHAKE)
        early = hashlib.shake_256(b"early").digest(8 * MEBIBYTE)
        sender = threading.Thread(target=client.send, args=(early,))
        sender.start()
        server = peer.accept()
        read_head(server)
        assert server.hears_nothing(0.2)
        assert fleet.hawser.peak_memory() < 32 * MEBIBYTE
        server.send(SWITCH)
        assert client.read_answer().status == 101
        got = bytearray(server.buffer)
        while len(got) < len(early) and (data := server.socket.recv(MEBIBYTE)):
            got += data
        sender.join()
        assert got == early
        server.close()


@pytest.mark.parametrize("status", ["200 OK", "302 Found", "400 Bad", "403 No", "404 None",
                                    "426 Upgrade Required", "500 Oops"])
def test_e143_e144_with_any_other_status_they_are_parsed_as_http(make, peer, status):
    fleet = make()
    with fleet.connect() as client:
        client.send(HANDSHAKE + request(b"GET /next HTTP/1.1"))
        server = peer.accept()
        read_head(server)
        assert server.hears_nothing(0.05)
        server.send(answer(b"no", status))
        told = client.read_answer()
        assert told.status == int(status[:3]) and told.body == b"no"
        assert read_head(server).startswith(b"GET /next HTTP/1.1\r\n"), "the connection is kept"
        server.send(answer(b"next"))
        assert client.read_answer().body == b"next"
        server.close()


def test_e144_what_follows_a_refused_upgrade_is_checked_as_ever(make, peer):
    fleet = make()
    with fleet.connect() as client:
        client.send(HANDSHAKE + b"GET /bad  HTTP/1.1\r\n\r\n" + SMUGGLED)
        server = peer.accept()
        read_head(server)
        server.send(answer(b"no", "403 No"))
        assert [client.read_answer().status, client.read_answer().status] == [403, 400]
        assert client.read_to_end() == b""
        assert server.hears_nothing(0.02) or server.read_to_end() == b""
        server.close()


@pytest.mark.parametrize("head", [
    SWITCH.replace(b"Upgrade: websocket\r\n", b""), SWITCH.replace(b"websocket", b"h2c"),
    SWITCH.replace(ACCEPT.encode(), b"AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    SWITCH.replace(b"Sec-WebSocket-Accept: " + ACCEPT.encode() + b"\r\n", b""),
    SWITCH.replace(ACCEPT.encode(), ACCEPT.lower().encode())],
    ids=["no-upgrade", "other-protocol", "wrong-accept", "no-accept", "accept-in-lower-case"])
def test_e144_a_101_that_does_not_fit_is_502(make, peer, head):
    fleet = make()
    with fleet.connect() as client:
        client.send(HANDSHAKE)
        server = peer.accept()
        read_head(server)
        server.send(head)
        assert client.read_answer().status == 502
        assert server.read_to_end() == b""
        server.close()


# ---- E145: bytes of a tunnel ----

def test_e145_bytes_in_the_segment_of_the_101_arrive(make, peer):
    fleet = make()
    client, server = open_tunnel(fleet, peer, b"at once")
    assert read(client, 7) == b"at once"
    client.close()
    server.close()


def test_e145_single_bytes_arrive_in_order(make, peer):
    fleet = make()
    client, server = open_tunnel(fleet, peer)
    for byte in range(256):
        client.send(bytes([byte]))
        assert read(server, 1) == bytes([byte])
        server.send(bytes([255 - byte]))
        assert read(client, 1) == bytes([255 - byte])
    client.close()
    server.close()


def test_e145_16_mib_both_ways_at_once(make, peer):
    fleet = make()
    client, server = open_tunnel(fleet, peer)
    sizes = 16 * MEBIBYTE
    bytes_up, bytes_down = (hashlib.shake_256(b).digest(sizes) for b in (b"up", b"down"))
    got: dict[str, bytearray] = {"up": bytearray(), "down": bytearray()}

    def receive(of: RawClient, into: bytearray) -> None:
        while len(into) < sizes and (data := of.socket.recv(1 << 20)):
            into += data

    threads = [threading.Thread(target=client.socket.sendall, args=(bytes_up,)),
               threading.Thread(target=server.socket.sendall, args=(bytes_down,)),
               threading.Thread(target=receive, args=(server, got["up"])),
               threading.Thread(target=receive, args=(client, got["down"]))]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)
    assert got["up"] == bytes_up and got["down"] == bytes_down
    assert fleet.hawser.peak_memory() < 64 * MEBIBYTE
    client.close()
    server.close()


def test_e145_a_side_that_does_not_read_stops_the_other(make, peer):
    fleet = make()
    client, server = open_tunnel(fleet, peer)
    server.socket.setblocking(False)
    sent, block = 0, bytes(1 << 18)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            sent += server.socket.send(block)
            end = time.monotonic() + 0.3
        except BlockingIOError:
            time.sleep(0.01)
        assert sent < 200 * MEBIBYTE, "it never stops"
    # Our two buffers of the kernel, the server's and the client's own.
    assert sent <= 4 * MEBIBYTE + 2 * KERNEL_BUFFERS
    client.close()
    server.close()


# ---- E146, E147: the end of a tunnel ----

def test_e146_a_silent_tunnel_ends_at_its_own_deadline(make, peer):
    fleet = make(pool={"timeouts": {"tunnel": "400ms"}})
    client, server = open_tunnel(fleet, peer)
    begin = time.monotonic()
    assert client.read_to_end() == b"\x88\x0e\x03\xe9idle timeout"  # 1001; E149
    assert server.read_to_end() == b""
    assert 0.35 <= time.monotonic() - begin < 5
    client.close()
    assert fleet.hawser.access_of(client)[0]["ended"] == "idle"


@pytest.mark.parametrize("talker", ["client", "server"])
def test_e146_bytes_in_one_direction_suffice(make, peer, talker):
    fleet = make(pool={"timeouts": {"tunnel": "600ms"}})
    sides = dict(zip(("client", "server"), open_tunnel(fleet, peer)))
    speaks = sides.pop(talker)
    (listens,) = sides.values()
    for _ in range(10):
        assert speaks.hears_nothing(0.15)
        speaks.send(b"x")
        assert read(listens, 1) == b"x"
    speaks.close()
    listens.close()


def test_e146_timeouts_of_http_do_not_touch_a_tunnel(make, peer):
    short = {"head": "200ms", "body": "200ms", "idle": "200ms", "write": "200ms"}
    fleet = make(pool={"timeouts": {"response": "200ms", "body": "200ms", "idle": "200ms"}},
                 listener={"timeouts": short}, route={"timeout": "300ms"})
    client, server = open_tunnel(fleet, peer)
    assert client.hears_nothing(0.7) and server.hears_nothing(0)
    client.send(b"still here")
    assert read(server, 10) == b"still here"
    client.close()
    server.close()


def test_e147_half_close_is_passed_on_and_the_other_direction_goes_on(make, peer):
    fleet = make()
    client, server = open_tunnel(fleet, peer)
    client.send(b"last").half_close()
    assert server.read_to_end() == b"last" and server.ended == "closed"
    server.send(b"and still")
    assert read(client, 9) == b"and still"
    server.close()
    assert client.read_to_end() == b"" and client.ended == "closed"
    client.close()
    assert fleet.hawser.access_of(client)[0]["ended"] == "client-ended"


def test_e147_it_goes_the_other_way_too(make, peer):
    fleet = make()
    client, server = open_tunnel(fleet, peer)
    server.send(b"last").half_close()
    assert client.read_to_end() == b"last" and client.ended == "closed"
    client.send(b"and still")
    assert read(server, 9) == b"and still"
    client.half_close().close()  # over TLS an end that nobody announced is a reset (E126)
    assert server.read_to_end() == b""
    assert fleet.hawser.access_of(client)[0]["ended"] == "server-ended"


@pytest.mark.parametrize("who", ["client", "server"])
def test_e147_a_reset_ends_the_other_side_at_once(make, peer, who):
    fleet = make()
    client, server = open_tunnel(fleet, peer)
    server.send(b"no frames")
    assert read(client, 9) == b"no frames"
    ends, other = (client, server) if who == "client" else (server, client)
    ends.reset()
    other.read_to_end()
    assert other.ended == "reset"
    other.close()
    assert fleet.hawser.access_of(client)[0]["ended"] == "reset"


# ---- E148: sessions ----

def test_e148_the_cookie_comes_on_the_101_and_upgrades_are_sticky(fleet_of):
    fleet = fleet_of("abc", pool={"balance": "round-robin"})
    for origin in fleet.origins.values():
        origin.answers(SWITCH, STALL)
    visitor = fleet.visitor()
    told = visitor.ask("GET / HTTP/1.1", *[each.decode() for each in OFFER])
    assert told.status == 101 and len(marks_of(told)) == 1
    home = Verdict.of(told).server
    for _ in range(4):
        told = visitor.ask("GET / HTTP/1.1", *[each.decode() for each in OFFER])
        assert told.status == 101 and Verdict.of(told) == Verdict("hit", "", home)


def test_e148_a_full_server_refuses_tunnels_before_it_is_asked(make, peer):
    fleet = make(servers={"a": {"address": peer.address, "max-connections": 2}})
    tunnels = [open_tunnel(fleet, peer) for _ in range(2)]
    with fleet.connect() as third:
        told = third.send(HANDSHAKE).read_answer()
        assert told.status == 503 and told.value("Retry-After")
    peer.listener.settimeout(0.05)
    with pytest.raises(TimeoutError):
        peer.listener.accept()
    tunnels[0][0].close()
    tunnels[0][1].read_to_end()
    tunnels[0][1].close()
    wait_for(lambda: can_open(fleet, peer), "the place is free again")
    for client, server in tunnels:
        client.close()
        server.close()


def can_open(fleet: Fleet, peer: Peer) -> bool:
    with fleet.connect() as client:
        client.send(HANDSHAKE)
        peer.listener.settimeout(0.2)
        try:
            accepted, _ = peer.listener.accept()
        except TimeoutError:
            return False
        accepted.sendall(SWITCH)
        opened = client.read_answer().status == 101
        accepted.close()
        return opened


# ---- a server and clients that nobody here wrote ----

@pytest.fixture(params=["0", "1"], ids=["plain", "deflate"])
def chat(request, fleet_of):
    servers = {name: Application("echo.js", DEFLATE=request.param) for name in "ab"}
    fleet = fleet_of("", servers={name: each.address for name, each in servers.items()},
                     pool={"balance": "round-robin"})
    yield fleet
    for each in servers.values():
        each.stop()


@over("clear")
def test_e142_e145_clients_and_servers_of_the_ws_package_understand_each_other(chat):
    seen = json.loads(run_app("chat.js", f"ws://127.0.0.1:{chat.hawser.port}/chat", 20, 60))
    assert {each["code"] for each in seen} == {4001}
    assert {each["reason"] for each in seen} == {"as asked"}
    assert {each["protocol"] for each in seen} == {"chat"}
    assert {each["pongs"] for each in seen} == {1}
    assert {each["echoes"] for each in seen} == {61}
    assert len({each["process"] for each in seen}) == 2, "both servers have their share"
    assert all(len(each["setCookie"]) == 1 for each in seen)
    mark = seen[0]["setCookie"][0].split(";")[0]
    again = json.loads(run_app("chat.js", f"ws://127.0.0.1:{chat.hawser.port}/chat", 5, 3, mark))
    assert {each["process"] for each in again} == {seen[0]["process"]}, "E148"
    assert all(each["setCookie"] == [] for each in again)


@pytest.fixture
def farewell(operated_by):  # noqa: F811
    """Makes a node before a server of the ws package, and clients of it that wait."""
    made = []

    def one(count: int, pool: dict | None = None, **settings):
        made.append(Application("echo.js"))
        node = operated_by("", servers={"a": made[0].address}, pool=pool, **settings)
        made.append(Chatters(node.hawser.port, count))
        return node, *made

    yield one
    for each in made:
        each.stop()


def said_to(server: Application, count: int) -> set[str]:
    """What its clients have ended with."""
    return {server.process.stdout.readline().rstrip() for _ in range(count)}


def test_e149_clients_and_servers_of_the_ws_package_hear_that_we_go(farewell):
    node, server, clients = farewell(12, **{"stop-timeout": "60s"})
    node.signal(signal.SIGTERM)
    assert node.wait_until_over() == 0, "long before the limit"
    assert clients.heard() == ["1001 shutting down"] * 12
    assert said_to(server, 12) == {"1001 shutting down"}
    assert {each["ended"] for each in node.hawser.access()} == {"stopped"}


def test_e149_nobody_is_cut_off_without_a_word_where_a_second_signal_ends_all_at_once(farewell):
    node, _, clients = farewell(300, **{"stop-timeout": "60s"})
    node.signal(signal.SIGTERM)
    wait_for(lambda: node.hawser.has_said("stopping"), "it has heard the first")
    node.signal(signal.SIGTERM)
    assert clients.heard() == ["1001 shutting down"] * 300
    node.wait_until_over()


def test_e149_clients_and_servers_of_the_ws_package_hear_that_they_were_silent_too_long(farewell):
    _, server, clients = farewell(6, pool={"timeouts": {"tunnel": "1s"}})
    assert clients.heard() == ["1001 idle timeout"] * 6
    assert said_to(server, 6) == {"1001 idle timeout"}


SHUTTING_DOWN = b"\x88\x0f\x03\xe9shutting down"  # 1001
TEXT = b"\x81\x02hi"


@over("h2c", "h2")
def test_e149_streams_of_http2_are_not_cut_off_without_a_word_either(operated_by, carrier):  # noqa: F811
    node = operated_by("a", carrier=carrier, **{"stop-timeout": "60s"})
    node["a"].script = lambda request: [accepting(request)[0].replace(b"hello", TEXT), STALL]
    with node.hawser.connect_h2() as client:
        streams = [client.answers[client.ask(CONNECT, ends=False)] for _ in range(50)]
        wait_for(lambda: {each.body for each in streams} == {TEXT} or not client.read_frame())
        node.signal(signal.SIGTERM)
        wait_for(lambda: node.hawser.has_said("stopping"), "it has heard the first")
        node.signal(signal.SIGTERM)
        client.read_to_end()
        assert {each.body for each in streams} == {TEXT + SHUTTING_DOWN}
    node.wait_until_over()


@pytest.mark.parametrize("begun", [b"", b"\x81\x05he"], ids=["between", "within"])
def test_e149_who_does_not_go_is_cut_off_at_the_limit_and_never_told_within_a_frame(
        operated_by, peer, carrier, begun):  # noqa: F811
    node = operated_by("", carrier=carrier, servers={"a": peer.address}, **{"stop-timeout": "1500ms"})
    client, server = open_tunnel(node, peer)
    server.send(TEXT + begun)
    assert read(client, 4 + len(begun)) == TEXT + begun
    node.signal(signal.SIGTERM)
    assert client.read_to_end() == (b"" if begun else SHUTTING_DOWN)
    server.read_to_end()
    assert node.wait_until_over() == 0
    client.close()
    server.close()


# ---- E149: a server that is lost ----

FRAME = b"\x81\x05hello"
SERVER_LOST = b"\x88\x0d\x03\xf6server lost"  # 1014


@pytest.mark.parametrize("ends", ["reset", "close"])
def test_e149_the_client_of_a_lost_server_gets_a_close_frame(make, peer, ends):
    fleet = make()
    client, server = open_tunnel(fleet, peer)
    server.send(FRAME)
    assert read(client, len(FRAME)) == FRAME
    getattr(server, ends)()
    assert client.read_to_end() == SERVER_LOST and client.ended == "closed"
    client.half_close().close()
    told = "reset" if ends == "reset" else "server-ended"
    assert fleet.hawser.access_of(client)[0]["ended"] == told


def test_e149_within_a_frame_the_client_of_a_lost_server_is_cut_off(make, peer):
    fleet = make()
    client, server = open_tunnel(fleet, peer)
    server.send(FRAME[:4])
    assert read(client, 4) == FRAME[:4]
    server.reset()
    assert client.read_to_end() == b"" and client.ended == "reset"
    client.close()


def test_e149_clients_of_the_ws_package_hear_that_their_server_was_killed(farewell):
    _, server, clients = farewell(12)
    server.kill()
    assert clients.heard() == ["1014 server lost"] * 12
