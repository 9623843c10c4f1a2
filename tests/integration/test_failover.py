# SPDX-License-Identifier: Apache-2.0
"""E171, E173, E177: servers that die, and reloads, while many clients are at work."""

import http.client
import json
import random
import threading
from collections import Counter
from dataclasses import dataclass, field

import pytest

from edge import post, request
from fleet import Fleet, Verdict, answers_its_name, marks_of, pair_of
from harness import CLOSE, RESET, STALL, Malformed, RawClient, answer, free_port, wait_for
from processes import Application
from streams import MEBIBYTE, Streamer, sends
from test_websocket import HANDSHAKE, SWITCH


@dataclass
class Shopper:
    """A client with a cookie jar that fills its cart without a pause, and checks it."""

    port: int
    jar: dict[str, str] = field(default_factory=dict)
    items: list[int] = field(default_factory=list)
    homes: list[int] = field(default_factory=list)  # process ids, without repetition
    failures: list[str] = field(default_factory=list)
    lost: int = 0   # carts that were found empty
    moves: int = 0  # answers that said `moved`
    marks: int = 0
    requests: int = 0

    def shop_until(self, over: threading.Event) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        while not over.is_set():
            try:
                self._turn(connection)
            except (OSError, http.client.HTTPException) as why:
                self.failures.append(repr(why))
                connection.close()
        connection.close()

    def _turn(self, connection: http.client.HTTPConnection) -> None:
        self.requests += 1
        if self.requests % 2:
            item = len(self.items)
            connection.request("POST", "/cart", json.dumps({"item": item}), self._headers())
        else:
            connection.request("GET", "/cart", headers=self._headers())
        told = connection.getresponse()
        body = told.read()
        if told.status not in (200, 201):
            self.failures.append(f"{told.status} {told.getheader('Hawser-Verdict')}")
            return
        self._keep(told)
        cart = json.loads(body)
        if not self.homes or self.homes[-1] != cart["process"]:
            self.homes.append(cart["process"])
        wanted = self.items + [item] if self.requests % 2 else self.items
        if cart["items"] != wanted:
            self.lost += 1
        self.items = cart["items"]

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self.jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        return headers

    def _keep(self, told: http.client.HTTPResponse) -> None:
        self.moves += (told.getheader("Hawser-Verdict") or "").startswith("moved")
        for line in told.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self.jar[name] = rest.partition(";")[0]
            self.marks += name.startswith("hawser-")


class Crowd:
    """Shoppers at work, each in a thread."""

    def __init__(self, port: int, count: int):
        self.shoppers = [Shopper(port) for _ in range(count)]
        self.over = threading.Event()
        self.threads = [threading.Thread(target=each.shop_until, args=(self.over,), daemon=True)
                        for each in self.shoppers]
        for each in self.threads:
            each.start()

    def work(self, requests: int) -> None:
        """Until every one has sent that many more."""
        goals = [each.requests + requests for each in self.shoppers]
        wait_for(lambda: all(each.requests >= goal or each.failures
                             for each, goal in zip(self.shoppers, goals)), "the crowd works", 60)

    def go_home(self) -> None:
        self.over.set()
        for each in self.threads:
            each.join(30)

    @property
    def failures(self) -> Counter:
        return Counter(why for each in self.shoppers for why in each.failures)


class Shops:
    """Real server processes behind one Hawser of two workers."""

    def __init__(self, folder, names: str = "abc"):
        self.servers = {name: Application("shop.js") for name in names}
        addresses = {name: each.address for name, each in self.servers.items()}
        self.fleet = Fleet(folder, "", servers=addresses, workers=2)
        self.hawser = self.fleet.hawser

    def stop(self) -> None:
        for each in self.servers.values():
            each.stop()
        self.fleet.stop()


@pytest.fixture
def shops(tmp_path):
    made = Shops(tmp_path)
    yield made
    made.stop()


