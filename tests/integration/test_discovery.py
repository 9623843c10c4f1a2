# SPDX-License-Identifier: Apache-2.0
"""Servers that are found: by a name server that changes its mind, and in a file that is replaced."""

import itertools
import json
import os
import pathlib
import threading

import pytest

from fleet import Verdict, answers_its_name
from harness import RawOrigin, free_port, wait_for
from name_server import A, AAAA, FAILED, NO_SUCH_NAME, SILENCE, SRV, NameServer
from operators import Operated

NAME = "app.internal"
SERVICE = "_http._tcp.app.internal"
_addresses = itertools.count(1)


class Found(Operated):
    """A pool whose servers a name server tells of, all at one port of addresses of their own."""

    def __init__(self, folder: pathlib.Path, name: str = NAME, dns: dict | None = None,
                 pool: dict | None = None, **settings):
        self.names = NameServer(free_port())
        self.app_port = free_port()
        asked = name if name.startswith("_") else f"{name}:{self.app_port}"
        how = {"name": asked, "resolvers": [self.names.address], "ttl-at-least": "100ms",
               "timeout": "200ms", "tries": 1} | (dns or {})
        self.begin()
        super().__init__(folder, "", {"discover": {"dns": how}} | (pool or {}), **settings)

    def begin(self) -> None:
        """Before the first look."""

    def origin(self) -> str:
        """One more server, which nobody tells of yet; its address."""
        where = f"127.0.9.{next(_addresses) % 250 + 1}"
        made = RawOrigin(place=(where, self.app_port))
        answers_its_name(made, where)
        self.__dict__.setdefault("more", []).append(made)
        return where

    def says(self, *addresses: str, name: str = NAME) -> None:
        self.names.say(name, A, list(addresses))

    def found(self) -> set[str]:
        """Names of the servers of the pool that are not leaving."""
        return {each["name"] for each in self.status()["pools"][0]["servers"] if each["weight"]}

    def leaving(self) -> set[str]:
        return {each["name"] for each in self.status()["pools"][0]["servers"] if not each["weight"]}

    def finds(self, *names: str) -> None:
        wait_for(lambda: self.found() == set(names), f"{names} are found")

    def discovery(self) -> dict:
        return self.status()["pools"][0]["discovery"]

    def stop(self) -> None:
        try:
            super().stop()
        finally:
            self.names.stop()
            for each in self.__dict__.get("more", []):
                each.stop()


class Two(Found):
    """Begins with two servers."""

    def begin(self) -> None:
        self.first, self.second = self.origin(), self.origin()
        self.says(self.first, self.second)


@pytest.fixture
def found(tmp_path):
    made = []

    def make(kind=Two, **more) -> Found:
        made.append(kind(tmp_path, **more))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def homes_of(node: Operated, count: int = 20) -> set[str]:
    """Where new sessions go."""
    return {node.visitor().ask().body.decode() for _ in range(count)}


def settled_visitor(node: Operated, home: str):
    """One whose home that is, and whose key has come back."""
    for _ in range(100):
        visitor = node.visitor()
        if visitor.ask().body.decode() == home:
            visitor.ask()
            return visitor
    raise AssertionError(f"nobody got to {home}")


class Crowd:
    """Visitors with sessions who ask without a pause; each answer must be a 200."""

    def __init__(self, node: Operated, count: int = 8):
        self.failures: list[str] = []
        self.moves: list[tuple[str, str]] = []
        self.homes: dict[int, str] = {}
        self.answers = 0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._visit, args=(node, n)) for n in range(count)]
        for each in self._threads:
            each.start()
        wait_for(lambda: len(self.homes) == count, "everybody has a home")

    def _visit(self, node: Operated, number: int) -> None:
        visitor = node.visitor()
        while not self._over.is_set():
            try:
                told = visitor.ask()
            except Exception as wrong:  # noqa: BLE001: whatever it is, the user saw it
                self.failures.append(repr(wrong))
                return
            if told.status != 200:
                self.failures.append(str(told.status))
                continue
            home = told.body.decode()
            before = self.homes.setdefault(number, home)
            if before != home:
                self.moves.append((before, home))
                self.homes[number] = home
            self.answers += 1

    def goes_on(self, answers: int = 200) -> None:
        enough = self.answers + answers
        wait_for(lambda: self.answers >= enough or self.failures, "the crowd goes on")

    def leave(self) -> None:
        self._over.set()
        for each in self._threads:
            each.join()


