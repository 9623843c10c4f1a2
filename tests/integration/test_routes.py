# SPDX-License-Identifier: Apache-2.0
"""Routes as operators see them: which one wins, and what `hawser check` says of it beforehand."""

import json
import subprocess

import pytest

from edge import request
from harness import Hawser, RawOrigin, binary


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A server for each rule that can win."""
    names = ["plain", "prefix", "pattern", "exact", "ring"]
    origins = {name: RawOrigin() for name in names}
    hawser = Hawser(tmp_path_factory.mktemp("routes"), {
        "listeners": {"web": {}},
        "pools": {name: {"servers": {"a": origin.address}, "affinity": []}
                  for name, origin in origins.items()},
        "routes": [{"pool": "plain"},
                   {"host": "shop.example", "path": r"~^/users/[0-9]+$", "pool": "pattern"},
                   {"host": "shop.example", "path": "/users/old/", "pool": "prefix"},
                   {"host": "shop.example", "path": "=/users/1", "method": "PUT", "pool": "exact"},
                   {"host": "*.example", "header": {"X-Ring": "blue"}, "pool": "ring"}]})
    yield hawser, origins
    hawser.stop()


ASKED = [
    ("GET", "shop.example", "/users/17", {}, "pattern"),
    ("GET", "shop.example", "/users/1", {}, "pattern"),
    ("PUT", "shop.example", "/users/1", {}, "exact"),
    ("GET", "SHOP.example:8080", "/x/..//users/%31", {}, "pattern"),
    ("GET", "shop.example", "/users/old/17", {}, "prefix"),
    ("GET", "shop.example", "/users/x", {}, "plain"),
    ("GET", "shop.example", "/users/x", {"X-Ring": "blue"}, "ring"),
    ("GET", "other.example", "/users/17", {"X-Ring": "blue"}, "ring"),
    ("GET", "other.example", "/users/17", {"X-Ring": "red"}, "plain"),
]


@pytest.mark.parametrize("method,host,path,fields,pool", ASKED)
def test_e37_e44_the_most_specific_route_wins(house, method, host, path, fields, pool):
    hawser, origins = house
    for origin in origins.values():
        origin.forget()
    lines = [f"{name}: {value}".encode() for name, value in fields.items()]
    asked = request(f"{method} {path} HTTP/1.1".encode(), *lines, host=host.encode())
    assert hawser.ask(asked).status == 200
    assert [name for name, origin in origins.items() if origin.received] == [pool]


def check(hawser: Hawser, *options: str) -> subprocess.CompletedProcess:
    return subprocess.run([binary(), "check", str(hawser.config_path), *options],
                          capture_output=True, text=True)


@pytest.mark.parametrize("method,host,path,fields,pool", ASKED)
def test_check_tells_beforehand_what_a_request_finds(house, method, host, path, fields, pool):
    headers = [option for name, value in fields.items()
               for option in ("--header", f"{name}: {value}")]
    told = check(house[0], "--json", "--request", f"{method} http://{host}{path}", *headers)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["leads_to"] == f"pool {pool}"


def test_check_prints_routes_in_their_order(house):
    told = check(house[0], "--routes", "--json")
    assert [each["leads_to"].removeprefix("pool ") for each in json.loads(told.stdout)["routes"]] \
        == ["exact", "prefix", "pattern", "ring", "plain"]
    table = check(house[0], "--routes").stdout.splitlines()
    assert table[0].split()[:3] == ["ORDER", "HOST", "PATH"] and len(table) == 6
    assert "method PUT" in table[1] and "hawser.yaml:" in table[1]


def test_check_refuses_what_is_no_question(house):
    assert check(house[0], "--request", "shop.example").returncode == 2
    assert check(house[0], "--request", "GET http://a/", "--listener", "x").returncode == 2
