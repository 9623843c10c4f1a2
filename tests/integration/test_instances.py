# SPDX-License-Identifier: Apache-2.0
"""E154: a server that says which process it is, and what becomes of sessions when it is another."""

import time

import pytest

from fleet import Verdict
from harness import answer, wait_for
from operators import Operated, operated_by  # noqa: F401  (a fixture)


def announce(node: Operated, name: str, instance: str) -> None:
    node[name].script = lambda _: [answer(name.encode(), "200 OK", f"Hawser-Instance: {instance}")]


def start_again(node: Operated, name: str, instance: str) -> None:
    """Another process in the place of a server: its connections end, and it says so."""
    node[name].stop()
    node[name].start_again()
    announce(node, name, instance)


@pytest.fixture
def shop(operated_by):  # noqa: F811
    node = operated_by("ab")
    for name in "ab":
        announce(node, name, f"{name}-1")
    return node


def stale_marks(node: Operated) -> float:
    return sum(count for series, count in node.metrics().items()
               if series.startswith("hawser_affinity_invalid_total") and 'reason="stale"' in series)


def test_clients_do_not_see_the_instance_and_the_log_does(shop):
    told = shop.visitor().ask()
    assert told.value("Hawser-Instance") is None
    with shop.connect() as client:
        shop.visitor().ask(over=client)
        [record] = shop.hawser.access_of(client)
    assert record["generation"] > 0


def test_e154_a_session_begins_anew_where_its_home_has_started_again(shop):
    ann = shop.visitor()
    home = ann.ask().body.decode()
    assert Verdict.of(ann.ask()).verdict == "hit"
    start_again(shop, home, f"{home}-2")

    told = ann.ask()
    assert Verdict.of(told) == Verdict("new", "stale", home)
    assert ann.marks == 2
    assert Verdict.of(ann.ask()) == Verdict("hit", "", home)
    assert ann.marks == 2
    assert stale_marks(shop) == 1


def test_e154_replayed_with_a_wrong_generation_is_new_with_one_new_mark(shop):
    ann = shop.visitor()
    home = ann.ask().body.decode()
    start_again(shop, home, f"{home}-2")
    while shop.visitor().ask().body.decode() != home:
        pass

    told = ann.ask()
    assert told.status == 200
    assert Verdict.of(told) == Verdict("new", "stale", home)
    assert ann.marks == 2
    assert stale_marks(shop) == 1


def test_sessions_of_other_servers_see_nothing(shop):
    visitors = {}
    while len(visitors) < 2:
        each = shop.visitor()
        visitors.setdefault(each.ask().body, each)
    start_again(shop, "a", "a-2")
    for _ in range(5):
        assert Verdict.of(visitors[b"b"].ask()) == Verdict("hit", "", "b")


def test_a_node_that_has_just_started_believes_the_mark(shop):
    ann = shop.visitor()
    home = ann.ask().body.decode()
    shop.kill_and_start_again()
    assert Verdict.of(ann.ask()) == Verdict("hit", "", home)
    # Once it knows that the home is another, the same mark says otherwise.
    start_again(shop, home, f"{home}-2")
    assert Verdict.of(ann.ask()) == Verdict("new", "stale", home)


def test_a_node_that_starts_from_an_older_snapshot_believes_the_newer_mark(shop):
    ann = shop.visitor()
    home = ann.ask().body.decode()
    given = int(time.time())
    shop.hawser.stop_and_start_again()  # which wrote down that the home is its first process
    wait_for(lambda: int(time.time()) > given, "the next second, as marks tell the time by them")
    start_again(shop, home, f"{home}-2")
    assert Verdict.of(ann.ask()) == Verdict("new", "stale", home)
    shop.kill_and_start_again()
    assert shop.command("drain", f"shop/{home}").returncode == 0
    assert Verdict.of(ann.ask()) == Verdict("hit", "", home)


def test_the_answers_of_a_process_that_is_finishing_change_nothing(shop):
    """Its connection is older than the one over which the new process was heard of."""
    slow = shop.visitor()
    home = slow.ask().body.decode()
    old = answer(home.encode(), "200 OK", f"Hawser-Instance: {home}-1")
    shop[home].script = lambda _: [0.5, old]
    with shop.connect() as waiting:
        waiting.send(slow.request())
        wait_for(lambda: len(shop[home].requests) == 2, "the old process has the request")
        announce(shop, home, f"{home}-2")
        ann = shop.visitor()
        while ann.ask().body.decode() != home:
            ann = shop.visitor()
        assert waiting.read_answer().status == 200
    assert Verdict.of(ann.ask()) == Verdict("hit", "", home)
