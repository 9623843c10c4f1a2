# SPDX-License-Identifier: Apache-2.0
"""Scale-out: sessions that may move go to a server that was added, so many a second, until it is even."""

from fleet import Verdict
from harness import wait_for
from operators import Operated, operated_by  # noqa: F401  (a fixture)

REBALANCE = {"idle": "0s", "per-second": 5, "tolerance": "20%"}


def established(node: Operated) -> dict[str, int]:
    servers = node.status()["pools"][0]["servers"]
    return {each["name"]: each["sessions"]["established"] for each in servers}


def settled(node: Operated, count: int) -> list:
    visitors = [node.visitor() for _ in range(count)]
    for each in visitors:
        each.ask()
        each.ask()
    return visitors


def test_sessions_come_to_a_server_that_was_added_until_it_is_even(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"rebalance": REBALANCE})
    visitors = settled(node, 40)
    third = node.add("c")
    assert node.command("add", "shop/c", third.address).returncode == 0
    moved = 'hawser_session_moves_total{pool="shop",cause="rebalanced"}'

    def is_even() -> bool:
        for each in visitors:
            each.ask()
        return max(established(node).values()) <= 1.2 * 40 / 3

    wait_for(is_even, "it is even enough", 30)
    assert established(node)["c"] >= 8
    assert node.metrics()[moved] == established(node)["c"]
    assert all(Verdict.of(each.ask()).verdict in ("hit", "moved") for each in visitors)
    assert node.hawser.has_said("rebalancing of shop begins")
    wait_for(lambda: node.metrics()['hawser_rebalancing{pool="shop"}'] == 0, "it is over")
    assert node.hawser.has_said("rebalancing of shop is over")


def test_nobody_moves_where_it_is_off(operated_by):  # noqa: F811
    node = operated_by("ab")
    assert "rebalancing" not in node.status()["pools"][0]
    visitors = settled(node, 20)
    third = node.add("c")
    assert node.command("add", "shop/c", third.address).returncode == 0
    assert {Verdict.of(each.ask()).verdict for each in visitors} == {"hit"}
    assert established(node)["c"] == 0


def test_nobody_moves_who_was_not_idle_for_long_enough(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"rebalance": REBALANCE | {"idle": "1h"}})
    visitors = settled(node, 20)
    third = node.add("c")
    assert node.command("add", "shop/c", third.address).returncode == 0
    wait_for(lambda: node.metrics()['hawser_rebalancing{pool="shop"}'] == 1, "it wants to")
    assert node.status()["pools"][0]["rebalancing"]["skew"] > 1.2
    assert "shop is rebalanced: its busiest server has 1." in node.command("status").stdout
    assert {Verdict.of(each.ask()).verdict for each in visitors} == {"hit"}