def test_e177_kill_9_of_a_server_fails_nobody_elses_request_and_its_sessions_move_once(shops):
    crowd = Crowd(shops.hawser.port, 24)
    crowd.work(20)
    assert not crowd.failures and all(each.lost == 0 for each in crowd.shoppers)
    dead = shops.servers["a"]
    its_sessions = [each for each in crowd.shoppers if each.homes[-1] == dead.pid]
    others = [each for each in crowd.shoppers if each not in its_sessions]
    assert its_sessions and others
    dead.kill()
    crowd.work(60)
    crowd.go_home()
    for each in others:
        assert each.failures == [] and each.lost == 0 and each.moves == 0 and each.marks == 1
        assert len(each.homes) == 1
    for each in its_sessions:
        assert len(each.homes) == 2, "moved once"
        assert each.moves == 1 and each.marks == 2, "and said so once"
        assert len(each.failures) <= 2, "what was under way when it died"


def test_e177_a_session_stays_where_it_went_when_the_dead_come_back(shops):
    crowd = Crowd(shops.hawser.port, 12)
    crowd.work(10)
    dead = shops.servers["a"]
    dead.kill()
    crowd.work(20)
    shops.servers["a"] = Application("shop.js", port=dead.port)
    crowd.work(40)
    crowd.go_home()
    assert all(len(each.homes) <= 2 and each.moves <= 1 for each in crowd.shoppers)
    assert all(shops.servers["a"].pid not in each.homes for each in crowd.shoppers)


def test_e177_where_all_have_died_it_is_503_until_they_are_back(fleet_of):
    passive = {"connect-failures": 1, "out-for": "100ms"}
    fleet = fleet_of("ab", pool={"health": {"passive": passive}})
    visitor = fleet.visitor()
    visitor.ask()
    for name in "ab":
        fleet[name].stop()
    for _ in range(5):
        told = visitor.ask()
        assert told.status == 503 and told.value("Retry-After")
    for name in "ab":
        fleet[name].start_again()
        answers_its_name(fleet[name], name)
    wait_for(lambda: visitor.ask().status == 200, "they are back by themselves")
    assert all(visitor.ask().status == 200 for _ in range(5))


def test_e177_a_server_that_answers_only_errors_is_left_out_for_a_while(fleet_of):
    passive = {"answer-failures": 3, "out-for": "60s"}
    fleet = fleet_of("abc", pool={"balance": "round-robin", "health": {"passive": passive}})
    fleet["a"].answers(answer(b"oops", "503 Busy"))
    told = [fleet.hawser.ask(request()) for _ in range(60)]
    assert 3 <= sum(each.status == 503 for each in told) <= 4
    assert all(each.body in (b"oops", b"b", b"c") for each in told)


def test_e171_100_reloads_under_load_fail_no_request_and_move_no_session(shops):
    crowd = Crowd(shops.hawser.port, 16)
    crowd.work(5)
    before = shops.hawser.descriptors()
    for at in range(100):
        shops.hawser.settings["pools"]["shop"]["retries"] = 1 + at % 2
        shops.hawser.settings["listeners"]["web"]["via"] = bool(at % 2)
        shops.hawser.reload()
    crowd.work(5)
    crowd.go_home()
    assert crowd.failures == {}
    assert all(each.lost == 0 and each.moves == 0 and each.marks == 1 for each in crowd.shoppers)
    assert all(len(each.homes) == 1 for each in crowd.shoppers)
    assert shops.hawser.descriptors() <= before + 40, "E173: connections kept, nothing else"
    assert shops.hawser.threads() < 20


