# SPDX-License-Identifier: Apache-2.0
"""Requests that wait for a place at a server: who, for how long, and what ends the wait."""

import json
import signal
import threading
import time

import pytest

from edge import request
from fleet import Verdict, answers_its_name
from h2_client import CANCEL, RST, frame
from harness import RawClient, RawOrigin, answer, wait_for
from operators import Operated, operated_by  # noqa: F401  (a fixture)
from test_websocket import HANDSHAKE, SWITCH

QUEUE = {"length": 100, "timeout": "30s"}


class Gate:
    """A server's requests are answered with its name, each once it is let through."""

    def __init__(self, origin: RawOrigin, name: str):
        self.origin, self.name = origin, name
        self._let = threading.Semaphore(0)
        self.most_at_once = self._inside = 0
        self._lock = threading.Lock()
        origin.script = self._script

    def _script(self, _request) -> list[bytes]:
        with self._lock:
            self._inside += 1
            self.most_at_once = max(self.most_at_once, self._inside)
        self._let.acquire(timeout=60)
        with self._lock:
            self._inside -= 1
        return [answer(self.name.encode())]

    def let(self, count: int = 1) -> None:
        self._let.release(count)

    def open(self) -> None:
        answers_its_name(self.origin, self.name)
        self.let(1000)


def limited(node: Operated, most: int = 1, **more) -> dict[str, Gate]:
    """From now on each server has so many places, and answers only who is let through."""
    servers = node.hawser.settings["pools"]["shop"]["servers"]
    for name, origin in node.origins.items():
        servers[name] = {"address": origin.address, "max-connections": most} | more
    node.hawser.reload()
    return {name: Gate(origin, name) for name, origin in node.origins.items()}


def waiting(node: Operated) -> int:
    return node.status()["pools"][0]["queue"]["waiting"]


def held(node: Operated, count: int) -> list[RawClient]:
    """So many requests that are with their servers."""
    before = len(node.requests)
    clients = [node.connect().send(request()) for _ in range(count)]
    wait_for(lambda: len(node.requests) == before + count, "they are under way")
    return clients


def queued(node: Operated, count: int, what: bytes = b"") -> list[RawClient]:
    """So many more that wait."""
    before, clients = waiting(node), []
    for i in range(count):
        clients.append(node.connect().send(what or request()))
        wait_for(lambda: waiting(node) == before + i + 1, "it waits")  # noqa: B023
    return clients


def settled(node: Operated, server: str):
    """A visitor whose home that server is."""
    while True:
        visitor = node.visitor()
        if Verdict.of(visitor.ask()).server == server:
            assert Verdict.of(visitor.ask()).verdict == "hit"
            return visitor


def ended(node: Operated, cause: str) -> float:
    """Counted once all is done, so maybe after the client has its answer."""
    name = "hawser_requests_ended_early_total"
    return node.metrics().get(f'{name}{{listener="web",pool="shop",cause="{cause}"}}', 0)


def waits(node: Operated, outcome: str) -> float:
    return node.metrics().get(f'hawser_queue_waits_total{{pool="shop",outcome="{outcome}"}}', 0)


# ---- who waits ------------------------------------------------------------------------------

@pytest.mark.parametrize("workers", (1, 4))
def test_all_are_served_in_turn_and_no_server_has_more_than_it_may(operated_by, workers):  # noqa: F811
    node = operated_by("ab", pool={"queue": QUEUE}, workers=workers)
    gates = limited(node, 2)
    clients = held(node, 4) + queued(node, 12)
    assert node.metrics()['hawser_queue_length{pool="shop"}'] == 12
    for gate in gates.values():
        gate.let(16)
    for each in clients:
        assert each.read_answer().status == 200
    assert {gate.most_at_once for gate in gates.values()} == {2}
    assert waiting(node) == 0
    wait_for(lambda: waits(node, "served") == 12)
    assert node.metrics()['hawser_queue_duration_seconds_count{pool="shop"}'] == 12


