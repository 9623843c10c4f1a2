# SPDX-License-Identifier: Apache-2.0
"""E141: servers are told by a PROXY header whose connection it is, and it stays that client's."""

import concurrent.futures
import re
import socket
import subprocess

import pytest

from announcements import V2_V4, announced_v4, length_of, v2
from h2_client import GET as H2_GET
from h2_client import H2Client
from harness import BeforeOrigin, CLOSE, Hawser, RawClient, RawOrigin, answer, binary, wait_for

REQUEST = b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"


class Announced(BeforeOrigin):
    """A Hawser whose server wants to be told, in `version`."""

    def __init__(self, folder, version="v1", listener=None, pool=None, **server):
        self.origin = RawOrigin(length_of=length_of)
        self.hawser = Hawser(folder, {
            "listeners": {"web": listener or {}},
            "pools": {"shop": {"servers": {"a": {"address": self.origin.address,
                                                 "proxy-protocol": version} | server},
                               "affinity": []} | (pool or {})},
            "routes": [{"pool": "shop"}]})

    @property
    def preambles(self) -> list[bytes]:
        return [each.preamble for each in self.origin.connections]


@pytest.fixture
def announced(tmp_path):
    made = []

    def make(*arguments, **settings):
        made.append(Announced(tmp_path, *arguments, **settings))
        return made[0]

    yield make
    for each in made:
        each.stop()


def v1_of(client: RawClient, to: int) -> bytes:
    return f"PROXY TCP4 127.0.0.1 127.0.0.1 {client.port} {to}\r\n".encode()


def test_e141_version_1_is_exact_and_first(announced):
    made = announced("v1")
    with made.hawser.connect() as client:
        assert client.send(REQUEST).read_answer().status == 200
        assert made.preambles == [v1_of(client, made.hawser.port)]
    assert made.origin.received.startswith(b"GET / HTTP/1.1\r\n")


def test_e141_version_2_is_exact_and_first(announced):
    made = announced("v2")
    with made.hawser.connect() as client:
        assert client.send(REQUEST).read_answer().status == 200
        told = announced_v4("127.0.0.1", client.port, "127.0.0.1", made.hawser.port)
        assert made.preambles == [v2(V2_V4, told)]


def test_e141_two_families_are_told_as_ipv6(announced):
    made = announced("v1", listener={"trusted-proxies": "127.0.0.1"})
    told = made.hawser.ask(REQUEST[:-2] + b"X-Forwarded-For: 2001:db8::7\r\n\r\n")
    assert told.status == 200
    port = made.hawser.port
    assert made.preambles == [f"PROXY TCP6 2001:db8::7 ::ffff:127.0.0.1 0 {port}\r\n".encode()]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_e141_a_kept_connection_serves_its_client_alone(announced, version):
    made = announced(version)
    for _ in range(3):
        with made.hawser.connect() as client:
            for _ in range(4):
                assert client.send(REQUEST).read_answer().status == 200
    assert [len(each.requests) for each in made.origin.connections] == [4, 4, 4]
    assert len(set(made.preambles)) == 3


def test_e141_nobody_gets_another_ones_connection_under_load(announced):
    made = announced("v1")
    made.origin.script = lambda request: [answer(request.value("X-Port").encode())]

    def visit(_) -> None:
        with RawClient(made.hawser.port) as client:
            for _ in range(20):
                told = client.send(REQUEST[:-2] + f"X-Port: {client.port}\r\n\r\n".encode())
                assert told.read_answer().body == str(client.port).encode()

    with concurrent.futures.ThreadPoolExecutor(16) as crowd:
        list(crowd.map(visit, range(64)))
    for each in made.origin.connections:
        port = re.fullmatch(rb"PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 (\d+) \d+\r\n", each.preamble)[1]
        assert {one.value("X-Port") for one in each.requests} == {port.decode()}


def test_e141_each_client_that_a_trusted_proxy_brings_is_named(announced):
    made = announced("v1", listener={"trusted-proxies": "127.0.0.1"})
    with made.hawser.connect() as client:
        for last in (1, 1, 2, 1):
            fields = f"X-Forwarded-For: 198.51.100.{last}\r\n\r\n".encode()
            assert client.send(REQUEST[:-2] + fields).read_answer().status == 200
    port = made.hawser.port
    assert made.preambles == [f"PROXY TCP4 198.51.100.{last} 127.0.0.1 0 {port}\r\n".encode()
                              for last in (1, 2, 1)]


