# SPDX-License-Identifier: Apache-2.0
"""E65, E108-E118, E164: what one HTTP/2 connection may cost, and how it ends."""

import contextlib
import signal
import socket
import struct
import threading
import time

import pytest

from carriers import H2
from h2_client import (ACK, CANCEL, COMPRESSION_ERROR, CONTINUATION, DATA, END_HEADERS, END_STREAM,
                       ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, GET, GOAWAY,
                       HEADERS, NO_ERROR, PING, POST, PREFACE, PRIORITY, PROTOCOL_ERROR, RST,
                       SETTINGS, STREAM_CLOSED, WINDOW, but, frame, setting)
from edge import Edge
from harness import PATIENCE, STALL, answer, free_port, wait_for

OVER = H2
MIB = 1 << 20
PLAIN = b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"


def word(value: int) -> bytes:
    return struct.pack(">I", value)


# Each flood ends soon after its limit: what is still on its way then is dropped up to 64 KiB (E3),
# so that the client can read why.


class Bystander:
    """Another client of the same worker, that notes how long it had to wait."""

    def __init__(self, edge):
        self.edge, self.longest, self.over = edge, 0.0, threading.Event()
        self.thread = threading.Thread(target=self._ask)

    def _ask(self):
        with self.edge.connect() as client:
            while not self.over.is_set():
                begun = time.monotonic()
                client.send(b"GET /bystander HTTP/1.1\r\nHost: a\r\n\r\n")
                assert client.read_answer().status == 200
                self.longest = max(self.longest, time.monotonic() - begun)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def rapid_reset(client):
    for number in range(600):
        stream = 2 * number + 1
        yield (frame(HEADERS, END_HEADERS | END_STREAM, stream, client.block(GET)) +
               frame(RST, 0, stream, word(CANCEL)))


def made_to_reset(client):
    """CVE-2025-8671: the server resets, because the client wants it to."""
    for number in range(600):
        stream = 2 * number + 1
        yield (frame(HEADERS, END_HEADERS | END_STREAM, stream, client.block(GET)) +
               frame(WINDOW, 0, stream, word(0x7fffffff)))


def continuations(client):
    yield frame(HEADERS, END_STREAM, 1, client.block(GET))
    for _ in range(100):
        yield frame(CONTINUATION, 0, 1)


def large_block(client):
    yield frame(HEADERS, END_STREAM, 1, client.block(GET))
    for _ in range(4):
        yield frame(CONTINUATION, 0, 1, b"\0\1x\x7f\x81\x7d" + b"y" * 16_000)


def empty_data(client):
    yield frame(HEADERS, END_HEADERS, 1, client.block(POST))
    for _ in range(300):
        yield frame(DATA, 0, 1)


def same(one: bytes, times: int = 1500):
    def frames(_):
        for _ in range(times):
            yield one
    return frames


FLOODS = {
    "e108-rapid-reset": rapid_reset, "e110-made-you-reset": made_to_reset,
    "e111-continuations": continuations, "e111-large-block": large_block,
    "e113-ping": same(frame(PING, 0, 0, b"01234567")), "e113-settings": same(frame(SETTINGS)),
    "e113-large-settings": same(frame(SETTINGS, 0, 0, setting(4, 65535) * 30), 400),
    "e113-priority": same(frame(PRIORITY, 0, 3, b"\0\0\0\0\x10")),
    "e113-window-update": same(frame(WINDOW, 0, 0, word(1))),
    "e113-unknown": same(frame(0xbb, 0, 0, b"x")), "e114-empty-data": empty_data}


@pytest.mark.parametrize("flood", FLOODS)
def test_e108_e110_e111_e113_e114_floods_end_with_enhance_your_calm(edge, flood):
    """Others wait less than 100 ms meanwhile."""
    with Bystander(edge) as bystander, edge.connect_h2() as client:
        try:
            data = b""
            for each in FLOODS[flood](client):
                data += each
                if len(data) > 16384:
                    client.send(data)
                    data = b""
            client.send(data)
        except OSError:
            pass
        client.read_to_end()
        assert [each.code for each in client.goaways] == [ENHANCE_YOUR_CALM]
    assert bystander.longest < 0.1
    assert edge.connect().send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").read_answer().status == 200


def test_e112_a_bomb_of_hpack_is_refused_and_the_decoder_stays_in_step(edge):
    with edge.connect_h2() as client:
        bomb = [*GET, *[("x-bomb", "b" * 3900)] * 90]
        seen = client.get(bomb)
        assert seen.status == 431
        assert client.get().status == 200
        assert not client.goaways
    assert edge.hawser.peak_memory() < 200 * MIB


