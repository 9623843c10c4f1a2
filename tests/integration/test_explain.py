# SPDX-License-Identifier: Apache-2.0
"""Why a request was answered by whom it was, and what would become of one."""

import json

import pytest

from fleet import Verdict
from harness import wait_for
from operators import operated_by  # noqa: F401  (a fixture)
from test_drain import settled
from test_steering import other


def supposed(node, *arguments: str) -> dict:
    told = node.command("explain", "--listener", "web", "--json", *arguments)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def steps(told: dict, name: str) -> list[str]:
    return [each["says"] for each in told["steps"] if each["step"] == name]


def why_not(choice: dict) -> dict[str, str]:
    return {each["server"]: each["why_not"] for each in choice["candidates"]}


# ---- requests that might come -------------------------------------------------------------------

def test_a_session_is_told_its_home_and_nothing_changes(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, home = settled(node)
    wait_for(lambda: len(node.hawser.access()) == 2, "its requests are counted")
    before = node.metrics()
    told = supposed(node, "--cookie", visitor.cookie)
    [choice] = told["choices"]
    assert (choice["server"], choice["verdict"], choice["cause"]) == (home, "hit", "")
    assert "cookie: found, with what the client carries" in steps(told, "key")
    assert steps(told, "home") == [f"{home} serves it"]
    assert visitor.cookie.partition("=")[2] not in json.dumps(told)
    table = node.command("explain", "--listener", "web", "--cookie", visitor.cookie).stdout
    assert f"{home}: hit" in table and "candidates" in table
    unchanged = [name for name in before
                 if ("session" in name or "affinity" in name) and "idle" not in name]
    after = node.metrics()
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}


@pytest.mark.parametrize("state, cause", [("maintenance", "maintenance"), ("drain", "drained")])
def test_it_says_why_home_would_not_serve_it(operated_by, state, cause):  # noqa: F811
    node = operated_by("ab", pool={"drain": {"active": "move", "idle": "move"}})
    visitor, home = settled(node)
    node.set(home, state=state)

    def choice_without_home() -> dict | None:
        [choice] = supposed(node, "--cookie", visitor.cookie)["choices"]
        return choice if choice["cause"] == cause else None

    choice = wait_for(choice_without_home, "the drain has begun")
    assert (choice["server"], choice["verdict"]) == (other(home), "moved")
    assert why_not(choice) == {home: "drains" if state == "drain" else state, other(home): ""}
    assert Verdict.of(visitor.ask()) == Verdict("moved", cause, other(home)), "and so it goes"