@pytest.mark.parametrize("workers", (1, 4))
def test_the_first_to_come_is_the_first_to_go(operated_by, workers):  # noqa: F811
    node = operated_by("a", pool={"queue": QUEUE}, workers=workers)
    gate = limited(node)["a"]
    first = held(node, 1)[0]
    line = queued(node, 6)
    gate.let()
    assert first.read_answer().status == 200
    for each in line:
        gate.let()
        assert each.read_answer().status == 200
        assert len(node.requests) <= 2 + line.index(each) + 1


def test_who_waited_in_vain_is_told_when_to_come_back(operated_by):  # noqa: F811
    page = "<!doctype html><meta http-equiv=refresh content=9><p>A moment, please.</p>"
    node = operated_by("a", pool={"queue": {"length": 10, "timeout": "300ms"}, "retry-after": "9s",
                                  "error-pages": {"503": {"html": page, "json": '{"wait": 9}'}}})
    gate = limited(node)["a"]
    held(node, 1)
    told = node.hawser.ask(request(b"GET / HTTP/1.1", b"Accept: text/html"))
    assert told.status == 503 and told.value("Retry-After") == "9"
    assert told.body.decode() == page
    told = node.hawser.ask(request(b"GET / HTTP/1.1", b"Accept: application/json"))
    assert json.loads(told.body) == {"wait": 9}
    record = wait_for(lambda: [each for each in node.hawser.access() if each["status"] == 503][-1:],
                      "it is in the log")[0]
    assert record["ended"] == "queue-timeout" and record["queued_us"] >= 300_000
    assert "server" not in record and record["attempts"] == 0
    wait_for(lambda: ended(node, "queue-timeout") == 2 and waits(node, "queue-timeout") == 2)
    gate.open()


def test_beyond_its_length_and_without_a_queue_it_is_503_at_once(operated_by):  # noqa: F811
    node = operated_by("a", pool={"queue": {"length": 2, "timeout": "30s"}})
    gate = limited(node)["a"]
    holds, line = held(node, 1), queued(node, 2)
    told = node.hawser.ask(request())
    assert told.status == 503 and told.value("Retry-After") == "1"
    wait_for(lambda: ended(node, "queue-full") == 1)
    gate.open()
    assert {each.read_answer().status for each in holds + line} == {200}

    node.hawser.settings["pools"]["shop"]["queue"] = "off"
    gate = limited(node)["a"]
    held(node, 1)
    assert node.hawser.ask(request()).status == 503
    wait_for(lambda: ended(node, "full") == 1)
    gate.open()


# ---- sessions -------------------------------------------------------------------------------

def test_a_session_waits_for_its_home_and_a_new_one_goes_elsewhere(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"queue": QUEUE, "when-home-is-full": "wait"})
    visitor = settled(node, "a")
    gates = limited(node)
    gates["b"].open()
    holds = node.connect().send(visitor.request())
    wait_for(lambda: node.server("a")["in_flight"] == 1, "the only place is taken")
    waits_for_home = queued(node, 1, visitor.request())[0]
    assert node.server("a")["waiting"] == 1
    assert "1/1" in node.command("status").stdout
    assert Verdict.of(node.visitor().ask()).server == "b"
    gates["a"].let(2)
    assert holds.read_answer().status == 200
    assert Verdict.of(waits_for_home.read_answer()) == Verdict("hit", "", "a")


def test_a_session_that_waited_for_its_home_in_vain_is_refused_and_stays(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"queue": {"length": 9, "timeout": "200ms"},
                                   "when-home-is-full": "wait"})
    visitor = settled(node, "a")
    gates = limited(node)
    holds = node.connect().send(visitor.request())
    wait_for(lambda: node.server("a")["in_flight"] == 1, "the only place is taken")
    assert visitor.ask().status == 503
    verdicts = 'hawser_session_verdicts_total{pool="shop",verdict="refused",cause="home-full"}'
    wait_for(lambda: node.metrics()[verdicts] == 1)
    gates["a"].open()
    assert holds.read_answer().status == 200
    assert Verdict.of(visitor.ask()) == Verdict("hit", "", "a")


