# SPDX-License-Identifier: Apache-2.0
"""Releases of a pool: shares of new sessions, and sessions that stay with theirs (docs/policies.md)."""

import pytest

from fleet import Verdict, Visitor
from operators import Operated, operated_by  # noqa: F401  (a fixture)

SERVERS = {"a": "stable", "b": "stable", "c": "canary"}


@pytest.fixture
def shop(operated_by):  # noqa: F811
    node = operated_by("abc", pool={"balance": "round-robin"})
    share(node, 90, 10)
    return node


def share(node: Operated, stable: int, canary: int) -> None:
    pool = node.hawser.settings["pools"]["shop"]
    pool["servers"] = {name: {"address": node[name].address, "release": release}
                       for name, release in SERVERS.items()}
    pool["releases"] = [{"name": "stable", "weight": stable}, {"name": "canary", "weight": canary}]
    node.hawser.reload()


def at(node: Operated, server: str) -> Visitor:
    while True:
        who = node.visitor()
        if who.ask().body.decode() == server:
            assert Verdict.of(who.ask()) == Verdict("hit", "", server)
            return who


def test_shares_are_those_of_new_sessions(shop):
    served = [node_server(shop) for _ in range(300)]
    assert 8 <= served.count("c") <= 65
    assert min(served.count("a"), served.count("b")) >= 80


def node_server(node: Operated) -> str:
    return node.visitor().ask().body.decode()


def test_a_release_drains_by_its_sessions(shop):
    who = at(shop, "a")
    share(shop, 0, 10)
    assert {node_server(shop) for _ in range(20)} == {"c"}
    assert Verdict.of(who.ask()) == Verdict("hit", "", "a")
    shop["a"].stop()
    assert Verdict.of(who.ask()) == Verdict("moved", "home-down", "b")


def test_a_session_moves_within_its_release_whatever_moves_it(shop):
    for move in (lambda: shop.set("a", state="maintenance"), lambda: shop["a"].stop()):
        who = at(shop, "a")
        move()
        assert Verdict.of(who.ask()).server == "b"
        shop.set("a", state="ready")
