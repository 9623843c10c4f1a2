# SPDX-License-Identifier: Apache-2.0
"""A new binary takes over, and nobody notices but the operator (E176)."""

import os
import signal
import socket
import threading

import pytest

from crowd import Crowd
from harness import STALL, answer, wait_for
from upgrades import pretender, upgradable  # noqa: F401

GET = b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"


# ---- under load -------------------------------------------------------------------------------

def test_e176_twenty_upgrades_under_load_lose_nobody(upgradable):
    node = upgradable("abc", workers=2)
    with Crowd(node) as crowd:
        for _ in range(20):
            node.upgrade("--wait")
            crowd.wait_for_answers(20)
    assert crowd.failures == []
    assert len(set(node.pids)) == 21
    for pid in node.pids[:-1]:
        node.wait_for_end_of(pid)
    assert sum(node.sessions_of(name) for name in "abc") == len(crowd.visitors)


@pytest.mark.parametrize("workers", [(1, 3), (3, 1), (2, 4)])
def test_e176_another_number_of_workers_takes_over_each_socket(upgradable, workers):
    before, after = workers
    node = upgradable("ab", workers=before)
    with Crowd(node, keep=2, post=2, come=4) as crowd:
        node.hawser.settings["workers"] = after
        node.hawser.write_settings()
        node.upgrade("--wait")
        crowd.wait_for_answers(200)
        assert node.status()["workers"] == after
        node.hawser.settings["workers"] = before
        node.hawser.write_settings()
        node.upgrade("--wait")
        crowd.wait_for_answers(200)
    assert crowd.failures == []


def test_sessions_that_begin_during_the_copy_are_known_afterwards(upgradable):
    node = upgradable("abc", workers=2)
    visitors = []
    over = threading.Event()

    def begin_sessions() -> None:
        while not over.is_set():
            visitor = node.visitor()
            visitor.home = visitor.ask().body
            assert visitor.ask().body == visitor.home
            visitors.append(visitor)

    beginning = threading.Thread(target=begin_sessions)
    beginning.start()
    try:
        for _ in range(3):
            count = len(visitors)
            node.upgrade("--wait")
            wait_for(lambda: len(visitors) > count + 10, "sessions begin")
    finally:
        over.set()
        beginning.join()
    servers = node.status()["pools"][0]["servers"]
    assert sum(each["sessions"]["established"] for each in servers) == len(visitors)
    assert [each.ask().body for each in visitors] == [each.home for each in visitors]


def test_a_slow_answer_ends_in_the_process_that_has_its_request(upgradable):
    node = upgradable("a")
    node["a"].script = lambda request: [1.0, answer(b"slow")]
    client = node.connect().send(GET)
    wait_for(lambda: node["a"].requests, "the server has the request")
    node.upgrade()
    node["a"].script = lambda request: [answer(b"quick")]
    assert node.visitor().ask().body == b"quick"
    told = client.read_answer()
    assert (told.body, told.value("Connection")) == (b"slow", "close")
    node.wait_for_end_of(node.pids[0])


def test_an_idle_connection_may_send_one_more_request(upgradable):
    node = upgradable("a")
    idle = node.connect()
    assert idle.send(GET).read_answer().status == 200
    node.upgrade()

    def is_told_to_close() -> bool:
        """Once the old one has let go of its sockets."""
        told = idle.send(b"POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 2\r\n\r\nhi"
                         ).read_answer()
        assert told.status == 200
        return told.value("Connection") == "close"
    wait_for(is_told_to_close)
    node.wait_for_end_of(node.pids[0])


def read_exactly(client, size: int) -> bytes:
    got = b""
    while len(got) < size:
        more = client.socket.recv(size - len(got))
        assert more, f"ended after {got!r}"
        got += more
    return got


def read_head(client) -> bytes:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += read_exactly(client, 1)
    return head


