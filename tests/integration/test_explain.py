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