# ---- a name server ----------------------------------------------------------------------------


def test_servers_are_found_before_the_first_request(found):
    node = found()

    assert homes_of(node) == {node.first, node.second}
    server = node.server(node.first)
    assert (server["address"], server["source"]) == (f"{node.first}:{node.app_port}", "discovery")
    assert node.discovery()["kind"] == "dns" and node.discovery()["trouble"] == ""
    assert f"shop is found by dns {NAME}:{node.app_port}" in node.command("status").stdout


def test_changes_under_load_fail_no_request_and_move_no_session_of_others(found):
    node = found()
    crowd = Crowd(node)
    third = node.origin()

    node.says(node.first, node.second, third)
    node.finds(node.first, node.second, third)
    crowd.goes_on()
    assert third in homes_of(node)
    node.says(node.first, third)
    node.finds(node.first, third)
    crowd.goes_on()
    assert node.second not in homes_of(node), "nobody new goes where nobody is found any more"
    crowd.leave()

    assert crowd.failures == []
    assert crowd.moves == [], "who had a home keeps it, found or leaving"


def test_a_server_that_is_found_no_more_goes_with_its_last_session(found):
    node = found(sessions={"idle-timeout": "2s"}, pool={"affinity": [{"cookie": {"ttl": "2s"}}]})
    visitor = settled_visitor(node, node.second)

    node.says(node.first)
    node.finds(node.first)
    assert node.leaving() == {node.second}
    told = visitor.ask()

    assert (told.body.decode(), Verdict.of(told).verdict) == (node.second, "hit")
    wait_for(lambda: not node.leaving(), "its sessions have ended", seconds=20)
    assert homes_of(node) == {node.first}


def test_a_server_that_comes_back_is_the_one_that_left(found):
    node = found()
    visitor = settled_visitor(node, node.second)
    node.says(node.first)
    node.finds(node.first)

    node.says(node.first, node.second)
    node.finds(node.first, node.second)

    assert Verdict.of(visitor.ask()).verdict == "hit"
    assert homes_of(node) == {node.first, node.second}


def test_a_pool_may_have_its_sessions_moved_at_once(found):
    node = found(pool={"discovered": {"when-gone": "drop"}})
    visitor = settled_visitor(node, node.second)

    node.says(node.first)
    node.finds(node.first)
    assert node.leaving() == set()
    told = visitor.ask()

    assert told.body.decode() == node.first
    assert (Verdict.of(told).verdict, Verdict.of(told).cause) == ("moved", "unknown-server")


@pytest.mark.parametrize("failure", [NO_SUCH_NAME, FAILED, SILENCE, []])
def test_what_the_name_server_cannot_say_changes_nothing(found, failure):
    node = found()
    visitor = settled_visitor(node, node.second)

    node.names.say(NAME, A, failure)
    node.names.say(NAME, AAAA, failure)
    wait_for(lambda: node.discovery()["trouble"], "the trouble shows")

    assert node.found() == {node.first, node.second}
    assert Verdict.of(visitor.ask()).verdict == "hit"
    metrics = node.metrics()
    assert metrics['hawser_discovery_ok{pool="shop"}'] == 0
    assert metrics['hawser_discovery_looks_total{pool="shop",outcome="failed"}'] >= 1
    assert node.hawser.has_said("nothing was found, all servers stay")

    node.says(node.second)
    node.finds(node.second)
    assert node.discovery()["trouble"] == ""
    assert node.hawser.has_said("all could be seen again")


def test_a_name_server_that_is_away_at_the_start_is_waited_for_only_a_while(found):
    class Nobody(Found):
        def begin(self):
            self.names.say(NAME, A, SILENCE)
            self.names.say(NAME, AAAA, SILENCE)

    node = found(Nobody)
    assert node.visitor().ask().status == 503

    address = node.origin()
    node.says(address)
    node.finds(address)
    assert node.visitor().ask().status == 200