def test_e171_new_connections_are_never_refused_while_listeners_come_and_go(fleet_of):
    fleet = fleet_of("a", workers=2)
    settings = fleet.hawser.settings["listeners"]
    over, failures, served = threading.Event(), [], [0]

    def knock() -> None:
        while not over.is_set():
            try:
                assert fleet.hawser.ask_port(fleet.hawser.port, request()).status == 200
                served[0] += 1
            except (OSError, AssertionError) as why:
                failures.append(repr(why))

    threads = [threading.Thread(target=knock) for _ in range(4)]
    for each in threads:
        each.start()
    for _ in range(30):
        settings["other"] = {"bind": f"127.0.0.1:{free_port()}"}
        fleet.hawser.reload()
        del settings["other"]
        fleet.hawser.reload()
    over.set()
    for each in threads:
        each.join()
    assert failures == [] and served[0] > 60


def test_e171_what_is_in_flight_goes_on_through_a_reload(fleet_of):
    server = Streamer(sends(64 * MEBIBYTE))
    fleet = fleet_of("a", servers={})
    fleet.hawser.settings["pools"]["large"] = {"servers": {"d": server.address}}
    fleet.hawser.settings["routes"].append({"path": "/large", "pool": "large"})
    fleet.hawser.reload()
    fleet["a"].script = lambda asked: [SWITCH, STALL] if asked.target == "/chat" else [answer()]
    with fleet.connect() as tunnel, fleet.connect() as upload, fleet.connect() as download:
        assert tunnel.send(HANDSHAKE).read_answer().status == 101
        upload.send(post(b"Content-Length: 10", body=b"hello"))
        wait_for(lambda: b"hello" in fleet["a"].received, "the upload is begun")
        download.send(request(b"GET /large HTTP/1.1"))
        told = download.read_answer(to_head=True)
        for at in range(4):
            fleet.hawser.settings["listeners"]["web"]["via"] = at % 2 == 0
            fleet.hawser.reload()
        assert upload.send(b"world").read_answer().status == 200
        tunnel.send(b"still here")
        wait_for(lambda: b"still here" in fleet["a"].received, "the tunnel lives")
        got = len(download.buffer)
        while got < told.length:
            data = download.socket.recv(MEBIBYTE)
            assert data, "the download is not cut"
            got += len(data)
    server.stop()


def test_e171_servers_that_a_reload_adds_or_removes_count_at_once(fleet_of):
    fleet = fleet_of("ab", pool={"balance": "round-robin"})
    bound = {}
    for _ in range(4):
        visitor = fleet.visitor()
        bound[visitor] = visitor.ask().body
    servers = fleet.hawser.settings["pools"]["shop"]["servers"]
    servers["c"] = fleet.add("c").address
    fleet.hawser.reload()
    assert {fleet.hawser.ask(request()).body for _ in range(6)} == {b"a", b"b", b"c"}
    assert all(visitor.ask().body == home for visitor, home in bound.items()), "nobody moves"
    del servers["a"]
    fleet.hawser.reload()
    assert {fleet.hawser.ask(request()).body for _ in range(6)} == {b"b", b"c"}
    for visitor, home in bound.items():
        told = visitor.ask()
        if home == b"a":
            assert Verdict.of(told).verdict == "moved"
            assert Verdict.of(told).cause == "unknown-server"
            home = told.body
        assert visitor.ask().body == home and visitor.marks <= 2
    wait_for(lambda: all(each.ended for each in fleet["a"].connections), "E173: they end")


def test_e171_a_server_that_changes_its_address_keeps_its_sessions(fleet_of):
    fleet = fleet_of("ab", pool={"balance": "round-robin"})
    visitor = fleet.visitor()
    home = visitor.ask().body.decode()
    fleet.hawser.settings["pools"]["shop"]["servers"][home] = fleet.add("elsewhere").address
    fleet.hawser.reload()
    told = visitor.ask()
    assert told.body == b"elsewhere" and Verdict.of(told) == Verdict("hit", "", home)
    assert visitor.marks == 1


def test_e172_a_bad_file_changes_nothing(fleet_of):
    fleet = fleet_of("a")
    visitor = fleet.visitor()
    visitor.ask()
    fleet.hawser.config_path.write_text("listeners: {web: {bind: ':80', nonsense: 1}}\npools: [")
    before = fleet.hawser.errors().count("reload failed")
    fleet.hawser.process.send_signal(1)
    wait_for(lambda: fleet.hawser.errors().count("reload failed") > before, "the failure is told")
    assert Verdict.of(visitor.ask()) == Verdict("hit", "", "a")
    fleet.hawser.reload()
    assert Verdict.of(visitor.ask()) == Verdict("hit", "", "a")


