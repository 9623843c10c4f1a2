# SPDX-License-Identifier: Apache-2.0
"""What a person sets at run time holds over reload, restart and crash, until it is lifted or the
file changes that very value."""

import json
import pathlib
import re

import pytest

from fleet import answers_its_name
from harness import RawOrigin, wait_for
from operators import operated_by  # noqa: F401
from test_cli import bound_to


def reload(node) -> None:
    assert node.act("/v1/reload").status == 200


def crash(node) -> None:
    node.hawser.kill_and_start_again()
    wait_for(node.status, "the admin endpoint answers again")


def as_it_is(node) -> list:
    return [(each["name"], each["state"].replace("drained", "drain"), each["weight"])
            for each in node.status()["pools"][0]["servers"]]


def kept_in(node) -> pathlib.Path:
    [path] = (node.hawser.folder / "state").glob("overrides-*.json")
    return path


@pytest.fixture
def spare():
    """A server that no configuration names."""
    origin = RawOrigin()
    answers_its_name(origin, "c")
    yield origin
    origin.stop()


@pytest.mark.parametrize("happens", [reload, crash])
def test_states_weights_and_servers_hold_over_reloads_and_crashes(operated_by, spare, happens):
    node = operated_by("ab")
    assert node.command("drain", "shop/a").returncode == 0
    assert node.command("weight", "shop/b", "7").returncode == 0
    assert node.command("add", "shop/c", spare.address, "--weight", "2").returncode == 0
    expected = [("a", "drain", 1), ("b", "ready", 7), ("c", "ready", 2)]
    assert as_it_is(node) == expected
    for _ in range(2):
        happens(node)
        assert as_it_is(node) == expected
    bound_to(node, "c")
    assert {node.visitor().ask().body for _ in range(20)} == {b"b", b"c"}


@pytest.mark.parametrize("happens", [reload, crash])
def test_a_removed_server_stays_away_until_that_is_lifted(operated_by, happens):
    node = operated_by("ab")
    bound = bound_to(node, "a")
    assert node.command("remove", "shop/a").returncode == 0
    happens(node)
    assert bound.ask().body == b"b", "its sessions moved"
    assert [name for name, *_ in as_it_is(node)] == ["b"]
    assert node.command("lift", "shop/a").returncode == 0
    assert [name for name, *_ in as_it_is(node)] == ["a", "b"]


@pytest.mark.parametrize("happens", [reload, crash])
def test_the_file_wins_where_it_changes_that_very_value(operated_by, happens):
    node = operated_by("ab")
    node.set("a", state="drain")
    node.set("a", weight=5)
    servers = node.hawser.settings["pools"]["shop"]["servers"]
    servers["a"] = {"address": servers["a"], "weight": 3}
    node.hawser.write_settings()
    happens(node)
    assert as_it_is(node)[0] == ("a", "drain", 3)
    assert node.hawser.has_said("server shop/a: weight 5, set by local")
    servers["a"]["weight"] = 1
    node.hawser.write_settings()
    crash(node)
    assert as_it_is(node)[0] == ("a", "drain", 1), "what was overtaken does not come back"


def test_a_server_that_the_file_names_later_is_the_files(operated_by, spare):
    node = operated_by("ab")
    node.command("add", "shop/c", spare.address)
    node.hawser.settings["pools"]["shop"]["servers"]["c"] = {"address": spare.address, "weight": 9}
    node.hawser.write_settings()
    reload(node)
    assert as_it_is(node)[2] == ("c", "ready", 9)
    assert node.overrides() == []


def test_status_shows_what_was_set_by_whom_and_what_the_file_says(operated_by):
    node = operated_by("ab")
    node.set("a", state="maint")
    [shown] = node.overrides()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", shown.pop("when"))
    assert shown == {"pool": "shop", "server": "a", "field": "state", "value": "maintenance",
                     "file": "ready", "who": "local"}
    assert node.server("a")["overridden"] == ["state"]
    table = node.command("status").stdout
    assert re.search(r"^shop/a .* maintenance\* ", table, re.MULTILINE)
    assert re.search(r"^shop/a +state +maintenance +ready +local ", table, re.MULTILINE)
    node.command("ready", "shop/a")
    assert node.overrides() == [], "the file says ready itself"
    assert "SET AT RUN TIME" not in node.command("status").stdout