def test_srv_records_say_ports_weights_and_who_stands_in(found):
    class Service(Found):
        def begin(self):
            self.heavy, self.light, self.spare = self.origin(), self.origin(), self.origin()
            self.names.say(SERVICE, SRV, [(0, 3, self.app_port, "heavy.internal"),
                                          (0, 1, self.app_port, "light.internal"),
                                          (9, 0, self.app_port, "spare.internal")])
            for host in ("heavy", "light", "spare"):
                self.says(getattr(self, host), name=f"{host}.internal")

    node = found(Service, name=SERVICE, pool={"balance": "round-robin"})
    port = node.app_port
    node.finds(f"heavy.internal-{port}", f"light.internal-{port}", f"spare.internal-{port}")
    served = [node.visitor().ask().body.decode() for _ in range(40)]
    assert (served.count(node.heavy), served.count(node.light)) == (30, 10)

    for host in ("heavy", "light"):
        node.command("maintenance", f"shop/{host}.internal-{port}")
    assert homes_of(node) == {node.spare}


@pytest.mark.parametrize("of, failure", [
    *(("the service", each) for each in (NO_SUCH_NAME, FAILED, SILENCE, [])),
    *(("a target", each) for each in (FAILED, SILENCE))])
def test_what_is_not_said_of_a_service_changes_nothing(found, of, failure):
    class Service(Found):
        def begin(self):
            self.one, self.two = self.origin(), self.origin()
            self.records = [(0, 1, self.app_port, "one.internal"),
                            (0, 1, self.app_port, "two.internal")]
            self.names.say(SERVICE, SRV, self.records)
            self.says(self.one, name="one.internal")
            self.says(self.two, name="two.internal")

    node = found(Service, name=SERVICE)
    both = {f"{host}.internal-{node.app_port}" for host in ("one", "two")}
    node.finds(*both)
    visitor = settled_visitor(node, node.two)
    if of == "the service":
        node.names.say(SERVICE, SRV, failure)
    else:
        for kind in (A, AAAA):
            node.names.say("two.internal", kind, failure)
    wait_for(lambda: node.discovery()["trouble"], "the trouble shows")

    assert node.found() == both
    assert Verdict.of(visitor.ask()).verdict == "hit"
    node.names.say(SERVICE, SRV, node.records)
    node.says(node.two, name="two.internal")
    wait_for(lambda: node.discovery()["trouble"] == "", "it is over")
    assert node.found() == both


def test_a_target_keeps_its_sessions_when_its_address_changes(found):
    class Service(Found):
        def begin(self):
            self.before = self.origin()
            self.names.say(SERVICE, SRV, [(0, 0, self.app_port, "one.internal")])
            self.says(self.before, name="one.internal")

    node = found(Service, name=SERVICE)
    visitor = settled_visitor(node, node.before)
    after = node.origin()
    node.says(after, name="one.internal")
    name = f"one.internal-{node.app_port}"
    wait_for(lambda: node.server(name)["address"].startswith(f"{after}:"), "it has moved")

    told = visitor.ask()

    assert (told.body.decode(), Verdict.of(told).verdict) == (after, "hit")


def test_a_slot_goes_to_the_next_address_with_its_sessions(found):
    node = found(dns={"identity": "slot"})
    assert node.found() == {"app-1", "app-2"}
    visitor = settled_visitor(node, node.second)
    third = node.origin()

    node.says(node.first, third)
    wait_for(lambda: third in {each["address"].split(":")[0]
                               for each in node.status()["pools"][0]["servers"]}, "it has moved")

    told = visitor.ask()
    assert (told.body.decode(), Verdict.of(told).verdict) == (third, "hit")


def test_what_a_person_sets_of_a_found_server_holds_while_others_come_and_go(found):
    node = found()
    assert node.command("drain", f"shop/{node.second}").returncode == 0
    third = node.origin()

    node.says(node.first, node.second, third)
    node.finds(node.first, node.second, third)

    assert node.server(node.second)["state"] in ("drain", "drained")
    assert homes_of(node) == {node.first, third}
    assert node.command("ready", f"shop/{node.second}").returncode == 0
    assert homes_of(node) == {node.first, node.second, third}