@pytest.mark.parametrize("frames, code", [
    (frame(DATA, 0, 0, b"x"), PROTOCOL_ERROR), (frame(DATA, 0, 1, b"x"), PROTOCOL_ERROR),
    (frame(HEADERS, END_HEADERS, 2, b"\x82"), PROTOCOL_ERROR),
    (frame(CONTINUATION, END_HEADERS, 1, b"x"), PROTOCOL_ERROR),
    (frame(HEADERS, 0, 1, b"\x82") + frame(PING, 0, 0, bytes(8)), PROTOCOL_ERROR),
    (frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff\xff"), COMPRESSION_ERROR),
    (frame(DATA, 0, 1, bytes(16385)), FRAME_SIZE_ERROR),
    (frame(PING, 0, 0, b"short"), FRAME_SIZE_ERROR),
    (frame(SETTINGS, 0, 0, b"x"), FRAME_SIZE_ERROR),
    (frame(SETTINGS, 0, 0, setting(4, 1 << 31)), FLOW_CONTROL_ERROR),
    (frame(RST, 0, 1, word(8)), PROTOCOL_ERROR), (frame(WINDOW, 0, 0, word(0)), PROTOCOL_ERROR)])
def test_e117_frame_faults_have_the_rfcs_codes(edge, frames, code):
    with edge.connect_h2() as client:
        client.send(frames)
        client.read_to_end()
        assert [each.code for each in client.goaways] == [code]


def test_e115_e61_e164_stalled_streams_hold_little_and_hinder_nobody(tmp_path, carrier):
    """80 streams whose windows stay closed, of answers of 100 MiB."""
    edge = Edge(tmp_path, carrier=carrier, listener={"timeouts": {"write": "2s"}})
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {100 * MIB}\r\n\r\n".encode()
    edge.origin.script = lambda request: (
        [head, *[bytes(MIB)] * 100] if b"/large" in request.start_line else [answer()])
    with edge.connect_h2(window=0) as client:
        before = edge.hawser.peak_memory()
        stalled = [client.ask(but(":path", "/large")) for _ in range(80)]
        wait_for(lambda: len(edge.origin.requests) == 80, "all have been asked for")
        honest = client.ask()
        client.send(frame(WINDOW, 0, honest, word(1000)))
        begun = time.monotonic()
        assert client.answer(honest).body == b"ok"
        assert time.monotonic() - begun < 1
        assert edge.hawser.peak_memory() - before < 16 * MIB
        for stream in stalled:  # each ends at the write deadline; the connection lives
            assert client.answer(stream).reset == CANCEL
        assert not client.goaways
    edge.stop()


def test_e116_windows_open_only_as_the_server_takes_the_data(edge):
    with edge.connect_h2() as client:
        client.get()
        edge.origin.forget()
        stream = client.ask([*POST, ("content-length", str(64 * MIB))], ends=False)
        for _ in range(4):
            client.send(frame(DATA, 0, stream, bytes(16384)))
        wait_for(lambda: len(edge.origin.received) > 60_000, "the server has the data")
        while True:
            read = client.read_frame()
            if read.kind == WINDOW and read.stream == stream:
                break
        client.send(frame(RST, 0, stream, word(CANCEL)))


def test_e116_more_than_a_window_is_a_fault(edge):
    edge.origin.at_head = True
    edge.origin.script = lambda request: [2.0]  # and reads nothing of a body, so no window grows
    with edge.connect_h2() as client:
        stream = client.ask(POST, ends=False)
        try:
            for _ in range(4000):  # 64 MiB: more than the kernel takes beside the window
                client.send(frame(DATA, 0, stream, bytes(16384)))
        except OSError:  # it has ended, and what it said of that may be lost on the way
            pass
        edge.origin.at_head = False

        def is_at_fault():
            return client.ended or client.goaways or any(
                each.reset == FLOW_CONTROL_ERROR for each in client.answers.values())
        while not is_at_fault():
            client.read_frame()


def test_e65_the_handshake_has_the_head_deadline(tmp_path, carrier):
    edge = Edge(tmp_path, carrier=carrier, listener={"timeouts": {"head": "300ms"}})
    plain = socket.create_connection(("127.0.0.1", edge.hawser.port), timeout=PATIENCE)
    with contextlib.closing(edge.hawser.wrap(plain)) as client:
        begun = time.monotonic()
        client.sendall(PREFACE)
        while client.recv(1 << 16):
            pass
        assert 0.2 < time.monotonic() - begun < 3
    with edge.connect_h2() as client:
        client.get()
        client.send(frame(HEADERS, END_STREAM, 3, client.block(GET)))  # and no CONTINUATION
        begun = time.monotonic()
        client.read_to_end()
        assert [each.code for each in client.goaways] == [ENHANCE_YOUR_CALM]
        assert time.monotonic() - begun < 3
    edge.stop()


def test_e59_an_idle_connection_ends_in_order(tmp_path, carrier):
    edge = Edge(tmp_path, carrier=carrier, listener={"timeouts": {"idle": "300ms"}})
    with edge.connect_h2() as client:
        assert client.get().status == 200
        client.read_to_end()
        assert [each.code for each in client.goaways] == [NO_ERROR]
    edge.stop()


def test_e118_a_stop_lets_streams_finish(tmp_path, carrier):
    edge = Edge(tmp_path, carrier=carrier)
    held = threading.Event()
    edge.origin.script = lambda request: (held.wait(10), [answer(b"late")])[1]
    with edge.connect_h2() as client:
        stream = client.ask()
        wait_for(lambda: edge.origin.requests, "the request is there")
        edge.hawser.process.send_signal(signal.SIGTERM)
        while len(client.goaways) < 2:
            assert client.read_frame() is not None
        assert [each.last_stream for each in client.goaways] == [0x7fffffff, stream]
        assert all(each.code == NO_ERROR for each in client.goaways)
        held.set()
        assert client.answer(stream).body == b"late"
        client.read_to_end()
    assert edge.hawser.process.wait(5) == 0
    edge.origin.stop()


def test_e175_idle_connections_end_at_once_on_a_stop(tmp_path, carrier):
    edge = Edge(tmp_path, carrier=carrier)
    with edge.connect_h2() as client:
        client.get()
        edge.hawser.process.send_signal(signal.SIGTERM)
        client.read_to_end()
        assert {each.code for each in client.goaways} == {NO_ERROR}
    assert edge.hawser.process.wait(5) == 0
    edge.origin.stop()


def test_e171_a_reload_disturbs_no_stream(edge):
    held = threading.Event()
    edge.origin.script = lambda request: (held.wait(10), [answer(b"late")])[1]
    with edge.connect_h2() as client:
        stream = client.ask()
        wait_for(lambda: edge.origin.requests, "the request is there")
        edge.hawser.reload()
        held.set()
        assert client.answer(stream).body == b"late"
        assert client.get().status == 200
        assert not client.goaways




def read_to_goaway(client) -> None:
    while not client.goaways:
        assert client.read_frame() is not None, "an end without a GOAWAY"


@pytest.mark.parametrize("change", [{"http2": False}, {"limits": {"fields": 50}},
                                    {"limits": {"head": "20KiB"}}], ids=str)
def test_e118_a_reload_that_changes_what_was_agreed_lets_streams_finish(tmp_path, carrier, change):
    edge = Edge(tmp_path, carrier=carrier)
    try:
        edge.origin.answers(STALL)
        listener = edge.hawser.settings["listeners"]["web"]
        with edge.connect_h2() as busy, edge.connect_h2() as idle:
            asked = busy.ask(GET)
            wait_for(lambda: edge.origin.requests, "it is with the server")
            listener["timeouts"] = {"idle": "50s"}
            edge.hawser.reload()
            assert not busy.goaways, "that was agreed with nobody"
            listener |= change
            edge.hawser.reload()
            read_to_goaway(busy)
            assert busy.goaways[0].last_stream >= asked and busy.goaways[0].code == NO_ERROR
            idle.read_to_end()
            assert idle.goaways[-1].code == NO_ERROR and idle.ended
            assert not busy.answers[asked].is_over, "it goes on"
            edge.origin.forget()  # whoever waits there gets an end, and the next one an answer
            assert busy.answer(asked).status == 200
            busy.read_to_end()
            assert busy.ended
    finally:
        edge.stop()


def test_e173_connections_of_a_listener_that_is_gone_end_with_what_they_do(tmp_path):
    edge = Edge(tmp_path)
    try:
        settings = edge.hawser.settings
        edge.origin.answers(answer(b"ok"))
        with edge.connect() as idle, edge.connect() as busy, edge.connect_h2() as stream:
            assert idle.send(PLAIN).read_answer().status == 200
            edge.origin.answers(0.5, answer(b"late"))
            before = len(edge.origin.requests)
            busy.send(PLAIN)
            asked = stream.ask(GET)
            wait_for(lambda: len(edge.origin.requests) == before + 2, "both are with the server")
            settings["listeners"] = {"other": {"bind": f"127.0.0.1:{free_port()}"}}
            edge.hawser.reload()
            assert idle.read_to_end() == b"" and idle.ended == "closed"
            told = busy.read_answer()
            assert told.status == 200 and told.body == b"late"
            assert told.value("Connection") == "close" or busy.read_to_end() == b""
            assert stream.answer(asked).body == b"late"
            stream.read_to_end()
            assert stream.goaways and stream.ended
    finally:
        edge.stop()


def test_e155_sessions_hold_on_each_stream_of_one_connection(fleet_of):
    """E150: a session's cookie is found in crumbs, and decides its own stream alone."""
    fleet = fleet_of("ab")
    with fleet.hawser.connect_h2() as client:
        homes = {}
        for _ in range(8):
            seen = client.get()
            name, _, value = seen.heads[0]["set-cookie"].partition(";")[0].partition("=")
            homes[value] = seen.body
        assert set(homes.values()) == {b"a", b"b"}
        for value, home in homes.items():
            crumbs = [("cookie", "x=1"), ("cookie", f"{name}={value}"), ("cookie", "y=2")]
            assert client.get([*GET, *crumbs]).body == home
