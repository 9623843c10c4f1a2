# SPDX-License-Identifier: Apache-2.0
"""Where connections to servers begin, and who was who behind that.

The tests of whole networks need root, network namespaces and nftables, and are skipped without.
"""

import pathlib
import subprocess

import pytest

from fleet import marks_of, pair_of
from harness import BeforeOrigin, Hawser, RawOrigin, STALL, answer, binary, wait_for
from namespaces import HawserThere, Street, why_impossible

REQUEST = b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"
IMPOSSIBLE = why_impossible()
in_namespaces = pytest.mark.skipif(bool(IMPOSSIBLE), reason=IMPOSSIBLE)


class Sourced(BeforeOrigin):
    def __init__(self, folder, source, listener=None, pool=None, **settings):
        self.origin = RawOrigin()
        self.hawser = Hawser(folder, {
            "listeners": {"web": listener or {}},
            "pools": {"shop": {"servers": {"a": self.origin.address}, "affinity": []} |
                      ({"source": source} if source else {}) | (pool or {})},
            "routes": [{"pool": "shop"}]} | settings)

    @property
    def sources(self) -> list[tuple[str, int]]:
        return [each.peer for each in self.origin.connections]


@pytest.fixture
def sourced(tmp_path):
    made = []

    def make(*arguments, **settings):
        made.append(Sourced(tmp_path, *arguments, **settings))
        return made[0]

    yield make
    for each in made:
        each.stop()


def test_connections_begin_at_the_pools_address(sourced):
    made = sourced("127.0.0.5")
    assert [made.hawser.ask(REQUEST).status for _ in range(3)] == [200] * 3
    assert {address for address, _ in made.sources} == {"127.0.0.5"}


def test_connections_begin_within_the_pools_ports_which_take_turns(sourced):
    made = sourced({"address": "127.0.0.5", "ports": "21000-21007"}, pool={"idle-connections": 0})
    for _ in range(20):
        assert made.hawser.ask(REQUEST).status == 200
    ports = [port for _, port in made.sources]
    assert set(ports) <= set(range(21000, 21008)) and len(set(ports)) > 1


def test_without_a_free_port_the_answer_is_503_and_the_log_says_why(sourced):
    made = sourced({"address": "127.0.0.5", "ports": "21010-21012"})
    made.origin.answers(STALL)
    waiting = [made.hawser.connect().send(REQUEST) for _ in range(3)]
    wait_for(lambda: len(made.origin.requests) == 3)
    with made.hawser.connect() as client:
        assert client.send(REQUEST).read_answer().status == 503
        (record,) = made.hawser.access_of(client)
        assert record["ended"] == "exhausted"
    made.origin.script = lambda request: [answer()]
    for each in waiting:
        each.reset()
    # Ports come back, and the server was not blamed.
    wait_for(lambda: made.hawser.ask(REQUEST).status == 200)


def test_the_log_pairs_both_ends_of_both_connections(sourced):
    made = sourced({"address": "127.0.0.5", "ports": "21020-21027"},
                   listener={"trusted-proxies": "127.0.0.1"})
    with made.hawser.connect() as client:
        assert client.send(REQUEST).read_answer().status == 200
        (record,) = made.hawser.access_of(client)
        assert client.send(REQUEST[:-2] + b"X-Forwarded-For: 198.51.100.7\r\n\r\n")
        assert client.read_answer().status == 200
        brought = wait_for(lambda: made.hawser.access()[1:])[0]
    (ours,) = made.sources
    for each in (record, brought):
        assert each["peer"] == f"127.0.0.1:{client.port}"
        assert each["local"] == f"127.0.0.1:{made.hawser.port}"
        assert each["source"] == f"{ours[0]}:{ours[1]}"
        assert each["server_address"] == made.origin.address
    assert (record["client"], record["client_port"]) == ("127.0.0.1", client.port)
    assert brought["client"] == "198.51.100.7" and "client_port" not in brought


@pytest.mark.parametrize("ends", [False, True])
def test_the_log_tells_ends_of_other_pools_where_it_is_asked_to(sourced, tmp_path, ends):
    made = sourced(None, log={"access": str(tmp_path / "access.log"), "level": "info",
                              "ends": ends})
    with made.hawser.connect() as client:
        assert client.send(REQUEST).read_answer().status == 200
        (record,) = made.hawser.access_of(client)
    assert [key in record for key in ("peer", "local", "source")] == [ends] * 3
    if ends:
        assert record["source"] == "%s:%d" % made.sources[0]


