# SPDX-License-Identifier: Apache-2.0
"""What becomes of sessions whose home is down, by each policy (docs/policies.md), with processes that die."""

import threading

import pytest

from fleet import Verdict, Visitor
from harness import Hawser, wait_for
from operators import Operated, operated_by  # noqa: F401  (a fixture)
from test_instances import announce

HEALTH = {"tcp": "on", "interval": "100ms", "timeout": "5s", "rise": 1, "fall": 1}


def settled(node: Operated, home: str = "a") -> Visitor:
    """A visitor whose home that server is."""
    while True:
        who = node.visitor()
        if who.ask().body.decode() == home and Verdict.of(who.ask()).verdict == "hit":
            return who


def take_down(node: Operated, home: str = "a") -> None:
    node[home].stop()
    wait_for(lambda: node.server(home)["state"] != "ready", "the server is down")


def bring_back(node: Operated, home: str = "a") -> None:
    node[home].start_again()
    wait_for(lambda: node.server(home)["state"] == "ready", "the server is up")


def made(operated_by, policy, keys: str | None = None, **more) -> Operated:  # noqa: F811
    return operated_by("abc", pool={"balance": "round-robin", "health": HEALTH,
                                    "when-home-is-down": policy} | more,
                       **({"keys": keys} if keys else {}))


def waiting(node: Operated) -> int:
    return node.status()["pools"][0]["queue"]["waiting"]


def test_refuse_is_an_error_until_home_is_back(operated_by):  # noqa: F811
    node = made(operated_by, "refuse", **{"retry-after": "9s"})
    who = settled(node)
    take_down(node)
    for _ in range(3):
        told = who.ask()
        assert (told.status, told.value("Retry-After")) == (503, "9")
        assert not told.values("Set-Cookie")
    series = 'hawser_session_verdicts_total{pool="shop",verdict="refused",cause="home-down"}'
    wait_for(lambda: node.metrics()[series] == 3, "they are counted, maybe after their answers")
    bring_back(node)
    # It announces nothing and was gone, so it begins anew there, and nowhere else.
    assert Verdict.of(who.ask()).server == "a"


def test_wait_lasts_until_home_is_back(operated_by):  # noqa: F811
    node = made(operated_by, {"wait": "60s"}, queue={"length": 10, "timeout": "60s"},
                **{"session-data": "shared"})
    who = settled(node)
    take_down(node)
    told = []
    asking = threading.Thread(target=lambda: told.append(who.ask()))
    asking.start()
    wait_for(lambda: waiting(node) == 1, "it waits")
    bring_back(node)
    asking.join()
    assert Verdict.of(told[0]) == Verdict("hit", "", "a")


@pytest.mark.parametrize("then, outcome", [("move", "moved"), ("refuse", "refused"),
                                           ("successor", "moved")])
def test_wait_in_vain(operated_by, then, outcome):  # noqa: F811
    node = made(operated_by, {"wait": "200ms", "then": then}, queue=10)
    who = settled(node)
    take_down(node)
    told = who.ask()
    if outcome == "refused":
        assert told.status == 503
    else:
        assert (Verdict.of(told).verdict, Verdict.of(told).cause) == ("moved", "home-down")


def test_named_successors_take_over(operated_by):  # noqa: F811
    node = made(operated_by, "move")
    servers = node.hawser.settings["pools"]["shop"]["servers"]
    servers["a"] = {"address": servers["a"], "successor": "c"}
    node.hawser.settings["pools"]["shop"]["when-home-is-down"] = "successor"
    node.hawser.reload()
    visitors = [settled(node) for _ in range(4)]
    take_down(node)
    for who in visitors:
        assert Verdict.of(who.ask()) == Verdict("moved", "home-down", "c")


def test_two_nodes_send_each_session_to_the_same_successor_and_back(tmp_path, operated_by):  # noqa: F811
    node = made(operated_by, "successor", str(tmp_path / "keys"),
                **{"when-home-is-back": "return", "session-data": "shared"})
    (tmp_path / "second").mkdir()
    settings = node.hawser.settings
    second = Hawser(tmp_path / "second", {
        "listeners": {"web": {}}, "pools": settings["pools"], "routes": settings["routes"],
        "debug-header": settings["debug-header"], "keys": settings["keys"]})
    try:
        visitors = [settled(node) for _ in range(24)]
        take_down(node)

        def served_by(hawser: Hawser) -> list[str]:
            return [Verdict.of(Visitor(hawser, who.cookie).ask()).server for who in visitors]
        away = served_by(node.hawser)
        assert away == served_by(second)
        assert set(away) == {"b", "c"}
        bring_back(node)
        back = [Verdict.of(who.ask()) for who in visitors]
        assert back == [Verdict("returned", "", "a")] * 24
        assert [Verdict.of(who.ask()).verdict for who in visitors] == ["hit"] * 24
    finally:
        second.stop()


def test_nobody_returns_to_another_process(operated_by):  # noqa: F811
    node = made(operated_by, "successor", **{"when-home-is-back": "return"})
    for name in "abc":
        announce(node, name, f"{name}-1")
    active, idle = settled(node), settled(node)
    take_down(node)
    away = Verdict.of(active.ask())
    assert (away.verdict, away.cause) == ("spilled", "home-down")
    announce(node, "a", "a-2")
    bring_back(node)
    while node.visitor().ask().body != b"a":  # whose answer tells that it is another one
        pass
    assert Verdict.of(active.ask()) == Verdict("moved", "stale", away.server)
    assert Verdict.of(active.ask()) == Verdict("hit", "", away.server)
    assert Verdict.of(idle.ask()) == Verdict("new", "stale", "a")


def test_valuable_sessions_stay_where_others_move(operated_by):  # noqa: F811
    node = made(operated_by, "move", valuable={"paths": ["/checkout/"],
                                               "when-home-is-down": "refuse"})
    ordinary, valuable = settled(node), settled(node)
    assert Verdict.of(valuable.ask("GET /checkout/1 HTTP/1.1")).verdict == "hit"
    take_down(node)
    assert Verdict.of(ordinary.ask()).verdict == "moved"
    assert valuable.ask().status == 503
    bring_back(node)
    assert Verdict.of(valuable.ask()).server == "a"