HANDSHAKE = (
    b"GET /chat HTTP/1.1\r\nHost: shop.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
SWITCHED = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
RESTART = b"\x88\x11\x03\xf4service restart"  # 1012


def test_the_clients_of_websockets_are_told_to_come_again(upgradable):
    node = upgradable("a", **{"upgrade-timeout": "6s"})
    node["a"].answers(SWITCHED, STALL)
    clients = [node.connect().send(HANDSHAKE) for _ in range(5)]
    late = node.connect()
    for each in clients:
        assert read_head(each).startswith(b"HTTP/1.1 101 ")
    node.upgrade()
    assert [read_exactly(each, len(RESTART)) for each in clients] == [RESTART] * 5
    late.send(HANDSHAKE)  # over a connection that the old process has
    assert read_head(late).startswith(b"HTTP/1.1 101 ")
    assert read_exactly(late, len(RESTART)) == RESTART
    for each in [*clients, late]:
        each.close()
    node.wait_for_end_of(node.pids[0])


def test_websockets_that_do_not_go_have_heard_why_when_the_deadline_ends_them(upgradable):
    node = upgradable("a", **{"upgrade-timeout": "900ms", "stop-timeout": "300ms"})
    node["a"].answers(SWITCHED, STALL)
    clients = [node.connect().send(HANDSHAKE) for _ in range(20)]
    for each in clients:
        assert read_head(each).startswith(b"HTTP/1.1 101 ")
    node.upgrade("--wait")
    assert {each.read_to_end() for each in clients} == {RESTART}
    node.wait_for_end_of(node.pids[0])


def test_what_does_not_end_is_ended_at_the_deadline(upgradable):
    node = upgradable("a", **{"upgrade-timeout": "300ms", "stop-timeout": "300ms"})
    node["a"].answers(STALL)
    node.connect().send(GET)
    wait_for(lambda: node["a"].requests, "the server has the request")
    node.upgrade("--wait")
    node.wait_for_end_of(node.pids[0])


def test_the_killed_old_process_takes_nothing_with_it(upgradable):
    node = upgradable("ab")
    node["a"].answers(STALL)
    node["b"].answers(STALL)
    node.connect().send(GET)
    wait_for(lambda: node.requests, "a server has the request")
    node.upgrade()
    os.kill(node.pids[0], signal.SIGKILL)
    node.hawser.process.wait()
    for name in "ab":
        node[name].script = lambda request: [answer(b"ok")]
    wait_for(lambda: node.upgrade_state()["phase"] == "none", "the end is seen")
    assert node.visitor().ask().status == 200
    node.upgrade("--wait")


# ---- what outlives the new process ----------------------------------------------------------

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_sessions_are_known_after_the_end_of_a_process_that_had_taken_over(upgradable, number):
    node = upgradable("abc")
    visitors = [node.visitor() for _ in range(30)]
    for each in visitors * 2:
        each.ask()
    node.upgrade("--wait")
    wait_for(lambda: node.metrics()["hawser_snapshots_written_total"] == 1, "it writes them down")
    node.signal(number)
    node.processes[-1].wait(10)
    node.hawser._start()
    node.processes.append(node.hawser.process)
    assert node.metrics()["hawser_snapshot_restored_sessions"] == 30


# ---- what both know -------------------------------------------------------------------------

def test_counters_go_on(upgradable):
    node = upgradable("abc", workers=2)
    asked = 'hawser_requests_total{listener="web",pool="shop",code="2xx"}'
    with Crowd(node) as crowd:
        for _ in range(3):
            node.upgrade("--wait")
            crowd.wait_for_answers(20)
    assert crowd.failures == []
    wait_for(lambda: node.metrics()[asked] == crowd.answers, "every answer is counted once")
    started = 'hawser_sessions_started_total{pool="shop"}'
    assert node.metrics()[started] == len(crowd.visitors)
    assert node.metrics()['hawser_request_duration_seconds_count{pool="shop"}'] == crowd.answers
    sent = sum(node.metrics()[f'hawser_server_attempts_total{{pool="shop",server="{each}"}}']
               for each in "abc")
    assert sent >= crowd.answers
    assert sum(node.server(each)["requests"] for each in "abc") == sent, "status says the same"


def test_a_counter_is_never_less_than_before(upgradable):
    node = upgradable("ab", workers=2)
    asked = 'hawser_requests_total{listener="web",pool="shop",code="2xx"}'
    seen: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            try:
                seen.append(node.metrics().get(asked, 0))
            except OSError:
                pass  # it was being answered by the process that left

    with Crowd(node) as crowd:
        looking = threading.Thread(target=look)
        looking.start()
        try:
            for _ in range(3):
                node.upgrade("--wait")
                crowd.wait_for_answers(20)
        finally:
            over.set()
            looking.join()
    assert len(seen) > 10 and seen == sorted(seen)


def test_a_session_that_the_new_process_moves_is_known_to_the_old_one(upgradable):
    node = upgradable("abcd", pool={"health": {"passive": {"out-for": "1m"}}})
    visitors = [node.visitor() for _ in range(30)]
    for each in visitors:
        each.home = each.ask().body
    ours = [each for each in visitors if each.home == b"a"]
    assert len(ours) >= 3
    idle = [node.connect() for _ in ours]  # each with a last request to come
    for visitor, client in zip(ours, idle):
        assert visitor.ask(over=client).body == b"a"
    before = [each.cookie for each in ours]
    node.upgrade()
    node["a"].stop()
    moved = [each.ask().body for each in ours]
    assert b"a" not in moved
    node.metrics()  # by then the old process has heard of it
    for visitor, cookie, client, home in zip(ours, before, idle, moved):
        visitor.cookie = cookie  # as a request that was sent before the answer with the new one came
        assert visitor.ask(over=client).body == home


def test_what_people_set_holds_for_whom_the_old_process_still_has(upgradable):
    node = upgradable("abc")
    visitors = [node.visitor() for _ in range(30)]
    for each in visitors:
        each.home = each.ask().body
    idle = {each: node.connect() for each in visitors if each.home in b"ab"}
    for visitor, client in idle.items():
        assert visitor.ask(over=client).body == visitor.home
    assert {each.home for each in idle} == {b"a", b"b"}
    node.upgrade()
    assert node.set("a", state="maintenance").status == 200
    assert node.act("/v1/pools/shop/servers/b/drain", {"deadline": "1s"}, "PUT").status == 200
    wait_for(lambda: node.hawser.errors().count("holds here, too") >= 1, "the old one has heard")
    wait_for(lambda: node.server("b")["state"] == "drained")
    for visitor, client in idle.items():
        told = visitor.ask(over=client)
        assert (told.body, told.value("Connection")) == (b"c", "close"), "the old one has moved it"
    node.wait_for_end_of(node.pids[0])
    assert node.sessions_of("a") == node.sessions_of("b") == 0


# ---- the operator -----------------------------------------------------------------------------

def test_e176_old_and_new_never_both_answer_the_operator(upgradable):
    node = upgradable("a")
    seen: list[int] = []
    refused: list[OSError] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            try:
                seen.append(node.upgrade_state()["pid"])
            except ConnectionRefusedError as why:
                refused.append(why)
            except OSError:
                pass  # it was being answered by the process that left

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(5):
            node.upgrade("--wait")
    finally:
        over.set()
        looking.join()
    changes = sum(one != other for one, other in zip(seen, seen[1:]))
    assert changes == 5
    assert refused == []


def test_one_upgrade_at_a_time(upgradable):
    node = upgradable("a")
    node["a"].answers(STALL)
    node.connect().send(GET)
    wait_for(lambda: node["a"].requests, "the server has the request")
    node.upgrade()
    assert node.upgrade_state() | {"why": ""} == {"pid": node.pid, "phase": "follows",
                                         "other_pid": node.pids[0], "why": ""}
    assert f"process {node.pids[0]}" in node.fail_to_upgrade()


def test_the_service_manager_hears_which_process_is_the_main_one(upgradable, tmp_path, monkeypatch):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(path))
        notified.settimeout(10)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        node = upgradable("a")
        node.upgrade("--wait")
        while not (told := notified.recv(4096)).startswith(b"MAINPID="):
            pass
        assert told == b"MAINPID=%d" % node.pid