def starts(folder, source, *before: str, server="127.0.0.1:1") -> subprocess.CompletedProcess:
    path = folder / "hawser.yaml"
    path.write_text(f"listeners: {{web: {{bind: '127.0.0.1:0'}}}}\nadmin: off\nkeys: {folder}/keys\n"
                    f"pools: {{shop: {{source: {source}, servers: {{a: '{server}'}}}}}}\n"
                    "routes: [{pool: shop}]\n".replace("127.0.0.1:0", "127.0.0.1:18999"))
    return subprocess.run([*before, binary(), "run", "-f", path], capture_output=True, text=True,
                          timeout=10, check=False)


def test_an_address_that_is_not_ours_is_told_at_the_start(tmp_path):
    told = starts(tmp_path, "192.0.2.55")
    assert told.returncode == 1
    assert "hawser.yaml:4:24: pool shop: 192.0.2.55 is no address of this machine" in told.stderr


def test_servers_of_another_family_are_told_at_the_start(tmp_path):
    told = starts(tmp_path, "127.0.0.5", server="[::1]:1")
    assert told.returncode == 1 and "of the other family" in told.stderr


@pytest.mark.skipif(bool(IMPOSSIBLE), reason=IMPOSSIBLE)
def test_clients_addresses_without_the_right_to_use_them_are_told_at_the_start(tmp_path):
    lost = "-net_admin,-net_raw"
    told = starts(tmp_path, "client", "setpriv", f"--bounding-set={lost}", f"--inh-caps={lost}")
    assert told.returncode == 1
    assert "need CAP_NET_ADMIN, which this process does not have" in told.stderr


# ---- between two firewalls ----------------------------------------------------------------------

PORTS = "20000-20063"
MODES = [(4, "direct"), (4, "proxy"), (4, "source"), (4, "transparent"), (6, "source"),
         (6, "transparent")]