def test_a_forged_mark_and_none_begin_a_session(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, _ = settled(node)
    forged = visitor.cookie[:-1] + ("A" if visitor.cookie[-1] != "A" else "B")
    told = supposed(node, "--cookie", forged)
    assert steps(told, "key") == ["cookie: none, forged"]
    assert (told["choices"][0]["verdict"], told["choices"][0]["cause"]) == ("new", "forged")
    assert supposed(node)["choices"][0]["cause"] == "no-key"


def test_a_choice_by_hash_is_the_one_that_is_made(operated_by):  # noqa: F811
    node = operated_by("abc", pool={"affinity": [{"header": {"name": "X-User", "learn": False}}],
                                    "balance": {"rendezvous": {"hash": "session"}}})
    for user in ("ann", "bob", "cy", "dee"):
        told = supposed(node, "--header", f"X-User: {user}")["choices"][0]
        asked = Verdict.of(node.visitor().ask("GET / HTTP/1.1", f"X-User: {user}"))
        assert (told["server"], told["verdict"], told["cause"]) == \
            (asked.server, "new", "unknown-key")


def next_outcome(visitor) -> tuple:
    told = Verdict.of(visitor.ask())
    return told.verdict, told.cause, told.server


def supposed_outcome(node, *arguments: str) -> tuple:
    [choice] = supposed(node, *arguments)["choices"]
    return choice["verdict"], choice["cause"], choice["server"]


@pytest.mark.parametrize("pool", [
    {"when-home-is-down": "successor"},
    {"when-home-is-down": "successor", "when-home-is-back": "return"}])
def test_the_order_of_successors_is_told(operated_by, pool):  # noqa: F811
    checks = {"http": {"path": "/health"}, "interval": "100ms", "timeout": "10s", "rise": 1, "fall": 1}
    node = operated_by("abcd", pool=pool | {"health": checks})
    for visitor, home in [settled(node) for _ in range(4)]:
        node[home].stop()
        wait_for(lambda: node.server(home)["state"] != "ready", "it is down")  # noqa: B023
        expected = supposed_outcome(node, "--cookie", visitor.cookie)
        assert expected[0] == ("spilled" if "when-home-is-back" in pool else "moved")
        assert expected[2] not in ("", home)
        assert next_outcome(visitor) == expected
        node[home].start_again()
        wait_for(lambda: node.server(home)["state"] == "ready", "it is back")  # noqa: B023


def test_a_named_successor_is_told(operated_by):  # noqa: F811
    node = operated_by("abc", pool={"when-home-is-down": "successor"})
    servers = {name: {"address": node[name].address, "successor": after}
               for name, after in zip("abc", "bca")}
    node.hawser.settings["pools"]["shop"]["servers"] = servers
    node.hawser.reload()
    visitor, home = settled(node)
    node.set(home, state="maintenance")
    successor = servers[home]["successor"]
    told = supposed(node, "--cookie", visitor.cookie)
    assert steps(told, "placement") == [f"{successor} is named to stand in"]
    assert next_outcome(visitor) == ("moved", "maintenance", successor)
    assert told["choices"][0]["server"] == successor


def test_agreed_placement_is_told_of_every_key_that_is_shown(operated_by):  # noqa: F811
    node = operated_by("abc", pool={"placement": "agreed", "affinity": [
        {"header": {"name": "X-User", "learn": False}}, "cookie"]})
    told_of = set()
    for user in ("ann", "bob", "cy", "dee", "eve", "fay"):
        expected = supposed_outcome(node, "--header", f"X-User: {user}")
        asked = Verdict.of(node.visitor().ask("GET / HTTP/1.1", f"X-User: {user}"))
        assert (asked.verdict, asked.cause, asked.server) == expected
        told_of.add(expected[2])
    assert len(told_of) > 1
    without = supposed(node)
    assert without["choices"][0]["server"] == ""
    assert "by an id that is drawn when it begins" in steps(without, "placement")


def test_the_first_claim_of_a_client_without_a_key_is_told(operated_by):  # noqa: F811
    node = operated_by("abc", pool={"placement": "agreed",
                                    "first-claim": {"by": ["user-agent"], "for": "2s"}})
    for agent in ("one", "two", "three", "four"):
        expected = supposed_outcome(node, "--header", f"User-Agent: {agent}")
        asked = Verdict.of(node.visitor().ask("GET / HTTP/1.1", f"User-Agent: {agent}"))
        assert (asked.verdict, asked.cause, asked.server) == expected


def test_a_release_is_told(operated_by):  # noqa: F811
    node = operated_by("abc", pool={"affinity": [{"header": {"name": "X-User", "learn": False}}],
                                    "placement": "agreed"})
    pool = node.hawser.settings["pools"]["shop"]
    pool["servers"] = {name: {"address": node[name].address, "release": release}
                       for name, release in zip("abc", ("stable", "stable", "canary"))}
    pool["releases"] = [{"name": "stable", "weight": 50}, {"name": "canary", "weight": 50}]
    node.hawser.reload()
    told_of = set()
    for number in range(12):
        told = supposed(node, "--header", f"X-User: user-{number}")
        server = told["choices"][0]["server"]
        release = "canary" if server == "c" else "stable"
        assert f"a server of release {release}" in steps(told, "placement")
        assert {name for name, why in why_not(told["choices"][0]).items() if why == "release"} == \
            ({"a", "b"} if release == "canary" else {"c"})
        asked = Verdict.of(node.visitor().ask("GET / HTTP/1.1", f"X-User: user-{number}"))
        assert asked.server == server
        told_of.add(release)
    assert told_of == {"stable", "canary"}


def test_it_ends_where_the_request_would(operated_by):  # noqa: F811
    node = operated_by("ab", route={"host": "shop.example", "deny": ["198.51.100.0/24"]})
    assert (supposed(node)["status"], supposed(node)["ended"]) == (404, "no-route")
    denied = supposed(node, "--host", "shop.example", "--source", "198.51.100.7")
    assert (denied["status"], denied["ended"]) == (403, "client-denied")
    for name in "ab":
        node.set(name, state="maintenance")
    told = supposed(node, "--host", "shop.example")
    assert (told["status"], told["ended"]) == (503, "no-server")
    assert why_not(told["choices"][0]) == {"a": "maintenance", "b": "maintenance"}


@pytest.mark.parametrize("arguments, says", [
    (("--header", "no field"), "would refuse this"), (("--source", "me"), "is an address"),
    (("--header", "X-A: 1\nX-B: 2"), "line break"), (("--path", "nowhere"), "would refuse this")])
def test_what_is_no_request_is_refused(operated_by, arguments, says):  # noqa: F811
    told = operated_by("a").command("explain", "--listener", "web", *arguments)
    assert told.returncode == 1 and says in told.stderr


def test_nobody_supposes_at_a_listener_that_is_not_there(operated_by):  # noqa: F811
    node = operated_by("a")
    told = node.command("explain", "--listener", "nothing")
    assert told.returncode == 1 and "no listener is named nothing" in told.stderr
    assert node.command("explain", "--cookie", "a=1").returncode == 2


# ---- requests that came -------------------------------------------------------------------------

def test_a_watched_request_is_explained_by_its_id(operated_by):  # noqa: F811
    node = operated_by("ab", listener={"request-id": {"believe": "all"}})
    visitor, home = settled(node)
    visitor.ask("GET / HTTP/1.1", "X-Request-Id: before")
    told = node.command("explain", "before")
    assert told.returncode == 1 and "while they are watched" in told.stderr
    node.command("log", "--pool", "shop")
    node.set(home, state="maintenance")
    visitor.ask("GET / HTTP/1.1", "X-Request-Id: watched-1")
    wait_for(lambda: node.command("explain", "watched-1").returncode == 0, "it is told of")
    one = json.loads(node.command("explain", "watched-1", "--json").stdout)
    [choice] = one["choices"]
    assert (choice["verdict"], choice["cause"], choice["server"]) == \
        ("moved", "maintenance", other(home))
    assert why_not(choice)[home] == "maintenance"
    assert (one["status"], one["pool"]) == (200, "shop") and one["session"]
    assert steps(one, "key") == ["cookie: found"]
    assert f"known here, at home on {home}" in steps(one, "session")
    assert visitor.cookie.partition("=")[2] not in json.dumps(one)


def test_each_attempt_of_a_watched_request_is_told(operated_by):  # noqa: F811
    node = operated_by("ab")
    node.command("log", "--pool", "shop")
    visitor, home = settled(node)
    node[home].stop()
    assert visitor.ask().status == 200
    wait_for(lambda: "home-down" in node.command("explain").stdout, "it is told of")
    latest = json.loads(node.command("explain", "--json").stdout.splitlines()[0])
    assert [each["server"] for each in latest["choices"]][-1] == other(home)
    assert why_not(latest["choices"][-1])[home] == "tried"
    assert len(latest["choices"]) >= 2


def test_only_so_many_are_kept(operated_by):  # noqa: F811
    node = operated_by("a")
    node.command("log", "--pool", "shop")
    for _ in range(300):
        node.visitor().ask()
    assert len(node.command("explain", "--json").stdout.splitlines()) == 256