def test_an_answer_too_long_for_udp_is_asked_for_by_tcp(found):
    class Many(Found):
        def begin(self):
            self.says(*[f"127.0.8.{n}" for n in range(1, 201)])

    node = found(Many)

    assert len(node.found()) == 200
    assert (NAME, A, "tcp") in node.names.asked


def test_servers_of_the_file_stand_beside_those_that_are_found(found, tmp_path):
    local = RawOrigin()
    answers_its_name(local, "local")
    node = found(pool={"servers": {"local": local.address}})

    assert homes_of(node, 30) == {"local", node.first, node.second}
    assert node.server("local")["source"] == "file"
    local.stop()


def test_a_reload_from_named_servers_to_found_ones_keeps_every_session(found):
    node = found()
    named = {each: f"{each}:{node.app_port}" for each in (node.first, node.second)}
    pool = node.hawser.settings["pools"]["shop"]
    how = pool.pop("discover")
    pool["servers"] = {"a": named[node.first], "b": named[node.second]}
    node.hawser.reload()
    node.finds("a", "b")
    crowd = Crowd(node)

    pool["servers"], pool["discover"] = {}, how
    node.hawser.reload()
    node.finds(node.first, node.second)
    crowd.goes_on()
    crowd.leave()

    assert crowd.failures == [] and crowd.moves == []
    assert node.leaving() <= {"a", "b"}


def test_a_reload_that_changes_something_else_looks_no_more_often(found):
    node = found(dns={"ttl-at-least": "1h", "ttl-at-most": "1h"})
    asked = len(node.names.asked)

    for _ in range(3):
        node.hawser.settings["pools"]["shop"]["retries"] = 1
        node.hawser.reload()

    assert node.found() == {node.first, node.second}
    assert len(node.names.asked) == asked


# ---- a file -----------------------------------------------------------------------------------


class Listed(Operated):
    """A pool whose servers stand in a file of their own."""

    def __init__(self, folder: pathlib.Path):
        self.path = folder / "servers.json"
        self.more = {name: RawOrigin() for name in "abc"}
        for name, origin in self.more.items():
            answers_its_name(origin, name)
        self.lists("a", "b")
        super().__init__(folder, "", {"discover": {"file": str(self.path)}})

    def lists(self, *names: str) -> None:
        self.puts(json.dumps({"servers": {name: self.more[name].address for name in names}}))

    def puts(self, text: str) -> None:
        beside = self.path.with_suffix(".new")
        beside.write_text(text)
        os.replace(beside, self.path)

    def found(self) -> set[str]:
        return {each["name"] for each in self.status()["pools"][0]["servers"] if each["weight"]}

    def stop(self) -> None:
        super().stop()
        for each in self.more.values():
            each.stop()


@pytest.fixture
def listed(tmp_path):
    made = Listed(tmp_path)
    yield made
    made.stop()


def test_a_file_that_is_replaced_changes_the_pool_under_load(listed):
    assert homes_of(listed) == {"a", "b"}
    crowd = Crowd(listed)

    listed.lists("a", "b", "c")
    wait_for(lambda: listed.found() == {"a", "b", "c"}, "c is found")
    crowd.goes_on()
    listed.lists("b", "c")
    wait_for(lambda: listed.found() == {"b", "c"}, "a is found no more")
    crowd.goes_on()
    crowd.leave()

    assert crowd.failures == [] and crowd.moves == []


def test_a_faulty_file_is_reported_with_its_place_and_changes_nothing(listed):
    listed.puts('{"servers": {"a": "app.internal:80"}}')

    assert listed.hawser.has_said(f"{listed.path}:1:19: error: `address`")
    assert listed.found() == {"a", "b"}
    assert listed.status()["pools"][0]["discovery"]["trouble"].startswith(str(listed.path))

    listed.lists("b")
    wait_for(lambda: listed.found() == {"b"}, "the next good file counts")
    assert listed.status()["pools"][0]["discovery"]["trouble"] == ""


def test_a_file_that_vanishes_takes_nobody_with_it(listed):
    os.unlink(listed.path)

    assert listed.hawser.has_said("cannot read")
    assert homes_of(listed) == {"a", "b"}