def test_a_session_may_move_from_a_full_home(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"when-home-is-full": "move"})
    visitor = settled(node, "a")
    gates = limited(node)
    gates["b"].open()
    holds = node.connect().send(visitor.request())
    wait_for(lambda: node.server("a")["in_flight"] == 1, "the only place is taken")
    assert Verdict.of(visitor.ask()) == Verdict("moved", "home-full", "b")
    gates["a"].open()
    assert holds.read_answer().status == 200
    assert Verdict.of(visitor.ask()) == Verdict("hit", "", "b")


def test_new_sessions_go_elsewhere_when_a_server_has_as_many_as_it_may(operated_by):  # noqa: F811
    node = operated_by("ab")
    servers = node.hawser.settings["pools"]["shop"]["servers"]
    for name, origin in node.origins.items():
        servers[name] = {"address": origin.address, "max-sessions": 3 if name == "a" else 5}
    node.hawser.reload()
    visitors = [node.visitor() for _ in range(8)]
    for each in visitors:
        assert each.ask().status == 200
    assert {name: node.sessions_of(name) for name in "ab"} == {"a": 3, "b": 5}
    refused = node.visitor().ask()
    assert refused.status == 503 and refused.value("Retry-After") == "1"
    wait_for(lambda: ended(node, "full") == 1)
    assert {Verdict.of(each.ask()).verdict for each in visitors} == {"hit"}, "those at home stay"


# ---- what happens meanwhile -----------------------------------------------------------------

@pytest.mark.parametrize("leaves", ("close", "reset", "half_close"))
def test_a_client_that_leaves_waits_no_more(operated_by, leaves):  # noqa: F811
    node = operated_by("a", pool={"queue": QUEUE})
    gate = limited(node)["a"]
    holds = held(node, 1)[0]
    gone, stays = queued(node, 2)
    getattr(gone, leaves)()
    wait_for(lambda: waiting(node) == 1, "it is taken out at once")
    gate.let(2)
    assert holds.read_answer().status == 200
    assert stays.read_answer().status == 200
    assert len(node.requests) == 2, "nothing of it came to a server"
    wait_for(lambda: ended(node, "client-left") == 1)


def test_a_session_whose_home_dies_meanwhile_moves(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"queue": QUEUE, "when-home-is-full": "wait",
                                   "health": {"tcp": "on", "interval": "100ms", "fall": 1}})
    visitor = settled(node, "a")
    gates = limited(node)
    gates["b"].open()
    node.connect().send(visitor.request())
    wait_for(lambda: node.server("a")["in_flight"] == 1, "the only place is taken")
    waits_for_home = queued(node, 1, visitor.request())[0]
    node["a"]._listener.close()  # who is in stays, so that its place is taken still
    wait_for(lambda: node.server("a")["state"] == "down", "its check sees it")
    told = Verdict.of(waits_for_home.read_answer())
    assert (told.verdict, told.cause, told.server) == ("moved", "home-down", "b")


def test_a_server_that_dies_gives_its_places_and_its_waiters_to_others(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"queue": QUEUE})
    gates = limited(node)
    held(node, 2)
    line = queued(node, 2)
    node["a"].stop()  # ends what is under way, too
    gates["b"].let(4)
    assert {each.read_answer().body for each in line} == {b"b"}
    assert waiting(node) == 0


def test_a_drain_and_maintenance_take_effect_on_who_waits(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"queue": QUEUE, "when-home-is-full": "wait"})
    visitor = settled(node, "a")
    gates = limited(node)
    gates["b"].open()
    holds = node.connect().send(visitor.request())
    wait_for(lambda: node.server("a")["in_flight"] == 1, "the only place is taken")
    line = queued(node, 2, visitor.request())
    assert node.command("drain", "shop/a").returncode == 0
    wait_for(lambda: node.server("a")["state"] == "drain", "it drains")
    assert waiting(node) == 2, "sessions at home stay"
    gates["a"].let()
    assert holds.read_answer().status == 200
    wait_for(lambda: waiting(node) == 1, "the first has the place")
    assert node.command("maintenance", "shop/a").returncode == 0
    told = Verdict.of(line[1].read_answer())
    assert (told.verdict, told.cause, told.server) == ("moved", "maintenance", "b")
    gates["a"].open()
    assert line[0].read_answer().status == 200


