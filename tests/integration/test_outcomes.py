# SPDX-License-Identifier: Apache-2.0
"""The table of docs/policies.md, "Every outcome": each policy, in each state of a home, with every kind of affinity."""

import concurrent.futures
import json
import pathlib
import re
import threading
from typing import Callable, Iterable, NamedTuple

import pytest

from authorities import Authority, TlsClient
from fleet import Verdict
from harness import answer, wait_for
from messages import Answer, Request
from operators import Operated, command, operated_by  # noqa: F401  (a fixture)

DOCS = pathlib.Path(__file__).parents[2] / "docs"


# ---- the table --------------------------------------------------------------------------------

class Line(NamedTuple):
    policy: str
    home: str
    verdict: str
    cause: str
    served_by: str
    afterwards: str


def lines() -> list[Line]:
    text = (DOCS / "policies.md").read_text()
    table = text.split("## Every outcome")[1].split("\n\n")[2]
    rows = [re.findall(r"\|([^|]*)(?=\|)", row) for row in table.splitlines()[2:]]
    return [Line(*(cell.strip().replace("`", "") for cell in row)) for row in rows]


QUEUE = {"queue": {"length": 100, "timeout": "60s"}}
POLICIES = {
    "when-home-is-down: move": {},
    "when-home-is-down: wait": {"when-home-is-down": "wait"} | QUEUE,
    "when-home-is-down: refuse": {"when-home-is-down": "refuse"},
    "when-home-is-down: successor": {"when-home-is-down": "successor"},
    "when-home-is-back: return": {"when-home-is-down": "successor", "when-home-is-back": "return"},
    "when-home-is-full: spill": {},
    "when-home-is-full: wait": {"when-home-is-full": "wait"} | QUEUE,
    "when-home-is-full: move": {"when-home-is-full": "move"},
}
DEFAULTS = ("any", "when-home-is-down: move", "when-home-is-full: spill")


def line_for(policy: str, home: str) -> Line:
    """A policy that the table does not name for a state changes nothing there."""
    told = {line.policy: line for line in lines() if line.home == home}
    return next(told[each] for each in (policy, *DEFAULTS) if each in told)


# ---- the kinds --------------------------------------------------------------------------------

class Kind(NamedTuple):
    """How the pool is told, and what a client that has such a key shows."""

    affinity: object
    fields: tuple[str, ...] = ()
    target: str = ""


SID = ("Cookie: SID=4711",)
KINDS = {
    "cookie": Kind("cookie"),
    "application-cookie": Kind({"application-cookie": "SID"}, SID),
    "application-cookie with a shadow": Kind({"application-cookie": {
        "name": "SID", "carrier": "shadow"}}, SID),
    "application-cookie with a prefix": Kind({"application-cookie": {
        "name": "SID", "carrier": "prefix"}}, SID),
    "application-cookie with a route": Kind({"application-cookie": {
        "name": "SID", "carrier": "route"}}, ("Cookie: SID=4711.a",)),
    "header": Kind({"header": "X-Session"}, ("X-Session: 4711",)),
    "query": Kind({"query": "sid"}, target="?sid=4711"),
    "path-parameter": Kind({"path-parameter": "sid"}, target="cart;sid=4711"),
    "source-address": Kind("source-address"),
    "client-certificate": Kind("client-certificate"),
    "bearer": Kind("bearer", ("Authorization: Bearer e30.eyJzdWIiOiJhbm4ifQ.",)),
    "composition": Kind({"composition": {"of": ["source-address", {"header": "X-Session"}]}},
                        ("X-Session: 4711",)),
}


def test_every_kind_is_tested():
    choices = command("schema", "--reference").stdout
    [told] = re.findall(r"^\| `affinity` \| list of ([^|]*)", choices, re.M)
    names = set(re.findall(r"`([a-z-]+)`", told))
    assert names == {each.split()[0] for each in KINDS}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("clients"))


