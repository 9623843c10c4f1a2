# SPDX-License-Identifier: Apache-2.0
"""While two processes of an upgrade have clients, they judge servers as one, and share their places."""

import os
import signal

import pytest

from harness import wait_for
from test_health import IS_CHECK, OFTEN, Patient
from test_queue import Gate, waiting
from upgrades import pretender, upgradable  # noqa: F401

GET = b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"
GONE = {"passive": {"out-for": "1m"}}


def at_home(node, name: str, count: int = 1) -> list:
    """Visitors whose home that server is, each with a connection that sends one more request."""
    found = []
    while len(found) < count:
        visitor = node.visitor()
        if visitor.ask().body != name.encode():
            continue
        visitor.idle = node.connect()
        assert visitor.ask(over=visitor.idle).body == name.encode()
        found.append(visitor)
    return found


@pytest.fixture
def ward(upgradable, request):  # noqa: F811
    health = {"http": IS_CHECK} | OFTEN | getattr(request, "param", {})
    node = upgradable("abc", pool={"health": health})
    patients = {name: Patient(node[name], name) for name in "abc"}
    wait_for(lambda: all(node.server(name)["check"] for name in "abc"), "all were checked")
    return node, patients


def next_goes_to(visitors: list, servers: tuple[bytes, ...]) -> bool:
    """The next of them is served there: each has but one request that the old process takes."""
    visitor = visitors.pop()
    return visitor.ask(over=visitor.idle).body in servers


def test_the_old_process_goes_by_the_checks_of_the_new_one(ward):
    node, patients = ward
    visitors = at_home(node, "a", 20)
    node.upgrade()
    patients["a"].fails()
    wait_for(lambda: node.server("a")["state"] == "down", "the new one has found it")
    wait_for(lambda: next_goes_to(visitors, (b"b", b"c")), "the old one hears of it")
    patients["a"].passes()
    wait_for(lambda: node.server("a")["state"] == "ready", "the new one has found it fit")
    wait_for(lambda: next_goes_to(visitors, (b"a",)), "the old one hears of that, too")


@pytest.mark.parametrize("ward", [{"fall": 1000}], indirect=True)
def test_a_server_that_the_old_process_saw_pass_is_not_down_after_one_failed_check(ward):
    node, patients = ward
    patients["a"].fails()
    node.upgrade()
    checked = 'hawser_health_checks_total{pool="shop",server="a",result="status"}'
    before = node.metrics().get(checked, 0)
    wait_for(lambda: node.metrics().get(checked, 0) >= before + 2, "the new one has asked it")
    assert node.server("a")["state"] == "ready"


def test_a_new_process_that_says_what_it_must_not_counts_as_gone(ward, tmp_path):
    node, patients = ward
    [visitor] = at_home(node, "a")
    does = "hello(); hear(COPIED); say(PREPARED); hear(GO); say(ACCEPTING); hear(RETIRED); say(SESSIONS, b'x'); hear(0)"
    assert node.act("/v1/upgrade", {"binary": pretender(tmp_path, does)}).status == 200
    assert node.hawser.has_said("upgrade: the new process has ended")
    before = patients["a"].checks
    wait_for(lambda: patients["a"].checks >= before + 3, "the old one asks servers again")
    assert visitor.ask(over=visitor.idle).body == b"a"


def test_the_new_process_heeds_what_the_traffic_of_the_old_one_finds(upgradable):  # noqa: F811
    node = upgradable("abc", pool={"health": GONE})
    visitors = at_home(node, "a", 6)
    node.upgrade()
    node["a"].stop()
    for each in visitors:
        assert each.ask(over=each.idle).body in (b"b", b"c")
    wait_for(lambda: node.server("a")["state"] == "down", "the new one knows, and has not tried")


def test_an_old_process_whose_successor_dies_asks_servers_again(ward):
    node, patients = ward
    [visitor] = at_home(node, "a")
    node.upgrade()
    patients["a"].fails()
    wait_for(lambda: node.server("a")["state"] == "down", "the new one has found it")
    os.kill(node.processes.pop().pid, signal.SIGKILL)
    assert node.hawser.has_said("upgrade: the new process has ended")
    patients["a"].passes()
    before = patients["a"].checks
    wait_for(lambda: patients["a"].checks >= before + 3, "the old one asks")
    assert visitor.ask(over=visitor.idle).body == b"a"


def test_both_together_keep_to_the_places_of_a_server(upgradable):  # noqa: F811
    node = upgradable("a", pool={"queue": {"timeout": "60s"}})
    node.hawser.settings["pools"]["shop"]["servers"]["a"] = {
        "address": node["a"].address, "max-connections": 4}
    node.hawser.reload()
    gate = Gate(node["a"], "a")
    old = [node.connect().send(GET) for _ in range(3)]
    idle = node.connect()
    wait_for(lambda: len(node["a"].requests) == 3, "they are under way")
    node.upgrade()
    assert node.hawser.has_said("this one ends what it has"), "who comes now, comes to the new one"
    new = [node.connect().send(GET) for _ in range(6)]
    # While both accept, the old one may take the last place before the new one hears of it.
    wait_for(lambda: len(node["a"].requests) in (4, 5)
             and len(node["a"].requests) + waiting(node) == 9, "no place is left")
    gate.let(20)
    for each in [*old, *new]:
        assert each.read_answer().status == 200
    assert idle.send(GET).read_answer().status == 200
    assert gate.most_at_once in (4, 5)
    node.wait_for_end_of(node.pids[0])
    wait_for(lambda: node.server("a")["max_connections"] == 4, "all are the new one's")


@pytest.mark.parametrize("change", ["added", "removed"])
def test_a_reload_of_the_new_process_is_one_of_servers_in_the_old(upgradable, change):  # noqa: F811
    node = upgradable("ab")
    [visitor, other] = at_home(node, "a", 2)
    node.upgrade()
    servers = node.hawser.settings["pools"]["shop"]["servers"]
    if change == "added":
        servers["d"] = node.add("d").address
        servers["a"] = {"address": node["a"].address, "state": "maintenance"}
        servers["b"] = {"address": node["b"].address, "state": "drain"}
    else:
        del servers["a"]
    node.hawser.write_settings()
    node.signal(signal.SIGHUP)
    wait_for(lambda: "are those here, too" in node.hawser.errors(), "the old one has heard")
    home = visitor.ask().body
    assert home == (b"d" if change == "added" else b"b")
    assert visitor.ask(over=visitor.idle).body == home, "both know where it has moved"
    assert other.ask(over=other.idle).body != b"a"
