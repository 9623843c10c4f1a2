# SPDX-License-Identifier: Apache-2.0
"""E161, E162, E169: limits of the whole process and of a source; who goes on when one is near."""

import contextlib
import re
import resource
import socket

import pytest

from edge import request
from fleet import Verdict
from h2_client import GET, H2Client
from harness import STALL, wait_for
from operators import Operated

MEBIBYTE = 1 << 20


@pytest.fixture
def operated(tmp_path):
    made = []

    def make(names="ab", **settings):
        made.append(Operated(tmp_path, names, **settings))
        return made[0]

    yield make
    for each in made:
        each.stop()


def metric(fleet, name: str) -> float:
    """Of one series, or 0."""
    text = fleet.admin("GET", "/metrics").text
    found = re.search(rf"^hawser_{re.escape(name)} (\S+)$", text, re.M)
    return float(found[1]) if found else 0


def state_of(fleet, what: str) -> float:
    return metric(fleet, f'overload{{of="{what}"}}')


def refused(fleet, reason: str) -> float:
    return metric(fleet, f'connections_refused_total{{listener="web",reason="{reason}"}}')


def set_limits(fleet, **limits) -> None:
    fleet.hawser.settings["limits"] = limits
    fleet.hawser.reload()


@contextlib.contextmanager
def crowd(fleet, count: int):
    """So many clients that are there and do nothing."""
    made = [fleet.connect() for _ in range(count)]
    try:
        yield made
    finally:
        for each in made:
            each.close()


def who_hear(clients) -> list:
    """Those that were told something, in whatever order the workers have met them."""
    return [each for each in clients if not each.hears_nothing(0)]


def is_turned_away(client) -> bool:
    """By a 503, before anything was looked at."""
    told = client.read_answer()
    return told.status == 503 and bool(told.value("Retry-After")) and \
        told.value("Connection") == "close"


# ---- connections in all ----

def test_e162_the_process_takes_so_many_connections_over_all_workers_and_listeners(operated):
    fleet = operated(workers=4, limits={"connections": 20})
    with crowd(fleet, 20) as clients:
        wait_for(lambda: metric(fleet, 'connections{listener="web"}') == 20)
        wait_for(lambda: state_of(fleet, "connections") == 1, "that has been noticed")
        assert clients[0].send(request()).read_answer().status == 503, "and so makes room"
        wait_for(lambda: metric(fleet, 'connections{listener="web"}') == 19)
        with crowd(fleet, 5) as late:
            told = wait_for(lambda: len(who_hear(late)) == 4 and who_hear(late))
            assert all(is_turned_away(each) for each in told)
            [taken] = [each for each in late if each not in told]
            assert taken.send(request()).read_answer().status == 503, "it is a newcomer, too"
            assert refused(fleet, "process-limit") == 4, "but was not turned away at the door"
    wait_for(lambda: fleet.hawser.ask(request()).status == 200, "there is room again")


def test_e162_near_the_limit_sessions_are_served_and_newcomers_refused(operated):
    fleet = operated(limits={"connections": 20})
    visitor = fleet.visitor()
    assert visitor.ask().status == 200
    with crowd(fleet, 18):
        wait_for(lambda: state_of(fleet, "connections") == 1, "nine tenths are in use")
        for _ in range(3):
            told = visitor.ask()
            assert told.status == 200 and Verdict.of(told).verdict == "hit"
            newcomer = fleet.hawser.ask(request())
            assert newcomer.status == 503 and newcomer.value("Retry-After")
            assert newcomer.value("Connection") == "close", "which makes room"
    wait_for(lambda: state_of(fleet, "connections") == 0)
    assert fleet.visitor().ask().status == 200
    assert fleet.hawser.has_said("connections: enough again")
    assert fleet.hawser.errors().count("connections: nearly all in use") == 1, "told once"
    assert fleet.hawser.errors().count("connections: enough again") == 1
    assert {each["ended"] for each in fleet.hawser.access() if each["status"] == 503} == \
        {"overload"}


def test_e162_streams_of_http2_are_told_apart_by_their_sessions(operated):
    fleet = operated(limits={"connections": 20})
    visitor = fleet.visitor()
    assert visitor.ask().status == 200
    with crowd(fleet, 18), H2Client(fleet.hawser.port) as client:
        wait_for(lambda: state_of(fleet, "connections") == 1)
        known, new = (client.ask(fields) for fields in
                      ([*GET, ("cookie", visitor.cookie)], GET))
        assert client.answer(known).status == 200
        assert client.answer(new).status == 503
        assert client.answer(client.ask([*GET, ("cookie", visitor.cookie)])).status == 200, \
            "whoever shares a connection goes on"