def test_a_reload_serves_who_waits_by_what_is_true_then(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"queue": QUEUE, "when-home-is-full": "wait"})
    visitor = settled(node, "a")
    gates = limited(node)
    servers = node.hawser.settings["pools"]["shop"]["servers"]
    holds = node.connect().send(visitor.request())
    wait_for(lambda: node.server("a")["in_flight"] == 1, "the only place is taken")
    first, second = queued(node, 2, visitor.request())
    servers["a"]["max-connections"] = 2
    node.hawser.reload()
    wait_for(lambda: waiting(node) == 1, "one more has a place")
    gates["b"].open()
    address = servers.pop("a")
    node.hawser.reload()
    told = Verdict.of(second.read_answer())
    assert (told.verdict, told.cause, told.server) == ("moved", "unknown-server", "b")
    gates["a"].let(2)
    assert holds.read_answer().status == first.read_answer().status == 200
    servers["a"] = address
    node.hawser.reload()


def test_a_server_that_is_added_serves_who_waits(operated_by):  # noqa: F811
    node = operated_by("a", pool={"queue": QUEUE})
    gate = limited(node)["a"]
    holds, line = held(node, 1), queued(node, 3)
    third = node.add("c")
    assert node.command("add", "shop/c", third.address).returncode == 0
    assert {each.read_answer().body for each in line} == {b"c"}
    gate.open()
    assert holds[0].read_answer().status == 200


def test_a_graceful_stop_serves_who_waits_and_its_limit_ends_all(operated_by):  # noqa: F811
    node = operated_by("a", pool={"queue": QUEUE}, **{"stop-timeout": "60s"})
    gate = limited(node)["a"]
    holds, line = held(node, 1), queued(node, 2)
    node.signal(signal.SIGTERM)
    wait_for(lambda: "stopping" in node.hawser.errors(), "the second signal is another one")
    gate.let(2)
    assert holds[0].read_answer().status == 200
    assert line[0].read_answer().status == 200
    node.signal(signal.SIGTERM)  # now at once
    assert node.wait_until_over() == 0
    assert line[1].read_to_end() == b""


# ---- other protocols ------------------------------------------------------------------------

def test_streams_of_http2_wait_each_for_itself(operated_by):  # noqa: F811
    node = operated_by("a", pool={"queue": QUEUE})
    gate = limited(node)["a"]
    with node.hawser.connect_h2() as client:
        streams = [client.ask() for _ in range(4)]
        wait_for(lambda: waiting(node) == 3, "three wait")
        gate.let(4)
        assert [client.answer(each).status for each in streams] == [200] * 4
    assert gate.most_at_once == 1


def test_a_stream_that_is_reset_waits_no_more(operated_by):  # noqa: F811
    node = operated_by("a", pool={"queue": QUEUE})
    gate = limited(node)["a"]
    with node.hawser.connect_h2() as client:
        first, given_up, last = [client.ask() for _ in range(3)]
        wait_for(lambda: waiting(node) == 2, "two wait")
        client.send(frame(RST, 0, given_up, CANCEL.to_bytes(4, "big")))
        wait_for(lambda: waiting(node) == 1, "it is taken out at once")
        gate.let(2)
        assert client.answer(first).status == client.answer(last).status == 200
    assert len(node.requests) == 2
    wait_for(lambda: waits(node, "client-left") == 1)


def test_a_connection_of_http2_that_ends_takes_its_streams_out(operated_by):  # noqa: F811
    node = operated_by("a", pool={"queue": QUEUE})
    gate = limited(node)["a"]
    held(node, 1)
    client = node.hawser.connect_h2()
    for _ in range(3):
        client.ask()
    wait_for(lambda: waiting(node) == 3, "all wait")
    client.close()
    wait_for(lambda: waiting(node) == 0, "none does any more")
    gate.open()


def test_an_upgrade_waits_and_a_tunnel_holds_its_place(operated_by):  # noqa: F811
    node = operated_by("a", pool={"queue": QUEUE})
    limited(node)
    node["a"].answers(SWITCH, b"hello")
    first = node.connect().send(HANDSHAKE)
    assert first.read_answer().status == 101
    second = queued(node, 1, HANDSHAKE)[0]
    first.close()
    assert second.read_answer().status == 101


# ---- what a pool has to do at once ----------------------------------------------------------