# ---- a new process that does not start --------------------------------------------------------

def test_e176_an_invalid_file_is_told_and_the_old_process_goes_on(upgradable):
    node = upgradable("ab")
    good = node.hawser.config_path.read_text()
    node.hawser.config_path.write_text("listeners:\n  web:\n    bnid: ':1'\n")
    with Crowd(node) as crowd:
        assert "hawser.yaml:3:5:" in node.fail_to_upgrade()
        crowd.wait_for_answers(50)
        node.hawser.config_path.write_text(good)
        node.upgrade("--wait")
        crowd.wait_for_answers(50)
    assert crowd.failures == []


FAILURES = {
    "says nothing": "sys.exit(0)",
    "takes over in another way": "hello(99); time.sleep(20)",
    "says what nobody understands": "say(77, b'x'); time.sleep(20)",
    "is silent after a length that cannot be": "old.sendall(b'\\xff' * 5); time.sleep(20)",
    "ends with the sockets": "hello(); hear(SOCKETS)",
    "ends in the copy": "hello(); hear(SOCKETS_END)",
    "ends after the copy": "hello(); hear(COPIED)",
    "is ready too early": "hello(); say(ACCEPTING); time.sleep(20)",
    "ends when it should accept": "hello(); hear(COPIED); say(PREPARED); hear(GO)",
}


def held(node) -> int:
    """Descriptors but those of connections to servers."""
    kept = sum(each["connections"] for each in node.status()["pools"][0]["servers"])
    return node.hawser.descriptors() - kept


@pytest.mark.parametrize("does", FAILURES.values(), ids=FAILURES.keys())
def test_e176_the_old_process_goes_on_when_the_new_one(upgradable, tmp_path, does):
    node = upgradable("ab", workers=2)
    before = held(node)
    with Crowd(node, keep=2, post=2, come=2) as crowd:
        node.fail_to_upgrade("--binary", pretender(tmp_path, does))
        assert node.upgrade_state()["phase"] == "failed"
        crowd.wait_for_answers(50)
    assert crowd.failures == []
    wait_for(lambda: held(node) <= before, "what was made for it is closed")
    node.upgrade("--wait")


def test_what_others_can_write_is_not_run(upgradable, tmp_path):
    node = upgradable("a")
    writable = tmp_path / "writable"
    writable.write_bytes(b"#!/bin/sh\n")
    writable.chmod(0o777)
    assert "can be written by others" in node.fail_to_upgrade("--binary", str(writable))
    assert "no file that can be run" in node.fail_to_upgrade("--binary", str(tmp_path / "hawser.yaml"))