def test_e161_by_default_accepted_clients_still_reach_servers(operated):
    """Half of the descriptors less a reserve: set on the running process, seen by a reload."""
    fleet = operated("a", pool={"affinity": []})
    limit = 400
    resource.prlimit(fleet.hawser.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
    fleet.hawser.reload()
    most = metric(fleet, "connections_max")
    assert most == (limit - 128) // 2
    fleet["a"].answers(STALL)
    asked = [fleet.connect().send(request()) for _ in range(int(most))]
    wait_for(lambda: len(fleet["a"].requests) == len(asked), "each of them reaches a server")
    with fleet.connect() as late:
        assert is_turned_away(late)
    assert refused(fleet, "process-limit") == 1
    assert metric(fleet, 'connections_refused_total{listener="web",reason="descriptors"}') == 0
    for each in asked:
        each.close()


# ---- connections of a source ----

def test_e162_a_source_has_so_many_connections_whichever_worker_they_meet(operated):
    fleet = operated(workers=4, listener={"limits": {"connections-per-source": 5}})
    with crowd(fleet, 5) as clients:
        assert all(each.send(request()).read_answer().status == 200 for each in clients)
        with crowd(fleet, 3) as more:
            assert all(is_turned_away(each) for each in more)
        with socket.create_connection(("127.0.0.1", fleet.hawser.port), timeout=5,
                                      source_address=("127.0.0.2", 0)) as other:
            other.sendall(request(b"GET / HTTP/1.1", b"Connection: close"))
            assert other.recv(100).startswith(b"HTTP/1.1 200"), "another source has its own"
        assert refused(fleet, "source") == 3
        clients.pop().close()
        wait_for(lambda: fleet.hawser.ask(request()).status == 200, "one of them has gone")


def test_e162_proxies_that_are_trusted_are_no_source(operated):
    fleet = operated(listener={"limits": {"connections-per-source": 2},
                               "trusted-proxies": ["127.0.0.0/8"]})
    with crowd(fleet, 5) as clients:
        assert all(each.send(request()).read_answer().status == 200 for each in clients)


def test_e162_behind_a_proxy_the_source_is_whom_its_header_names(operated):
    fleet = operated(listener={"limits": {"connections-per-source": 2},
                               "trusted-proxies": ["127.0.0.1"], "proxy-protocol": "required"})

    def come(address: str):
        return fleet.connect().send(b"PROXY TCP4 %s 192.0.2.99 1000 80\r\n" % address.encode())
    kept = [come("192.0.2.1").send(request()) for _ in range(2)]
    assert [each.read_answer().status for each in kept] == [200, 200]
    with come("192.0.2.1") as more:
        assert is_turned_away(more)
    with come("192.0.2.2") as other:
        assert other.send(request()).read_answer().status == 200
    assert refused(fleet, "source") == 1
    for each in kept:
        each.close()


def test_e162_http2_counts_as_one_connection(operated):
    fleet = operated(listener={"limits": {"connections-per-source": 1}})
    with H2Client(fleet.hawser.port) as client:
        assert [client.get(GET).status for _ in range(5)] == [200] * 5
        with fleet.connect() as more:
            assert is_turned_away(more)
    wait_for(lambda: fleet.hawser.ask(request()).status == 200)


# ---- memory ----

def resident(fleet) -> int:
    words = open(f"/proc/{fleet.hawser.process.pid}/statm").read().split()
    return int(words[1]) * resource.getpagesize()


def press(fleet, percent: float, state: int) -> None:
    """Sets a limit of which so much is in use now."""
    def pressed():
        set_limits(fleet, memory="off")  # a state eases only below where it began
        set_limits(fleet, memory=int(resident(fleet) * 100 / percent))
        return state_of(fleet, "memory") == state
    wait_for(pressed, f"{percent} % are in use")


def test_e169_near_the_memory_limit_sessions_go_on_and_newcomers_are_refused(operated):
    fleet = operated()
    visitor = fleet.visitor()
    assert visitor.ask().status == 200
    with fleet.connect() as idle:
        assert idle.send(visitor.request()).read_answer().status == 200
        press(fleet, 96, 1)
        assert idle.read_to_end() == b"", "idle connections are closed"
    told = visitor.ask()
    assert told.status == 200 and Verdict.of(told).verdict == "hit"
    newcomer = fleet.hawser.ask(request())
    assert newcomer.status == 503 and newcomer.value("Retry-After")
    assert fleet.admin("GET", "/v1/status").status == 200, "operators are answered (E170)"
    set_limits(fleet, memory="off")
    assert fleet.hawser.ask(request()).status == 200
    assert fleet.hawser.has_said("memory: nearly all in use")


def test_e169_at_the_memory_limit_nobody_is_accepted_and_who_is_in_goes_on(operated):
    fleet = operated()
    visitor = fleet.visitor()
    assert visitor.ask().status == 200
    fleet["a"].answers(STALL)
    fleet["b"].answers(STALL)
    with fleet.connect() as known:
        served = len(fleet.requests)
        known.send(visitor.request())
        wait_for(lambda: len(fleet.requests) > served, "its request is on its way")
        press(fleet, 110, 2)
        with fleet.connect() as waiting:
            assert waiting.send(request()).hears_nothing(0.3) or is_turned_away(waiting)
        assert known.hears_nothing(0.1), "its request is still there"
        set_limits(fleet, memory="off")
        known.reset()
    for each in "ab":
        fleet[each].forget()
    wait_for(lambda: metric(fleet, 'overload{of="memory"}') == 0)
    with fleet.connect() as late:
        late.send(request())
        wait_for(lambda: fleet.requests, "the door is open again")
    assert fleet.hawser.has_said("memory: all in use")
    assert fleet.hawser.has_said("memory: enough again")
