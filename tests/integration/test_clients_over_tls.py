# SPDX-License-Identifier: Apache-2.0
"""E132-E140 where TLS follows the PROXY header."""

import ssl

import pytest

from announcements import V2_V4, announced_v4, checksummed, v2
from authorities import Authority
from harness import BeforeOrigin, Hawser, RawClient, RawOrigin, wait_for

OVER = ("tls",)
GET = b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"
V1 = b"PROXY TCP4 198.51.100.7 127.0.0.1 4711 443\r\n"


class Door(BeforeOrigin):
    def __init__(self, folder):
        self.authority = Authority(folder / "certificates")
        own = self.authority.issue("shop.example")
        self.origin = RawOrigin()
        self.hawser = Hawser(folder, {
            "listeners": {"secure": {"tls": {"certificates": [own.settings]},
                                     "trusted-proxies": "127.0.0.1", "deny": "198.51.100.66",
                                     "proxy-protocol": "required"}},
            "pools": {"shop": {"servers": {"a": self.origin.address}, "affinity": []}},
            "routes": [{"pool": "shop"}]})

    def ask(self, *before: bytes, request: bytes = GET) -> bytes:
        with RawClient(self.hawser.port) as plain:
            plain.send_pieces(before)
            terms = self.authority.trust()
            with terms.wrap_socket(plain.socket, server_hostname="shop.example") as secured:
                secured.sendall(request)
                return secured.recv(1 << 16)


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    made = Door(tmp_path_factory.mktemp("door"))
    yield made
    made.stop()


@pytest.mark.parametrize("pieces", [
    [V1], [V1[:5], V1[5:]], [v2(V2_V4, announced_v4("198.51.100.7"))],
    [checksummed(announced_v4("198.51.100.7"))]])
def test_e140_the_handshake_follows_the_header(door, pieces):
    door.origin.forget()
    known = len(door.hawser.access())
    assert door.ask(*pieces).startswith(b"HTTP/1.1 200")
    (seen,) = door.origin.requests
    assert seen.value("X-Forwarded-For") == "198.51.100.7"
    assert seen.value("X-Forwarded-Proto") == "https"
    assert wait_for(lambda: door.hawser.access()[known:])[0]["client"] == "198.51.100.7"


def test_e133_over_tls_the_proto_is_https_whatever_is_claimed(door):
    door.origin.forget()
    claim = GET[:-2] + b"X-Forwarded-Proto: http\r\nForwarded: proto=http\r\n\r\n"
    assert door.ask(V1, request=claim).startswith(b"HTTP/1.1 200")
    (seen,) = door.origin.requests
    assert seen.value("X-Forwarded-Proto") == "https" and seen.value("X-Forwarded-Port") == "443"


def test_e136_a_handshake_without_the_header_gets_no_answer(door):
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        door.ask()


def test_e132_who_is_denied_gets_no_handshake(door):
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        door.ask(V1.replace(b"100.7", b"100.66"))