def test_e179_after_kill_9_and_a_new_start_cookies_still_lead_home(fleet_of):
    fleet = fleet_of("abc", pool={"balance": "round-robin"})
    visitors = {fleet.visitor(): b"" for _ in range(9)}
    for visitor in visitors:
        visitors[visitor] = visitor.ask().body
    fleet.hawser.kill_and_start_again()
    for visitor, home in visitors.items():
        told = visitor.ask()
        assert told.body == home and Verdict.of(told).verdict == "hit"
        assert visitor.marks == 1


def test_e180_servers_that_die_reloads_and_clients_that_leave_all_at_once(fleet_of):
    """Five seconds of everything; then it serves on, and holds no more than before."""
    chance = random.Random(171)
    fleet = fleet_of("abc", workers=2, log={"access": "off"},
                     pool={"timeouts": {"response": "200ms", "tunnel": "300ms"},
                           "health": {"passive": {"connect-failures": 2, "out-for": "50ms"}}},
                     listener={"timeouts": {"head": "300ms", "body": "300ms", "idle": "300ms"}})
    over = threading.Event()
    part = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"

    def script(asked):
        if asked.target == "/chat":
            return [SWITCH, b"hello", chance.choice([STALL, CLOSE, RESET])]
        return chance.choice([[answer()], [answer(), CLOSE], [CLOSE], [RESET], [part, STALL],
                              [part, RESET], [STALL], [0.05, answer()], [answer() + b"stray"]])

    def trouble(seed: int) -> None:
        own = random.Random(seed)
        cookie = ""
        while not over.is_set():
            asked = own.choice([request(), HANDSHAKE, post(b"Content-Length: 9", body=b"part"),
                                post(b"Content-Length: 4", body=b"body"), request() * 10,
                                post(b"Transfer-Encoding: chunked", body=b"4\r\nbody\r\n"), b"GE"])
            asked = asked.replace(b"\r\n\r\n", cookie.encode() + b"\r\n\r\n", 1)
            client = RawClient(fleet.hawser.port, patience=0.3)
            try:
                told = client.send(asked).read_answer()
                for mark in marks_of(told):
                    cookie = own.choice(["", f"\r\nCookie: {pair_of(mark)}"])
                client.send(own.choice([b"", b"more", request()]))
            except (OSError, AssertionError, Malformed):
                pass
            own.choice([client.close, client.reset])()

    for origin in fleet.origins.values():
        origin.script = script
    threads = [threading.Thread(target=trouble, args=(seed,)) for seed in range(8)]
    for each in threads:
        each.start()
    servers = fleet.hawser.settings["pools"]["shop"]["servers"]
    address = servers["c"]
    for at in range(25):
        name = chance.choice("ab")
        if at % 2:
            servers.pop("c", None)
            fleet.hawser.settings["pools"].pop("other", None)
        else:
            servers["c"] = address
            fleet.hawser.settings["pools"]["other"] = {"servers": {"x": address}, "affinity": []}
        fleet.hawser.reload()
        fleet[name].stop()
        over.wait(0.1)
        fleet[name].start_again()
        fleet[name].script = script
        over.wait(0.1)
        fleet.hawser.assert_alive()
    over.set()
    for each in threads:
        each.join()
    for name in "abc":
        fleet[name].forget()
    wait_for(lambda: fleet.hawser.ask(request()).status == 200, "it serves on")
    # Its own, six of servers at most, and nothing of a client's that left.
    wait_for(lambda: fleet.hawser.descriptors() < 40, "descriptors return")
    assert fleet.hawser.peak_memory() < 64 * MEBIBYTE