def test_the_file_may_hold_a_state(operated_by):
    node = operated_by("ab", servers={"x": {"address": "127.0.0.1:9", "state": "maint"}})
    assert as_it_is(node)[2] == ("x", "maintenance", 1)
    node.command("ready", "shop/x")
    reload(node)
    assert as_it_is(node)[2] == ("x", "ready", 1)


def test_an_added_server_is_a_server_like_any_other(operated_by, spare):
    node = operated_by("ab")
    node.command("drain", "shop/a")
    node.command("drain", "shop/b")
    node.command("add", "shop/c", spare.address)
    visitors = [node.visitor() for _ in range(3)]
    assert [each.ask().body for each in visitors] == [b"c"] * 3
    node.command("ready", "shop/a")
    reload(node)
    assert [each.ask().body for each in visitors] == [b"c"] * 3, "sessions stay"
    assert node.command("remove", "shop/c").returncode == 0
    assert [each.ask().body for each in visitors] == [b"a"] * 3
    assert [each["field"] for each in node.overrides()] == ["state"], "nothing is left of c"


@pytest.mark.parametrize("arguments, says", [
    (("add", "shop/a", "127.0.0.1:9"), "is there already"),
    (("add", "shop/c", "nonsense"), "is no server's address"),
    (("add", "nothing/c", "127.0.0.1:9"), "no pool is named nothing"),
    (("remove", "shop/c"), "no server named c"),
    (("weight", "shop/c", "1"), "no server named c"),
    (("lift", "shop/a"), "nothing of it was set"),
])
def test_what_cannot_be_done_is_told_and_changes_nothing(operated_by, arguments, says):
    node = operated_by("ab")
    before = node.status()["generation"]
    told = node.command(*arguments)
    assert told.returncode == 1 and says in told.stderr
    assert node.status()["generation"] == before


def test_the_last_server_of_a_pool_cannot_be_removed(operated_by):
    node = operated_by("a")
    told = node.command("remove", "shop/a")
    assert told.returncode == 1 and "has no servers" in told.stderr
    assert as_it_is(node) == [("a", "ready", 1)]


@pytest.mark.parametrize("content", ["", "{", '{"version": 1}', '{"version": 9, "overrides": []}'])
def test_a_damaged_file_is_set_aside_and_told(operated_by, content):
    node = operated_by("ab")
    node.set("a", state="drain")
    path = kept_in(node)
    path.write_text(content)
    crash(node)
    assert as_it_is(node)[0] == ("a", "ready", 1)
    assert node.hawser.has_said("what was set at run time counts no more")
    assert path.with_name(path.name + ".damaged").read_text() == content
    node.set("a", state="drain")
    crash(node)
    assert as_it_is(node)[0] == ("a", "drain", 1)


def test_what_keeps_a_node_from_starting_is_set_aside(operated_by):
    node = operated_by("ab")
    node.command("remove", "shop/a")
    del node.hawser.settings["pools"]["shop"]["servers"]["b"]
    node.hawser.write_settings()
    assert node.act("/v1/reload").status == 422, "nobody would be left"
    crash(node)
    assert as_it_is(node) == [("a", "ready", 1)]
    assert node.hawser.has_said("counts no more")


def test_where_nothing_can_be_kept_the_change_is_made_and_that_is_told(operated_by):
    node = operated_by("ab")
    node.set("b", weight=2)
    path = kept_in(node)
    path.unlink()
    path.mkdir()  # in the way
    told = node.command("weight", "shop/a", "3")
    assert told.returncode == 0
    assert "will not outlive this process" in told.stderr
    assert node.server("a")["weight"] == 3
    told = node.command("drain", "shop/a")
    assert told.returncode == 0
    assert "hawser drain: what is set at run time will not outlive this process" in told.stderr


def test_each_change_is_another_generation(operated_by):
    node = operated_by("ab")
    before = node.status()["generation"]
    told = json.loads(node.set("a", weight=2).text)
    assert told["generation"] == before + 1
    assert told["server"]["weight"] == 2