def test_e141_a_header_that_came_goes_on_with_both_its_addresses(announced):
    made = announced("v2", listener={"trusted-proxies": "127.0.0.1", "proxy-protocol": "required"})
    header = v2(V2_V4, announced_v4("198.51.100.7", 4711, "192.0.2.80", 443))
    assert made.hawser.ask(header + REQUEST).status == 200
    assert made.preambles == [header]


def test_e141_streams_of_http2_are_told_of_as_well(announced):
    made = announced("v1", listener={"trusted-proxies": "127.0.0.1"})
    with H2Client(made.hawser.port) as client:
        streams = [client.ask([*H2_GET, ("x-forwarded-for", f"198.51.100.{last}")])
                   for last in range(8)]
        assert all(client.answer(each).status == 200 for each in streams)
    for each in made.origin.connections:
        for request in each.requests:
            named = request.value("X-Forwarded-For").split(",")[0]
            assert each.preamble.startswith(f"PROXY TCP4 {named} 127.0.0.1 0 ".encode())
    assert sum(len(each.requests) for each in made.origin.connections) == 8


def test_e141_who_comes_by_a_unix_socket_has_no_address(announced, tmp_path):
    path = tmp_path / "web.sock"
    made = announced("v1", listener={"bind": f"unix:{path}"})
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(REQUEST)
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
    assert made.preambles == [b"PROXY UNKNOWN\r\n"]


def test_e141_a_kept_connection_that_the_server_ends_costs_nobody_an_error(announced):
    made = announced("v1")
    made.origin.answers(answer(), CLOSE)
    with made.hawser.connect() as client:
        for number in range(1, 4):
            assert client.send(REQUEST.replace(b"GET", b"POST")).read_answer().status == 200
            wait_for(lambda: [each.ended for each in made.origin.connections] == ["by us"] * number)
    assert made.preambles == [v1_of(client, made.hawser.port)] * 3


def test_e141_a_kept_connection_ends_with_its_client_and_when_it_was_idle_too_long(announced):
    made = announced("v1", pool={"timeouts": {"idle": "200ms"}})
    with made.hawser.connect() as client:
        assert client.send(REQUEST).read_answer().status == 200
        wait_for(lambda: made.origin.connections[0].ended == "closed")
        assert client.send(REQUEST).read_answer().status == 200
    with made.hawser.connect() as client:
        assert client.send(REQUEST).read_answer().status == 200
    wait_for(lambda: all(each.ended == "closed" for each in made.origin.connections))
    assert len(made.origin.connections) == 3


def test_e141_after_a_reload_that_begins_or_ends_it_no_old_connection_is_used(announced):
    made = announced("off")
    made.origin.length_of = None
    server = made.hawser.settings["pools"]["shop"]["servers"]["a"]
    with made.hawser.connect() as client:
        assert client.send(REQUEST).read_answer().status == 200
        server["proxy-protocol"] = "v1"
        made.origin.length_of = length_of
        made.hawser.reload()
        assert client.send(REQUEST).read_answer().status == 200
        assert made.preambles == [b"", v1_of(client, made.hawser.port)]
        server["proxy-protocol"] = "off"
        made.origin.length_of = None
        made.hawser.reload()
        assert client.send(REQUEST).read_answer().status == 200
    assert made.preambles[2:] == [b""]


def test_e141_it_does_not_go_together_with_shared_connections(tmp_path):
    path = tmp_path / "hawser.yaml"
    path.write_text("listeners: {web: {bind: ':8080'}}\n"
                    "pools: {shop: {protocol: h2c, servers: {a: {address: '127.0.0.1:1', "
                    "proxy-protocol: v2}}}}\nroutes: [{pool: shop}]\n")
    told = subprocess.run([binary(), "check", path], capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert re.search(r"hawser\.yaml:2:\d+: error: a PROXY header names one client", told.stderr +
                     told.stdout)
