# SPDX-License-Identifier: Apache-2.0
"""Sessions that begin in one process of an upgrade go on in the other."""

import itertools
import os
import signal
import threading

import pytest

from fleet import Verdict
from harness import answer, wait_for
from processes import Nginx
from raw_client import RawClient
from upgrades import upgradable  # noqa: F401  (a fixture)

NAMES = "abcd"
THREADS = 4
FROM_ONE_ADDRESS = 200  # as one may begin but so many sessions at once

# By its answer, a server names a session that the request did not.
ANSWERS = """location / {
    if ($http_session_id$cookie_sid = "") { set $names $request_id; set $cookie "sid=$request_id"; }
    add_header Session-Id $names;
    add_header Set-Cookie $cookie;
    return 200 %s;
}
set $names ""; set $cookie "";"""


class Visit:
    """One session of two requests, each over a connection of its own unless one is given."""

    numbers = itertools.count()
    affinity: object

    def __init__(self, node):
        self.node = node
        self.number = next(Visit.numbers)
        self.key = ""

    @property
    def source(self) -> str:
        return address(self.number // FROM_ONE_ADDRESS)

    def ask(self, over: RawClient | None = None, closes: bool = True):
        client = over or RawClient(self.node.hawser.port, source=self.source)
        lines = ["GET / HTTP/1.1", "Host: shop.example", *(["Connection: close"] * closes), *self.lines()]
        told = client.send("\r\n".join([*lines, "", ""]).encode()).read_answer()
        assert told.status == 200
        self.learn(told)
        if closes:
            client.close()
        return told

    def home(self, over: RawClient | None = None) -> bytes:
        return self.ask(over).body

    def lines(self) -> list[str]:
        return []

    def learn(self, told) -> None:
        pass


class NamesItself(Visit):
    affinity = {"header": {"name": "X-User", "learn": False}}

    def lines(self) -> list[str]:
        return [f"X-User: user-{self.number}"]


class IsNamed(Visit):
    affinity = {"header": {"name": "Session-Id"}}

    def learn(self, told) -> None:
        self.key = told.value("Session-Id") or self.key

    def lines(self) -> list[str]:
        return [f"Session-Id: {self.key}"] * bool(self.key)


class HasCookie(Visit):
    affinity = {"application-cookie": {"name": "sid"}}

    def learn(self, told) -> None:
        self.key = (told.value("Set-Cookie") or self.key).split(";")[0]

    def lines(self) -> list[str]:
        return [f"Cookie: {self.key}"] * bool(self.key)


class HasAddress(Visit):
    affinity = {"source-address": {}}

    @property
    def source(self) -> str:
        return address(self.number)


def address(number: int) -> str:
    return f"127.{10 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"


KINDS = [NamesItself, IsNamed, HasCookie, HasAddress]


@pytest.fixture
def servers(tmp_path):
    made = {}
    for name in NAMES:
        folder = tmp_path / f"nginx-{name}"
        folder.mkdir()
        made[name] = Nginx(folder, folder, ANSWERS % name)
    yield {name: each.address for name, each in made.items()}
    for each in made.values():
        each.stop()


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def kind(request):
    return request.param


@pytest.fixture
def node(upgradable, servers, kind):  # noqa: F811
    return upgradable("", servers=servers, workers=2, pool={"affinity": [kind.affinity]})


class Visitors:
    """Come without an end until that of the block, some at a time."""

    def __init__(self, node, kind):
        self.node, self.kind = node, kind
        self.count = 0
        self.lost: list[str] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._come) for _ in range(THREADS)]

    def _come(self) -> None:
        while not self._over.is_set():
            visit = self.kind(self.node)
            homes = [visit.home(), visit.home()]
            self.count += 1
            if homes[0] != homes[1]:
                self.lost.append(f"{visit.number}: {homes}")

    def __enter__(self) -> "Visitors":
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        for each in self._threads:
            each.join()


