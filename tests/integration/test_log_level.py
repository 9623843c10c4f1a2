# SPDX-License-Identifier: Apache-2.0
"""More in the error log for a time: of everything, or of one session, client or pool."""

import json

import pytest

from harness import wait_for
from operators import operated_by  # noqa: F401

WATCHED = "watched request: "


def watched(node) -> list[dict]:
    return [json.loads(line.partition(WATCHED)[2])
            for line in node.hawser.errors().splitlines() if WATCHED in line]


def log(node) -> dict:
    return json.loads(node.admin("GET", "/v1/log").text)


def session_of(node, visitor) -> str:
    before = len(node.hawser.access())
    visitor.ask()
    wait_for(lambda: len(node.hawser.access()) > before, "the access log tells of it")
    return node.hawser.access()[-1]["session"]


def test_the_level_holds_for_its_time_and_over_a_reload(operated_by):
    node = operated_by("a")
    assert node.command("log", "--level", "debug", "--for", "1h").returncode == 0
    assert (log(node)["level"], log(node)["level_of_file"]) == ("debug", "info")
    assert node.command("reload").returncode == 0
    assert log(node)["level"] == "debug"
    assert "level debug until" in node.command("log").stdout
    assert node.command("log", "--lift").returncode == 0
    assert log(node) == {"level": "info", "level_of_file": "info", "until": "", "watches": []}
    assert node.command("log", "--level", "error", "--for", "1s").returncode == 0
    wait_for(lambda: log(node)["level"] == "info", "its time is over")


def test_one_session_is_watched_and_no_other(operated_by):
    node = operated_by("ab")
    one, other = node.visitor(), node.visitor()
    one.ask()
    other.ask()
    session = session_of(node, one)
    assert node.command("log", "--session", session, "--for", "1h").returncode == 0
    other.ask()
    one.ask()
    wait_for(lambda: watched(node), "the request is told of")
    assert [each["session"] for each in watched(node)] == [session]
    assert {"verdict", "pool", "server", "status"} <= set(watched(node)[0])


@pytest.mark.parametrize("option, value, is_told", [
    ("--pool", "shop", True), ("--client", "127.0.0.0/8", True), ("--client", "127.0.0.1", True),
    ("--client", "10.0.0.0/8", False), ("--session", "0123456789abcdef", False)])
def test_pools_and_clients_are_watched(operated_by, option, value, is_told):
    node = operated_by("a", log={"access": "off"})
    assert node.command("log", option, value, "--for", "1h").returncode == 0
    assert node.visitor().ask().status == 200
    assert node.command("log", "--lift").returncode == 0
    assert node.visitor().ask().status == 200
    node.command("log", "--pool", "shop")  # what comes after it in the log has been waited for
    node.visitor().ask()
    expected = 2 if is_told else 1
    wait_for(lambda: len(watched(node)) >= expected, "the requests are told of")
    assert len(watched(node)) == expected


def test_a_watch_ends_by_itself(operated_by):
    node = operated_by("a")
    node.command("log", "--pool", "shop", "--for", "1s")
    assert len(log(node)["watches"]) == 1
    wait_for(lambda: not log(node)["watches"], "its time is over")


@pytest.mark.parametrize("body, says", [
    ({"for": "1m"}, "name either"), ({"level": "loud", "for": "1m"}, "a `level` is"),
    ({"level": "debug"}, "`for` is missing"), ({"level": "debug", "for": "48h"}, "at most"),
    ({"session": "x", "for": "1m"}, "by its hash"), ({"pool": "nothing", "for": "1m"}, "no pool"),
    ({"client": "10.0.0.0/99", "for": "1m"}, "an address or a network"),
    ({"level": "debug", "pool": "shop", "for": "1m"}, "name either")])
def test_what_makes_no_sense_is_told(operated_by, body, says):
    node = operated_by("a")
    told = node.act("/v1/log", body, "PUT")
    assert told.status in (404, 422) and says in told.error
    assert log(node)["watches"] == [] and log(node)["level"] == "info"


def test_not_more_is_watched_than_the_limit(operated_by):
    node = operated_by("a")
    told = [node.act("/v1/log", {"pool": "shop", "for": "1h"}, "PUT").status for _ in range(17)]
    assert told == [200] * 16 + [409]