class Client:
    """Somebody with one session, in the pool of one kind."""

    def __init__(self, node: Operated, name: str, terms):
        self.node, self.kind, self.terms, self.cookie = node, KINDS[name], terms, ""
        self.pool = pool_of(name)

    def ask(self) -> Answer:
        fields = [*self.kind.fields, *([f"Cookie: {self.cookie}"] if self.cookie else [])]
        request = "\r\n".join([f"GET /{self.pool}/{self.kind.target} HTTP/1.1",
                               "Host: shop.example", *fields, "", ""]).encode()
        with TlsClient(self.node.hawser.port, self.terms) as client:
            told = client.send(request).read_answer()
        for mark in told.values("Set-Cookie"):
            self.cookie = mark.split(";")[0]
        return told

    def supposed(self) -> Verdict:
        """What `hawser explain` says of its next request."""
        cookies = [each.partition(": ")[2] for each in self.kind.fields if each.startswith("Cookie")]
        told = self.node.act("/v1/explain", {
            "listener": "web", "host": "shop.example", "path": f"/{self.pool}/{self.kind.target}",
            "source": "127.0.0.1", "cookies": cookies + ([self.cookie] if self.cookie else []),
            "headers": [each for each in self.kind.fields if not each.startswith("Cookie")]})
        assert told.status == 200, told.text
        [choice] = json.loads(told.text)["choices"]
        return Verdict(choice["verdict"], choice["cause"], choice["server"])

    def told(self) -> Verdict:
        told = self.ask()
        # What Hawser answers itself names no server; who was refused, and why, is counted.
        return Verdict.of(told) if told.status == 200 else Verdict(str(told.status), "", "")

    def can_be_supposed(self) -> bool:
        """Nobody can suppose a client's certificate."""
        return self.kind.affinity != "client-certificate"

    def refused(self, cause: str) -> float:
        return self.node.metrics().get("hawser_session_verdicts_total{" + f'pool="{self.pool}",'
                                       f'verdict="refused",cause="{cause}"' + "}", 0)


def pool_of(kind: str) -> str:
    return kind.replace(" ", "-")


class House(Operated):
    """One process with a pool for each kind, before the same three servers."""

    def pools(self) -> dict:
        return self.hawser.settings["pools"]

    def states(self, server: str) -> list[str]:
        return [each["state"] for pool in self.status()["pools"] for each in pool["servers"]
                if each["name"] == server]

    def set_all(self, server: str, state: str) -> None:
        for pool in self.pools():
            told = self.act(f"/v1/pools/{pool}/servers/{server}/state", {"state": state}, "PUT")
            assert told.status == 200

    def waiting(self) -> int:
        return sum(pool["queue"]["waiting"] for pool in self.status()["pools"])

    def announce(self, server: str, instance: str) -> None:
        self[server].script = lambda _: [
            answer(server.encode(), "200 OK", f"Hawser-Instance: {instance}")]


@pytest.fixture
def house(tmp_path, authority):
    own = authority.issue("shop.example")
    made = House(tmp_path, "abc", listener={"tls": {
        "certificates": [own.settings],
        "client-certificates": {"ca": str(authority.path), "mode": "require"}}})
    made.terms = authority.trust(own)
    for name in "abc":
        made.announce(name, f"{name}-1")
    yield made
    made.stop()


def open_pools(house: House, policy: str, most: int) -> None:
    servers = {name: {"address": origin.address} | ({"max-connections": most} if most else {})
               for name, origin in house.origins.items()}
    house.hawser.settings["pools"] = {pool_of(name): {
        "servers": dict(servers), "balance": "first-available", "affinity": [kind.affinity],
        "health": {"http": {"path": "/health"}, "interval": "500ms", "timeout": "10s", "rise": 1,
                   "fall": 1, "passive": {"connect-failures": 1}}} | POLICIES[policy]
        for name, kind in KINDS.items()}
    house.hawser.settings["routes"] = [{"path": f"/{pool}/", "pool": pool}
                                       for pool in house.pools()]
    house.hawser.reload()


# ---- the states of a home ---------------------------------------------------------------------

Undo = Callable[[], None]
HOME = "a"  # of all sessions: the first one that is available


def be_up(house: House, clients: list[Client]) -> Undo:
    return lambda: None


def take_down(house: House) -> None:
    house[HOME].stop()
    wait_for(lambda: "ready" not in house.states(HOME), "no pool has that server any more", 30)


def bring_back(house: House, instance: str) -> None:
    house.announce(HOME, instance)
    house[HOME].start_again()
    wait_for(lambda: set(house.states(HOME)) == {"ready"}, "all pools have it again", 30)


def be_down(house: House, clients: list[Client]) -> Undo:
    take_down(house)
    return lambda: bring_back(house, "a-1")


