# SPDX-License-Identifier: Apache-2.0
"""Balancers over real connections: what they need of requests, answers and sessions reaches them."""

from collections import Counter

import pytest

from fleet import Fleet
from harness import answer


@pytest.fixture
def fleet_of(tmp_path):
    made = []

    def make(balance, names: str = "abcd", **pool) -> Fleet:
        made.append(Fleet(tmp_path, names, pool={"balance": balance, "affinity": []} | pool))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def server_of(fleet: Fleet, target: str = "/", *fields: str) -> str:
    return fleet.visitor().ask(f"GET {target} HTTP/1.1", *fields).body.decode()


def test_uri_decides_over_every_connection(fleet_of):
    fleet = fleet_of("uri")
    homes = {n: server_of(fleet, f"/page?number={n}") for n in range(40)}

    assert set(homes.values()) == set("abcd"), "forty pages reach all four servers"
    for n, home in reversed(homes.items()):
        assert server_of(fleet, f"/page?number={n}") == home


def test_a_path_spelled_otherwise_is_the_same_key(fleet_of):
    fleet = fleet_of({"maglev": {"hash": "path"}})
    for n in range(10):
        assert server_of(fleet, f"/shop/{n}") == server_of(fleet, f"/%73hop//x/../{n}?a=1")


@pytest.mark.parametrize("kind", ["rendezvous", "ring", "maglev"])
def test_a_header_decides(fleet_of, kind):
    fleet = fleet_of({kind: {"hash": {"header": "X-Tenant"}}})
    homes = {n: server_of(fleet, "/", f"X-Tenant: {n}") for n in range(40)}

    assert set(homes.values()) == set("abcd")
    for n, home in reversed(homes.items()):
        assert server_of(fleet, f"/{n}", f"x-tenant: {n}") == home


def test_a_cookie_decides(fleet_of):
    fleet = fleet_of({"ring": {"hash": {"cookie": "cart"}}})
    homes = {n: server_of(fleet, "/", f"Cookie: a=b; cart={n}") for n in range(40)}

    assert set(homes.values()) == set("abcd")
    for n, home in reversed(homes.items()):
        assert server_of(fleet, "/x", f"Cookie: cart={n}") == home


def test_a_parameter_decides(fleet_of):
    fleet = fleet_of({"ring": {"hash": {"query": ["user"]}}})
    homes = {n: server_of(fleet, f"/?page=1&user={n}") for n in range(40)}

    assert set(homes.values()) == set("abcd")
    for n, home in reversed(homes.items()):
        assert server_of(fleet, f"/x?user={n}&page=2") == home


def test_requests_without_the_header_go_by_their_clients_address(fleet_of):
    fleet = fleet_of({"ring": {"hash": {"header": "X-Tenant"}}})
    assert len({server_of(fleet, f"/{n}") for n in range(10)}) == 1, "all come from one address"


def test_keys_of_a_lost_server_go_to_all_others_and_nobody_else_moves(fleet_of):
    fleet = fleet_of("uri", health={"passive": {"connect-failures": 1}})
    before = {n: server_of(fleet, f"/{n}") for n in range(60)}
    fleet["c"].stop()
    after = {n: server_of(fleet, f"/{n}") for n in range(60)}

    assert {n for n in before if before[n] != after[n]} == {n for n in before if before[n] == "c"}
    assert len({after[n] for n in before if before[n] == "c"}) > 1


def test_the_server_that_answers_soonest_gets_what_comes(fleet_of):
    fleet = fleet_of("least-response-time", "ab")
    fleet["b"].answers(1.0, answer(b"b"))  # the time that is measured
    told = Counter(server_of(fleet) for _ in range(20))

    assert told["b"] <= 2, "a first try, and perhaps one more before that was answered"


def test_sessions_begin_where_the_fewest_are_at_home(fleet_of):
    fleet = fleet_of("least-sessions", "ab", affinity=["cookie"])
    for _ in range(10):
        fleet.visitor().ask()
    assert [len(fleet[name].requests) for name in "ab"] == [5, 5]

    # A third server is empty: it is filled up to the others, and no further.
    third = fleet.add("c")
    fleet.hawser.settings["pools"]["shop"]["servers"]["c"] = third.address
    fleet.hawser.reload()
    told = Counter(fleet.visitor().ask().body.decode() for _ in range(5))
    assert told == {"c": 5}
    told = Counter(fleet.visitor().ask().body.decode() for _ in range(6))
    assert told == {"a": 2, "b": 2, "c": 2}
