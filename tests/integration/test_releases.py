# SPDX-License-Identifier: Apache-2.0
"""Releases of a pool: shares of new sessions, and sessions that stay with theirs (docs/policies.md)."""

import json
import os

import pytest

from fleet import Verdict, Visitor, answers_its_name
from harness import RawOrigin, free_port, wait_for
from name_server import A, SILENCE, NameServer
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


# ---- servers that are found ---------------------------------------------------------------------

def homes_of(node: Operated, count: int = 30) -> set[str]:
    """Where new sessions go."""
    return {node_server(node) for _ in range(count)}


def weights(stable: int, canary: int) -> list[dict]:
    return [{"name": "stable", "weight": stable}, {"name": "canary", "weight": canary}]


def test_a_file_says_which_release_a_server_runs(operated_by, tmp_path):  # noqa: F811
    listed = tmp_path / "servers.json"

    def lists(**releases: str) -> None:
        servers = {name: {"address": node[name].address, "release": release}
                   for name, release in releases.items()}
        (tmp_path / "next").write_text(json.dumps({"servers": servers}))
        os.rename(tmp_path / "next", listed)

    listed.write_text('{"servers": {}}')
    node = operated_by("abcd", pool={"servers": {}, "discover": {"file": str(listed)},
                                     "balance": "round-robin", "releases": weights(1, 0)})
    lists(a="stable", b="stable", c="canary", d="beta")
    wait_for(lambda: {each["name"] for each in node.status()["pools"][0]["servers"]} == set("abc"))
    assert node.hawser.has_said("d was found, but it runs none of the pool's `releases`")
    assert homes_of(node) == set("ab")

    who = at(node, "a")
    node["a"].stop()
    assert Verdict.of(who.ask()) == Verdict("moved", "home-down", "b"), "within its release"

    node.hawser.settings["pools"]["shop"]["releases"] = weights(0, 1)
    node.hawser.reload()
    assert homes_of(node) == {"c"}
    assert Verdict.of(who.ask()) == Verdict("hit", "", "b"), "its release drains by its sessions"
    lists(b="stable", c="stable", d="canary")
    wait_for(lambda: homes_of(node, 4) == {"d"}, "another server runs the canary")
    who = at(node, "d")
    lists(b="stable", c="stable")
    wait_for(lambda: node.server("d")["state"] == "drain")
    assert Verdict.of(who.ask()) == Verdict("hit", "", "d"), "it leaves as its sessions do"


def test_each_release_is_found_by_a_name_of_its_own(operated_by):  # noqa: F811
    names = NameServer(free_port())
    try:
        found_by_names(operated_by, names)
    finally:
        names.stop()


def found_by_names(operated_by, names: NameServer) -> None:  # noqa: F811
    node = operated_by("x")
    port = free_port()
    origins = {name: origin_at(node, name, f"127.0.8.{n}", port) for n, name in enumerate("abcd", 1)}

    def says(name: str, *servers: str) -> None:
        names.say(f"{name}.internal", A, [origins[each] for each in servers])

    def found_at(name: str) -> dict:
        return {"dns": {"name": f"{name}.internal:{port}", "resolvers": [names.address],
                        "ttl-at-least": "100ms", "timeout": "200ms", "tries": 1}}

    says("stable", "a", "b")
    says("canary", "c")
    releases = [each | {"discover": found_at(each["name"])} for each in weights(1, 0)]
    pool = node.hawser.settings["pools"]["shop"]
    pool |= {"releases": releases, "balance": "round-robin"}
    del pool["servers"]
    node.hawser.reload()
    wait_for(lambda: len(node.status()["pools"][0]["servers"]) == 3, "all are found")
    assert homes_of(node) == {"a", "b"}
    shown = node.status()["pools"][0]["discovery"]
    assert shown["where"] == f"stable.internal:{port}, canary.internal:{port}"
    assert shown["kind"] == "dns"

    names.say("canary.internal", A, SILENCE)
    says("stable", "b", "d")
    wait_for(lambda: homes_of(node, 4) == {"b", "d"}, "the others are found still")
    assert node.server(origins["c"])["state"] == "ready", "its last good answer stays"
    releases[0]["weight"], releases[1]["weight"] = 0, 1
    node.hawser.reload()
    assert homes_of(node) == {"c"}


def origin_at(node: Operated, name: str, where: str, port: int) -> str:
    made = RawOrigin(place=(where, port))
    answers_its_name(made, name)
    node.origins[name] = made
    return where


# ---- rebalancing --------------------------------------------------------------------------------

def test_rebalancing_moves_sessions_within_their_release(operated_by):  # noqa: F811
    node = operated_by("abcd", pool={"balance": "round-robin"})
    pool = node.hawser.settings["pools"]["shop"]
    servers = {name: {"address": node[name].address, "release": release}
               for name, release in SERVERS.items()}
    pool |= {"servers": servers, "releases": weights(1, 1), "session-data": "shared",
             "rebalance": {"per-second": 100}}
    del servers["b"]
    node.hawser.reload()
    visitors = {name: [at(node, name) for _ in range(12)] for name in "ac"}
    servers["b"] = {"address": node["b"].address, "release": "stable"}
    node.hawser.reload()
    wait_for(lambda: node.metrics()['hawser_rebalancing{pool="shop"}'] == 1, "it begins")

    def spread() -> dict[str, int]:
        homes = [Verdict.of(who.ask()).server for who in visitors["a"]]
        assert {Verdict.of(who.ask()).server for who in visitors["c"]} == {"c"}
        return {name: homes.count(name) for name in "abc"}

    wait_for(lambda: spread() == {"a": 6, "b": 6, "c": 0})
    wait_for(lambda: node.metrics()['hawser_rebalancing{pool="shop"}'] == 0, "and is over")


def test_a_server_that_is_added_says_which_release_it_runs(shop, operated_by):  # noqa: F811
    share(shop, 0, 10)
    address = shop.add("d").address
    refused = shop.command("add", "shop/d", address)
    assert refused.returncode == 1 and "pool shop has releases" in refused.stderr
    refused = shop.command("add", "shop/d", address, "--release", "beta")
    assert refused.returncode == 1 and "pool shop has no release `beta`" in refused.stderr
    assert shop.command("add", "shop/d", address, "--release", "canary").returncode == 0
    assert homes_of(shop) == {"c", "d"}