@pytest.mark.parametrize("workers", (1, 4))
def test_a_circuit_breaker_refuses_at_once_what_is_too_much(operated_by, workers):  # noqa: F811
    node = operated_by("ab", pool={"circuit-breaker": {"requests": 3}, "retry-after": "5s"},
                       workers=workers)
    gates = {name: Gate(origin, name) for name, origin in node.origins.items()}
    holds = held(node, 3)
    for _ in range(5):
        told = node.hawser.ask(request())
        assert told.status == 503 and told.value("Retry-After") == "5"
    assert len(node.requests) == 3
    wait_for(lambda: ended(node, "circuit-breaker") == 5)
    for gate in gates.values():
        gate.open()
    assert {each.read_answer().status for each in holds} == {200}
    assert node.hawser.ask(request()).status == 200


def test_a_circuit_opens_when_most_requests_fail_and_closes_by_itself(operated_by):  # noqa: F811
    breaker = {"error-rate": "50%", "window": "1s", "open-for": "1s", "requests-at-least": 5}
    node = operated_by("ab", pool={"circuit-breaker": breaker, "health": {"passive": "off"}})
    for origin in node.origins.values():
        origin.answers(answer(b"", "500 Oops"))

    def is_open() -> bool:
        for _ in range(5):
            node.hawser.ask(request())
        return ended(node, "circuit-open") > 0

    wait_for(is_open, "its circuit opens")
    assert node.hawser.has_said("pool shop: its circuit opens")
    assert node.metrics()['hawser_circuit_openings_total{pool="shop"}'] >= 1
    for name, origin in node.origins.items():
        answers_its_name(origin, name)
    wait_for(lambda: node.hawser.ask(request()).status == 200, "it closes again")
    assert node.metrics()['hawser_circuit_open{pool="shop"}'] == 0
    assert node.hawser.has_said("pool shop: its circuit closes")


# ---- slow start -----------------------------------------------------------------------------

def test_a_server_that_is_added_or_comes_back_starts_slowly(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"slow-start": {"time": "1h", "from": "10%"},
                                   "balance": "round-robin"})
    third = node.add("c")
    assert node.command("add", "shop/c", third.address).returncode == 0
    assert node.server("c")["warmth_percent"] == 10
    assert [node.server(name)["warmth_percent"] for name in "ab"] == [100, 100]
    assert "1 warming 10%" in node.command("status").stdout
    for _ in range(42):
        assert node.hawser.ask(request()).status == 200
    assert len(third.requests) == 2, "10 of 210 weights"
    assert node.command("maintenance", "shop/a").returncode == 0
    assert node.command("ready", "shop/a").returncode == 0
    assert node.server("a")["warmth_percent"] == 10
    assert node.metrics()['hawser_server_warmth_ratio{pool="shop",server="a"}'] == 0.1


def test_a_server_that_started_slowly_gets_to_its_weight(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"slow-start": "1s"})
    third = node.add("c")
    assert node.command("add", "shop/c", third.address).returncode == 0
    seen = set()

    def is_warm() -> bool:
        seen.add(node.server("c")["warmth_percent"])
        return max(seen) == 100

    wait_for(is_warm, "it has its weight")
    assert min(seen) < 100 and all(each == 10 or each % 5 == 0 for each in seen)


def test_many_clients_of_few_places_all_have_their_answer(operated_by):  # noqa: F811
    """Far more at once than there are places, on several workers: nobody is forgotten."""
    node = operated_by("ab", pool={"queue": {"length": 1000, "timeout": "60s"}}, workers=4)
    servers = node.hawser.settings["pools"]["shop"]["servers"]
    for name, origin in node.origins.items():
        servers[name] = {"address": origin.address, "max-connections": 2}
    node.hawser.reload()
    failed = []

    def ask_often() -> None:
        with node.connect() as client:
            for _ in range(50):
                if client.send(request()).read_answer().status != 200:
                    failed.append(time.monotonic())

    threads = [threading.Thread(target=ask_often) for _ in range(40)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert not failed and len(node.requests) == 2000
    assert waiting(node) == 0
    assert sum(node.server(name)["in_flight"] for name in "ab") == 0
