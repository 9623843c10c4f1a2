# SPDX-License-Identifier: Apache-2.0
"""The table of docs/affinity.md, "When the home cannot serve", line by line with every kind of affinity."""

import pathlib
import re
import threading
from typing import Callable, Iterable, NamedTuple

import pytest

from authorities import Authority, TlsClient
from fleet import Verdict
from harness import answer, wait_for
from messages import Answer
from operators import Operated, command, operated_by  # noqa: F401  (a fixture)
from test_instances import announce, start_again

DOCS = pathlib.Path(__file__).parents[2] / "docs"


# ---- the table --------------------------------------------------------------------------------

class Line(NamedTuple):
    home: str
    verdict: str
    cause: str
    served_by: str
    afterwards: str


def lines() -> list[Line]:
    text = (DOCS / "affinity.md").read_text()
    table = text.split("## When the home cannot serve")[1].split("\n\n")[2]
    rows = [re.findall(r"\|([^|]*)(?=\|)", row) for row in table.splitlines()[2:]]
    return [Line(*(cell.strip().strip("`") for cell in row)) for row in rows]


# ---- the kinds --------------------------------------------------------------------------------

class Kind(NamedTuple):
    """How the pool is told, and what a client that has such a key shows."""

    affinity: object
    fields: tuple[str, ...] = ()
    target: str = "/"


KINDS = {
    "cookie": Kind("cookie"),
    "application-cookie": Kind({"application-cookie": "SID"}, ("Cookie: SID=4711",)),
    "application-cookie with a shadow": Kind({"application-cookie": {
        "name": "SID", "carrier": "shadow"}}, ("Cookie: SID=4711",)),
    "application-cookie with a route": Kind({"application-cookie": {
        "name": "SID", "carrier": "route"}}, ("Cookie: SID=4711.a",)),
    "header": Kind({"header": "X-Session"}, ("X-Session: 4711",)),
    "query": Kind({"query": "sid"}, target="/?sid=4711"),
    "path-parameter": Kind({"path-parameter": "sid"}, target="/cart;sid=4711"),
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
    """Somebody with one session, and who serves them."""

    def __init__(self, node: Operated, kind: Kind, terms):
        self.node, self.kind, self.terms = node, kind, terms
        self.cookie = ""
        self.home = self.ask().body.decode()
        assert self.told().verdict == "hit"

    def ask(self) -> Answer:
        fields = [*self.kind.fields, *([f"Cookie: {self.cookie}"] if self.cookie else [])]
        request = "\r\n".join([f"GET {self.kind.target} HTTP/1.1", "Host: shop.example", *fields,
                               "", ""]).encode()
        if self.terms is None:
            told = self.node.hawser.ask(request)
        else:
            with TlsClient(self.node.hawser.port, self.terms) as client:
                told = client.send(request).read_answer()
        for mark in told.values("Set-Cookie"):
            self.cookie = mark.split(";")[0]
        return told

    def told(self) -> Verdict:
        return Verdict.of(self.ask())


# ---- the states of a home ---------------------------------------------------------------------

Undo = Callable[[], None]


def be_up(node: Operated, home: str) -> Undo:
    return lambda: None


def be_down(node: Operated, home: str) -> Undo:
    node[home].stop()

    def be_back() -> None:
        node[home].start_again()
        wait_for(lambda: node.server(home)["state"] == "ready", "the server is up again", 30)
    return be_back


def be_full(node: Operated, home: str) -> Undo:
    gate, came = threading.Event(), threading.Event()
    usual = node[home].script

    def hold(_) -> Iterable[bytes]:
        came.set()
        gate.wait(30)
        return [answer(home.encode())]
    node[home].script = hold
    asking = threading.Thread(target=node.client.ask)
    asking.start()
    assert came.wait(10)
    node[home].script = usual

    def have_room() -> None:
        gate.set()
        asking.join()
    return have_room


def be_in_maintenance(node: Operated, home: str) -> Undo:
    assert node.set(home, state="maintenance").status == 200
    return lambda: node.set(home, state="ready")


def drain(node: Operated, home: str) -> Undo:
    assert node.set(home, state="drain").status == 200
    return lambda: node.set(home, state="ready")


def be_another(node: Operated, home: str) -> Undo:
    start_again(node, home, f"{home}-2")
    return lambda: None


def be_removed(node: Operated, home: str) -> Undo:
    del node.hawser.settings["pools"]["shop"]["servers"][home]
    node.hawser.reload()
    return lambda: None


STATES = {"is up": be_up, "is down": be_down, "is full": be_full,
          "is in maintenance": be_in_maintenance, "drains": drain,
          "is another process now": be_another, "is removed": be_removed}


def test_every_line_is_tested():
    assert [line.home for line in lines()] == list(STATES)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("line", lines(), ids=lambda line: line.home)
def test_the_outcome_is_as_stated(operated_by, authority, line, kind):  # noqa: F811
    listener, terms = {}, None
    if kind == "client-certificate":
        own = authority.issue("shop.example")
        listener = {"tls": {"certificates": [own.settings], "client-certificates": {
            "ca": str(authority.path), "mode": "require"}}}
        terms = authority.trust(own)
    is_full = line.home == "is full"
    node = operated_by("abc", listener=listener, pool={
        "balance": "round-robin", "affinity": [KINDS[kind].affinity],
        "health": {"tcp": "on", "interval": "100ms", "timeout": "10s", "rise": 1,
                   "passive": {"connect-failures": 1}}})
    for name, settings in node.hawser.settings["pools"]["shop"]["servers"].items():
        if is_full:
            node.hawser.settings["pools"]["shop"]["servers"][name] = {
                "address": settings, "max-connections": 1}
        announce(node, name, f"{name}-1")
    if is_full:
        node.hawser.reload()
    node.client = client = Client(node, KINDS[kind], terms)
    undo = STATES[line.home](node, client.home)

    told = client.told()
    assert (told.verdict, told.cause) == (line.verdict, line.cause)
    assert (told.server == client.home) == (line.served_by == "home")
    undo()
    last = client.told()
    wanted = client.home if line.afterwards.startswith("home") else told.server
    assert (last.verdict, last.server) == ("hit", wanted)
