# SPDX-License-Identifier: Apache-2.0
"""Whoever tries session ids that no server has given out is told of, and refused where that is wanted."""

import pytest

from harness import wait_for
from operators import operated_by  # noqa: F401  (a fixture)

KIND = [{"application-cookie": "sid"}]


def shown(node, sid: str, client: str = "") -> int:
    lines = ["GET / HTTP/1.1", "Host: shop.example", f"Cookie: sid={sid}"]
    lines += [f"X-Forwarded-For: {client}"] if client else []
    return node.hawser.ask("\r\n".join([*lines, "", ""]).encode()).status


def guesses(node, outcome: str) -> float:
    name = f'hawser_session_guesses_total{{pool="shop",outcome="{outcome}"}}'
    return node.metrics().get(name, 0)


def alarms(node) -> list[str]:
    return [line for line in node.hawser.errors().splitlines() if "as whoever guesses" in line]


def test_ids_beyond_the_rate_are_refused_and_told_of_once(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"affinity": KIND,
                                   "guessing": {"per-minute": 5, "then": "refuse"}})
    assert [shown(node, f"guess-{n}") for n in range(8)] == [200] * 5 + [429] * 3
    assert guesses(node, "refused") == 3
    wait_for(lambda: alarms(node), "the log tells of it")
    [line] = alarms(node)
    assert "127.0.0.1 shows more than 5" in line and "guess-" not in node.hawser.errors()
    assert shown(node, "guess-0") == 200, "what has begun a session goes on"
    assert node.visitor().ask().status == 200, "nor is anybody refused who shows no id"


def test_unless_wanted_otherwise_it_is_only_told(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"affinity": KIND, "guessing": {"per-minute": 5}})
    assert {shown(node, f"guess-{n}") for n in range(8)} == {200}
    assert guesses(node, "served") == 3
    wait_for(lambda: alarms(node), "the log tells of it")


def test_each_source_is_watched_by_itself(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"affinity": KIND,
                                   "guessing": {"per-minute": 2, "then": "refuse"}},
                       listener={"trusted-proxies": "127.0.0.0/8"})
    for client in ("192.0.2.1", "192.0.2.2"):
        assert [shown(node, f"{client}-{n}", client) for n in range(3)] == [200, 200, 429]


@pytest.mark.parametrize("pool", [
    {"affinity": KIND, "guessing": "off"},
    {"affinity": [{"query": "sid"}, {"header": {"name": "Cookie", "learn": False}}],
     "guessing": {"per-minute": 1, "then": "refuse"}}])
def test_keys_of_clients_own_choosing_are_no_guesses(operated_by, pool):  # noqa: F811
    node = operated_by("ab", pool=pool)
    assert {shown(node, f"own-{n}") for n in range(200)} == {200}
    assert guesses(node, "refused") == guesses(node, "served") == 0
