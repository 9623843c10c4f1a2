# SPDX-License-Identifier: Apache-2.0
"""Parallel requests of one session through Express, on one connection, on two, and over a pool:
what each save becomes (T1, T3), that a touch is no write (T4), and that a logout is final (T2).

HAWSER_SAVES: how many saves, and logouts, each of them makes (`make saves`: 10,000)."""

import json
import os
import re

import pytest

from processes import curl, run_app
from session_stores import HawserStore, RedisStore

SAVES = int(os.environ.get("HAWSER_SAVES", "0"))
ROUNDS = (SAVES or 1000) // 2  # of two saves each
REJECTED = (SAVES or 200) // 2
LOGOUTS = SAVES or 200


def served(folder, **namespace) -> HawserStore:
    return HawserStore(folder, {"namespaces": {"default": namespace}},
                       admin={"bind": f"unix:{folder}/admin"})


def crossing(port: int, connections: str, rounds: int = ROUNDS, what: str = "add") -> dict:
    return json.loads(run_app("crossing.js", STORE_PORT=str(port), CONNECTIONS=connections,
                              ROUNDS=str(rounds), WHAT=what, seconds=max(300, rounds)))


def counted(store: HawserStore, folder) -> dict[str, int]:
    metrics = curl("--unix-socket", f"{folder}/admin", "http://localhost/metrics")
    found = dict(re.findall(r'hawser_session_saves_total\{.*outcome="(\w+)"\} (\d+)', metrics))
    found["unknown"] = re.search(r"hawser_session_saves_unknown_base_total\{.*\} (\d+)", metrics)[1]
    return {name: int(count) for name, count in found.items()}


def test_t1_redis_loses_one_of_two_every_time(tmp_path):
    store = RedisStore(tmp_path)
    assert crossing(store.port, "one", 50)["items"] == 50
    store.stop()


def test_t1_the_last_writer_loses_as_many_and_each_is_counted(tmp_path):
    store = served(tmp_path)
    assert crossing(store.port, "one", 50)["items"] == 50
    assert counted(store, tmp_path)["overwritten"] == 50
    store.stop()


def test_t1_under_merge_one_connection_loses_nothing(tmp_path):
    store = served(tmp_path, saves="merge")
    told = crossing(store.port, "one")
    assert (told["items"], told["different"]) == (2 * ROUNDS, 2 * ROUNDS)
    sums = counted(store, tmp_path)
    assert sums["merged"] == ROUNDS and sums["unknown"] == 0, sums
    store.stop()


@pytest.mark.parametrize("connections", ["split", "pool"])
def test_t1_under_merge_a_mark_in_the_data_serves_any_connections(tmp_path, connections):
    store = served(tmp_path, saves="merge", **{"mark-field": "hawser_read"})
    told = crossing(store.port, connections)
    assert (told["items"], told["different"]) == (2 * ROUNDS, 2 * ROUNDS)
    assert counted(store, tmp_path)["unknown"] == 0
    store.stop()


@pytest.mark.parametrize("connections", ["split", "pool"])
def test_t1_without_the_mark_what_is_lost_is_counted_and_nothing_is_there_twice(tmp_path,
                                                                               connections):
    store = served(tmp_path, saves="merge")
    told = crossing(store.port, connections, 50)
    sums = counted(store, tmp_path)
    assert told["items"] == told["different"] >= 50
    assert 100 - told["items"] <= sums["unknown"], (told, sums)
    store.stop()


@pytest.mark.parametrize("connections, mark", [("one", ""), ("pool", "hawser_read")])
def test_t3_under_reject_nothing_is_undone_in_silence(tmp_path, connections, mark):
    store = served(tmp_path, saves="reject", **{"mark-field": mark})
    told = crossing(store.port, connections, REJECTED)
    assert told["items"] == told["different"] == told["refused"] == REJECTED
    assert counted(store, tmp_path)["rejected"] == REJECTED
    store.stop()


@pytest.mark.parametrize("connections, mark", [("one", ""), ("split", ""), ("pool", "hawser_read")])
def test_t2_a_logout_is_never_undone_by_a_slower_save(tmp_path, connections, mark):
    store = served(tmp_path, **{"mark-field": mark})
    assert crossing(store.port, connections, LOGOUTS, "logout")["undone"] == 0
    assert counted(store, tmp_path)["dropped"] == LOGOUTS
    store.stop()


def test_t2_redis_undoes_it_every_time(tmp_path):
    store = RedisStore(tmp_path)
    assert crossing(store.port, "one", 20, "logout")["undone"] == 20
    store.stop()