def test_sessions_that_begin_in_the_moment_of_the_handover_are_known(node, kind):
    with Visitors(node, kind) as visitors:
        for _ in range(5):
            count = visitors.count
            node.upgrade("--wait")
            wait_for(lambda: visitors.count > count + 100, "sessions begin")  # noqa: B023
    assert visitors.lost == []


def idle_connections(node, kind, count: int) -> list[tuple[Visit, RawClient]]:
    """To the present process, each from the address of its visitor."""
    made = []
    for _ in range(count):
        visit = kind(node)
        made.append((visit, RawClient(node.hawser.port, source=visit.source)))
        assert kind(node).ask(made[-1][1], closes=False).status == 200  # it was accepted
    return made


def test_a_session_that_begins_in_the_old_process_goes_on_in_the_new_one(node, kind):
    if kind is HasAddress:
        pytest.skip("its connection has shown its address before")
    visits = idle_connections(node, kind, 100)
    node.upgrade()
    homes = [(visit.home(over), visit.home()) for visit, over in visits]
    assert [one for one, other in homes] == [other for one, other in homes]


def test_a_session_that_begins_in_the_new_process_goes_on_in_the_old_one(node, kind):
    if kind is HasAddress:
        pytest.skip("its connection has shown its address before")
    visits = idle_connections(node, kind, 100)
    node.upgrade()
    homes = [(visit.home(), visit.home(over)) for visit, over in visits]
    assert [one for one, other in homes] == [other for one, other in homes]


@pytest.mark.parametrize("kind", [IsNamed], indirect=True)
def test_a_process_that_hangs_keeps_nobody_waiting(node, kind):
    visits = idle_connections(node, kind, 1)
    node.upgrade()
    os.kill(node.pids[0], signal.SIGSTOP)
    try:
        for _ in range(20):
            visit = kind(node)
            assert visit.home() == visit.home()
    finally:
        os.kill(node.pids[0], signal.SIGCONT)
    for _, over in visits:
        over.close()
    node.wait_for_end_of(node.pids[0])


# ---- what servers have said -------------------------------------------------------------------

HARD = {"valuable": {"when-home-is-down": "refuse"}, "health": {"passive": {"out-for": "1m"}}}


def say(node, word: str) -> None:
    """With every answer from now on."""
    for name, origin in node.origins.items():
        lines = [f"Hawser-Session: {word}"] * bool(word)
        origin.script = lambda _, name=name, lines=lines: [answer(name.encode(), "200 OK", *lines)]


@pytest.mark.parametrize("by", ["upgrade", "restart"])
def test_what_servers_have_said_of_a_session_counts_in_the_next_process(upgradable, by):  # noqa: F811
    node = upgradable("ab", pool=HARD)
    dear, over = node.visitor(), node.visitor()
    say(node, "valuable")
    dear.home = dear.ask().body.decode()
    say(node, "")
    over.ask()
    kept = over.cookie
    say(node, "end")
    over.ask()
    say(node, "")
    if by == "upgrade":
        node.upgrade("--wait")
    else:
        node.hawser.stop_and_start_again()
        node.processes = [node.hawser.process]
    over.cookie = kept
    told = Verdict.of(over.ask())
    assert (told.verdict, told.cause) == ("new", "replayed")
    node[dear.home].stop()
    assert dear.ask().status == 503


def test_what_servers_say_in_the_old_process_counts_in_the_new_one(upgradable):  # noqa: F811
    node = upgradable("ab", pool=HARD)
    dear, over = node.visitor(), node.visitor()
    for each in (dear, over):
        each.home = each.ask().body.decode()
        each.idle = node.connect()
        each.ask(over=each.idle)
    kept = over.cookie
    node.upgrade()
    say(node, "end")
    over.ask(over=over.idle)
    say(node, "valuable")
    dear.ask(over=dear.idle)
    say(node, "")
    over.cookie = kept
    assert Verdict.of(over.ask()).cause == "replayed"
    node.metrics()  # by then the new process has heard of the other one
    node[dear.home].stop()
    assert dear.ask().status == 503
