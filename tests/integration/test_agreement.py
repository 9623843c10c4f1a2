# SPDX-License-Identifier: Apache-2.0
"""Two nodes that share keys and nothing else, behind a third balancer that alternates between them."""

import pytest

from fleet import Fleet
from harness import Hawser

AFFINITIES = {"cookie": ["cookie"], "header": [{"header": {"name": "X-Session", "learn": False}}],
              "address": [{"source-address": {}}]}


class Pair:
    """Three servers, two nodes before them, and before these one that takes each in turn."""

    def __init__(self, folder, affinity: list):
        for name in ("first", "second", "front"):
            (folder / name).mkdir()
        pool = {"balance": {"rendezvous": {"hash": "session"}}, "affinity": affinity}
        listener = {"trusted-proxies": ["127.0.0.0/8"]}
        keys = str(folder / "keys")
        self.fleet = Fleet(folder / "first", "abc", pool=pool, listener=dict(listener), keys=keys)
        settings = self.fleet.hawser.settings
        self.second = Hawser(folder / "second", {
            "listeners": {"web": dict(listener)}, "pools": settings["pools"],
            "routes": settings["routes"], "debug-header": settings["debug-header"], "keys": keys})
        self.nodes = [self.fleet.hawser, self.second]
        self.front = Hawser(folder / "front", {
            "listeners": {"web": {"forwarded-for": "append", **listener}},
            "pools": {"nodes": {"balance": "round-robin", "affinity": [], "servers": {
                f"node-{at}": f"127.0.0.1:{each.port}" for at, each in enumerate(self.nodes)}}},
            "routes": [{"pool": "nodes"}]})

    def ask(self, *fields: str):
        lines = ["GET / HTTP/1.1", "Host: shop.example", *fields, "", ""]
        return self.front.ask("\r\n".join(lines).encode())

    def homes_of(self, fields_of, count: int = 4) -> dict[str, set[str]]:
        """Where each of thirty clients is served, by `count` requests of each."""
        return {name: {self.ask(*fields_of(name)).body.decode() for _ in range(count)}
                for name in (f"client-{n}" for n in range(30))}

    def stop(self) -> None:
        self.front.stop()
        self.second.stop()
        self.fleet.stop()


@pytest.fixture
def pair(request, tmp_path):
    made = Pair(tmp_path, AFFINITIES[request.param])
    yield made
    made.stop()


def field(name: str) -> list[str]:
    return [f"X-Session: {name}"]


def address(name: str) -> list[str]:
    return [f"X-Forwarded-For: 192.0.2.{name.rpartition('-')[2]}"]


@pytest.mark.parametrize("pair,fields_of", [("header", field), ("address", address)],
                         indirect=["pair"])
def test_nodes_choose_alike_for_what_leaves_nothing_with_the_client(pair, fields_of):
    homes = pair.homes_of(fields_of)
    assert all(len(each) == 1 for each in homes.values())
    assert set.union(*homes.values()) == set("abc"), "the clients are spread over all"


@pytest.mark.parametrize("pair", ["header"], indirect=True)
def test_a_node_that_has_forgotten_everything_sends_them_where_they_were(pair):
    homes = pair.homes_of(field)
    pair.second.kill_and_start_again()
    assert not (pair.second.folder / "state" / "snapshot").exists(), "it could write nothing down"
    assert pair.homes_of(field) == homes


@pytest.mark.parametrize("pair", ["cookie"], indirect=True)
def test_nodes_with_the_same_keys_know_each_others_cookies(pair):
    for _ in range(10):
        told = pair.ask()
        cookie = told.value("Set-Cookie").split(";")[0]
        homes = {pair.ask(f"Cookie: {cookie}").body for _ in range(6)}
        assert homes == {told.body}