def hosted(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


class Town:
    """A whole street with its balancer in one of the modes."""

    def __init__(self, folder, mode: str, version: int = 4):
        self.mode = mode
        self.street = street = Street(version)
        self.client, self.other, self.blocked_before, self.denied, self.blocked_behind = (
            street.address(1, host) for host in (2, 3, 66, 67, 68))
        self.ours = street.address(3, 50)
        self.hawser = self.origin = None
        try:
            for address in (self.other, self.blocked_before, self.denied, self.blocked_behind):
                street.client_at(address)
            street.add_address("balancer", self.ours, "to-fw2")
            self._guard()
            if mode == "transparent":
                street.lead_replies_to_the_balancer()
            self.origin = street.inside("server", lambda: RawOrigin(place=(street.server, 8000)))
            listener = {"bind": hosted(street.balancer, 8080), "deny": self.denied}
            if mode == "proxy":
                listener |= {"trusted-proxies": self.client, "proxy-protocol": "optional"}
            source = {"source": {"address": self.ours, "ports": PORTS}, "transparent": "client"}
            self.hawser = HawserThere(street, folder, {
                "listeners": {"web": listener},
                "pools": {"shop": {"servers": {"a": hosted(street.server, 8000)},
                                   "timeouts": {"connect": "1s"}} |
                          ({"source": source[mode]} if mode in source else {})},
                "routes": [{"pool": "shop"}], "debug-header": "Hawser-Verdict"})
        except BaseException:
            self.stop()
            raise

    def _guard(self) -> None:
        """Two firewalls, and which connections may begin at the one before the server."""
        street = self.street
        family = "ip" if street.version == 4 else "ip6"
        may_begin = {"source": street.from_(self.ours) + f" tcp sport {PORTS}",
                     "transparent": street.from_(street.network(1))}
        street.guard("fw1", f"{family} daddr {street.balancer} tcp dport 8080",
                     self.blocked_before)
        street.guard("fw2", f"{family} daddr {street.server} tcp dport 8000 " +
                     may_begin.get(self.mode, street.from_(street.address(3, 2))),
                     self.blocked_behind)

    @property
    def shown(self) -> str:
        """Whom the server sees when the client asks."""
        return {"source": self.ours, "transparent": self.client}.get(
            self.mode, self.street.address(3, 2))

    def connect(self, address: str):
        """In the proxy's mode everybody comes by the proxy, which tells who it is."""
        if self.mode != "proxy":
            return self.hawser.visit(address)
        return self.hawser.visit(self.client).send(
            f"PROXY TCP4 {address} {self.client} 4711 80\r\n".encode())

    def stop(self) -> None:
        try:
            if self.hawser is not None:
                self.hawser.stop()
        finally:
            if self.origin is not None:
                self.origin.stop()
            self.street.stop()


@pytest.fixture(params=MODES, ids=lambda given: f"ipv{given[0]}-{given[1]}")
def town(request, tmp_path):
    version, mode = request.param
    if version == 6 and not pathlib.Path("/proc/net/if_inet6").exists():
        pytest.skip("this kernel has no IPv6")
    made = Town(tmp_path, mode, version)
    yield made
    made.stop()


@in_namespaces
def test_no_packet_of_a_session_is_dropped_over_a_thousand_requests(town):
    cookie, verdicts = "", []
    for _ in range(20):
        with town.connect(town.client) as client:
            for _ in range(50):
                told = client.send(REQUEST[:-2] + (f"Cookie: {cookie}\r\n" if cookie else "").encode()
                                   + b"\r\n").read_answer()
                assert told.status == 200
                verdicts.append(told.value("Hawser-Verdict").split(";")[0])
                for mark in marks_of(told):
                    cookie = pair_of(mark)
    assert verdicts == ["new"] + ["hit"] * 999
    assert len(town.origin.requests) == 1000
    town.hawser.stop()  # the last packets, too
    town.hawser = None
    assert town.street.counted("fw1", "dropped") == town.street.counted("fw2", "dropped") == 0
    assert {each.peer[0] for each in town.origin.connections} == {town.shown}


@in_namespaces
def test_a_blocked_client_stays_blocked(town):
    # By the balancer's list: in every mode.
    with town.connect(town.denied) as client:
        client.send_pieces([REQUEST])
        assert client.read_to_end() == b""
    # By the firewall before the balancer: whoever comes himself.
    if town.mode != "proxy":
        with pytest.raises(TimeoutError):
            town.hawser.visit(town.blocked_before, patience=1.0)
        assert town.street.counted("fw1", "blocked") > 0
    # By the firewall before the server: where it can see who comes.
    with town.connect(town.blocked_behind) as client:
        status = client.send(REQUEST).read_answer().status
    if town.mode == "transparent":
        assert status == 503 and town.street.counted("fw2", "blocked") > 0
    else:
        assert status == 200 and town.street.counted("fw2", "blocked") == 0
        town.origin.forget()
    assert not town.origin.received
    with town.connect(town.client) as client:
        assert client.send(REQUEST).read_answer().status == 200, "others are served as before"


@in_namespaces
def test_the_log_says_who_was_who(town):
    with town.connect(town.other) as client:
        assert client.send(REQUEST).read_answer().status == 200
    (record,) = wait_for(town.hawser.access)
    assert record["client"] == town.other
    if town.mode in ("source", "transparent"):
        (seen,) = [each.peer for each in town.origin.connections]
        assert record["source"] == hosted(seen[0], seen[1])
        assert record["peer"] == hosted(town.other, client.port)
        assert record["local"] == hosted(town.street.balancer, 8080)


@in_namespaces
def test_a_transparent_connection_carries_its_clients_requests_alone(tmp_path):
    town = Town(tmp_path, "transparent")
    try:
        clients = {address: town.connect(address)
                   for address in (town.client, town.other, town.client, town.other)}
        for _ in range(5):
            for address, client in clients.items():
                request = REQUEST[:-2] + f"X-Who: {address}\r\n\r\n".encode()
                assert client.send(request).read_answer().status == 200
        for client in clients.values():
            client.close()
        assert len(town.origin.connections) == len(clients), "each is kept for its client"
        for each in town.origin.connections:
            assert {one.value("X-Who") for one in each.requests} == {each.peer[0]}
    finally:
        town.stop()
