# SPDX-License-Identifier: Apache-2.0
"""What a change would lead to: told before it is made, and refused where it would be too much."""

import json

import pytest

from harness import free_port
from operators import command, operated_by  # noqa: F401
from test_cli import bound_to


def sessions_at(node, name: str, count: int) -> list:
    """So many visitors whose home is that server, and whose key has come back."""
    all_of_them = [bound_to(node, name) for _ in range(count)]
    for each in all_of_them:
        each.ask()
    return all_of_them


@pytest.fixture
def node(operated_by):
    port = free_port()
    made = operated_by("ab", admin={"bind": f"127.0.0.1:{port}", "confirm-above": 2},
                       pool={"balance": "round-robin"})
    made.admin_port = port
    return made


@pytest.mark.parametrize("change", [("remove",), ("maintenance",)])
def test_what_moves_sessions_says_how_many_and_needs_force_above_the_limit(node, change):
    visitors = sessions_at(node, "a", 3)
    before = node.status()["generation"]
    there = node.sessions_of("a")
    told = node.command(*change, "shop/a", "--dry-run")
    assert told.returncode == 0
    total = sum(node.sessions_of(name) for name in "ab")
    assert told.stdout == f"{there} of {total} sessions would move, 0 with open tunnels\n"
    told = node.command(*change, "shop/a")
    assert told.returncode == 1
    assert f"{there} of {total} sessions would move" in told.stderr and "forced" in told.stderr
    assert node.status()["generation"] == before
    assert node.command(*change, "shop/a", "--force").returncode == 0
    assert [each.ask().body for each in visitors] == [b"b"] * 3


def test_a_move_below_the_limit_needs_no_force(node):
    sessions_at(node, "a", 1)
    assert node.command("maintenance", "shop/a").returncode == 0


@pytest.mark.parametrize("change", [("weight", "shop/a", "0"), ("ready", "shop/a"),
                                    ("add", "shop/c", "127.0.0.1:9")])
def test_what_moves_no_session_needs_no_force(node, change):
    sessions_at(node, "a", 3)
    assert node.command(*change, "--dry-run").stdout == "no session would move\n"
    assert node.command(*change).returncode == 0


def test_a_trial_tells_of_what_would_be_wrong(node):
    told = node.command("remove", "shop/nobody", "--dry-run")
    assert told.returncode == 1 and "no server named nobody" in told.stderr


def test_a_reload_tells_what_it_would_change(node):
    sessions_at(node, "a", 3)
    there, total = node.sessions_of("a"), sum(node.sessions_of(name) for name in "ab")
    settings = node.hawser.settings
    settings["pools"]["shop"]["servers"]["c"] = "127.0.0.1:9"
    address = settings["pools"]["shop"]["servers"].pop("a")
    settings["sessions"] = {"idle-timeout": "20m"}
    node.hawser.write_settings()
    moves = f"{there} of {total} sessions would move, 0 with open tunnels"

    tried = node.command("reload", "--dry-run").stdout.splitlines()
    assert tried[-1] == moves
    assert {"pools.shop.servers.a: removed", "pools.shop.servers.c: added"} <= set(tried)
    assert "sessions.idle-timeout: 30m -> 20m" in tried
    compared = command("check", str(node.hawser.config_path), "--against-running").stdout
    assert set(compared.splitlines()) == set(tried), "the file finds the node by itself"
    told = node.command("reload")
    assert told.returncode == 1 and moves in told.stderr
    assert [each["name"] for each in node.status()["pools"][0]["servers"]] == ["a", "b"]
    settings["pools"]["shop"]["servers"]["a"] = address
    node.hawser.write_settings()
    assert node.command("reload").returncode == 0


def test_a_file_that_says_the_same_changes_nothing(node):
    told = command("check", str(node.hawser.config_path), "--against-running")
    assert told.stdout == "nothing would change\nno session would move\n"


def test_the_dump_of_a_running_node_marks_what_was_set(node):
    node.command("weight", "shop/a", "7")
    node.command("add", "shop/c", "127.0.0.1:9")
    told = node.command("check", "--dump").stdout.splitlines()
    marked = [line.strip() for line in told if "set at run time by local at" in line]
    assert len(marked) == 2
    assert marked[0].startswith("weight: 7  # set at run time by local at")
    assert marked[0].endswith("; the file says 1")
    assert "127.0.0.1:9" in marked[1] and marked[1].endswith("; the file says nothing")
    node.command("remove", "shop/b", "--force")
    assert any(line.startswith("# shop/b: removed, set at run time")
               for line in node.command("check", "--dump").stdout.splitlines())


def test_sessions_of_several_servers_are_counted(node):
    sessions_at(node, "a", 1)
    told = json.loads(node.admin("GET", "/v1/impact?servers=shop/a,shop/b").text)
    assert told["sessions"] == told["of"] == sum(node.sessions_of(name) for name in "ab")