def be_back_as_another(house: House, clients: list[Client]) -> Undo:
    """Its sessions were here meanwhile, unless they would have waited."""
    take_down(house)
    if house.policy != "when-home-is-down: wait":
        for each in clients:
            each.ask()
    bring_back(house, "a-2")
    return lambda: None


def be_full(house: House, clients: list[Client]) -> Undo:
    gate, lock, held = threading.Event(), threading.Lock(), []
    usual = house[HOME].script

    def hold(request: Request) -> Iterable[bytes]:
        if request.target != "/health":
            with lock:
                held.append(request)
            gate.wait(60)
        return usual(request)
    house[HOME].script = hold
    others = [threading.Thread(target=each.ask) for each in clients]
    for each in others:
        each.start()
    wait_for(lambda: len(held) == len(clients), "it is full in every pool", 30)
    house[HOME].script = usual

    def have_room() -> None:
        gate.set()
        for each in others:
            each.join()
    return have_room


def be_in(state: str) -> Callable[[House, list[Client]], Undo]:
    def change(house: House, clients: list[Client]) -> Undo:
        house.set_all(HOME, state)
        return lambda: house.set_all(HOME, "ready")
    return change


def be_another(house: House, clients: list[Client]) -> Undo:
    """Faster than anybody could see."""
    house[HOME].stop()
    house.announce(HOME, "a-2")
    house[HOME].start_again()
    wait_for(lambda: set(house.states(HOME)) == {"ready"}, "all pools have it", 30)
    return lambda: None


def be_removed(house: House, clients: list[Client]) -> Undo:
    for pool in house.pools().values():
        del pool["servers"][HOME]
    house.hawser.reload()
    return lambda: None


STATES = {"is up": be_up, "is down": be_down, "is back as another process": be_back_as_another,
          "is full": be_full, "is in maintenance": be_in("maintenance"), "drains": be_in("drain"),
          "is another process now": be_another, "is removed": be_removed}


def test_every_line_is_tested():
    assert {line.home for line in lines()} == set(STATES)
    assert {line.policy for line in lines()} <= {*POLICIES, "any"}
    assert set(POLICIES) <= {line.policy for line in lines()}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("home", STATES)
def test_the_outcome_is_as_stated(house, home, policy):
    line = line_for(policy, home)
    house.policy = policy
    open_pools(house, policy, most=1 if home == "is full" else 0)
    clients = [Client(house, name, house.terms) for name in KINDS]
    for each in clients:
        assert each.told().server == HOME, each.pool
        assert each.told() == Verdict("hit", "", HOME), each.pool
    undo = STATES[home](house, clients)
    before = [each.refused(line.cause) for each in clients]
    supposed = {each.pool: each.supposed() for each in clients if each.can_be_supposed()}

    with concurrent.futures.ThreadPoolExecutor(len(clients)) as at_once:
        asking = [at_once.submit(each.told) for each in clients]
        if "once" in line.served_by:
            wait_for(lambda: house.waiting() == len(clients), "all wait", 30)
            undo()
        told = [each.result() for each in asking]
    for each, was_refused, verdict in zip(clients, before, told):
        if line.verdict == "refused":
            assert verdict.verdict == "503", each.pool
            wait_for(lambda: each.refused(line.cause) == was_refused + 1,  # noqa: B023
                     f"it is counted, maybe after its answer: {each.pool}")
            assert supposed.get(each.pool, Verdict("refused", line.cause, "")) == \
                Verdict("refused", line.cause, ""), each.pool
        else:
            assert (verdict.verdict, verdict.cause) == (line.verdict, line.cause), each.pool
            # Whether a home that is waited for comes back, nobody can say; nor whom a balancer
            # takes that goes by load; nor what only the answer of a new process tells.
            if line.home != "is down" or "once" not in line.served_by:
                said = supposed.get(each.pool, verdict)
                unseen = {("hit", "")} if line.home == "is another process now" else set()
                assert (said.verdict, said.cause) in {(line.verdict, line.cause), *unseen}, each.pool
                assert said.server == verdict.server or \
                    (not said.server and verdict.server != HOME), each.pool
            assert (verdict.server == HOME) == line.served_by.startswith("home"), each.pool
    if "once" not in line.served_by:
        undo()
    for each, verdict in zip(clients, told):
        last = each.told()
        wanted = HOME if line.afterwards.startswith("home") else verdict.server
        word = "returned" if line.afterwards.endswith("returned") else "hit"
        assert last == Verdict(word, "", wanted), each.pool
