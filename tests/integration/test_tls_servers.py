# SPDX-License-Identifier: Apache-2.0
"""E126, E128: servers that are spoken to over TLS."""

import json
import os
import socket
import ssl
import subprocess

import pytest

from authorities import Authority, Issued
from harness import CLOSE, RESET, Hawser, RawOrigin, answer, free_port, wait_for
from processes import Application, curl, run_app

GET = b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"
MEBIBYTE = 1 << 20


class PoliteSocket(ssl.SSLSocket):
    """Ends with close_notify."""

    def close(self) -> None:
        if self.fileno() >= 0:
            try:
                self.settimeout(2)
                self.unwrap().close()
            except (OSError, ValueError):
                pass
        super().close()


class TlsOrigin(RawOrigin):
    """A recording server over TLS. `shaken` tells of its handshakes, `failed` of those in vain."""

    def __init__(self, own: Issued, clients: Authority | None = None, is_polite: bool = True,
                 latest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3):
        self.terms = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.terms.load_cert_chain(own.certificate, own.key)
        self.terms.maximum_version = latest
        self.terms.sni_callback = lambda made, name, _: self.names.append(name)
        if clients is not None:
            self.terms.verify_mode = ssl.CERT_REQUIRED
            self.terms.load_verify_locations(clients.path)
        if is_polite:
            self.terms.sslsocket_class = PoliteSocket
        self.hears_header, self.header = False, b""  # of the PROXY protocol
        self.names: list[str | None] = []
        self.shaken: list[dict] = []
        self.failed: list[str] = []
        super().__init__()

    def _serve(self, peer: socket.socket) -> None:
        while self.hears_header and not self.header.endswith(b"\r\n"):
            self.header += peer.recv(1)
        try:
            secured = self.terms.wrap_socket(peer, server_side=True)
        except OSError as why:
            self.failed.append(str(why))
            peer.close()
            return
        self.shaken.append({"resumed": secured.session_reused, "version": secured.version(),
                            "client": secured.getpeercert()})
        super()._serve(secured)


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "servers", "Servers' Authority")


@pytest.fixture
def before(tmp_path, authority):
    """A Hawser before servers over TLS that prove to be `shop.internal`, unless told otherwise."""
    made: list = []

    def make(*origins, tls: dict | None = None, pool: dict | None = None, **others) -> Hawser:
        terms = {"ca": str(authority.path), "server-name": "shop.internal"} | (tls or {})
        hawser = Hawser(tmp_path, {
            "listeners": {"web": {}},
            "pools": {"shop": {"tls": terms, "affinity": [], "servers":
                               {chr(97 + i): one if isinstance(one, str) else one.address
                                for i, one in enumerate(origins)}} | (pool or {})},
            "routes": [{"pool": "shop"}]} | others)
        made.extend([hawser, *(one for one in origins if not isinstance(one, str))])
        return hawser

    yield make
    for each in made:
        each.stop()


def last_record(hawser: Hawser, count: int) -> dict:
    return wait_for(lambda: hawser.access()[count - 1:], f"line {count} of the log")[0]


def test_requests_go_to_servers_over_tls(before, authority):
    origin = TlsOrigin(authority.issue("shop.internal"))
    hawser = before(origin)
    assert hawser.ask(GET).body == b"ok"
    assert origin.requests[0].value("Host") == "shop.example"
    assert origin.shaken[0]["version"] == "TLSv1.3" and origin.names == ["shop.internal"]
    record = last_record(hawser, 1)
    assert record["server_tls"] == "TLSv1.3" and record["server_handshake_us"] > 0
    assert record["server_handshake_us"] <= record["connect_us"]


def test_a_connection_is_kept_and_its_tickets_disturb_nobody(before, authority):
    origin = TlsOrigin(authority.issue("shop.internal"))
    hawser = before(origin)
    with hawser.connect() as client:
        for _ in range(5):
            assert client.send(GET).read_answer().status == 200
    assert len(origin.shaken) == 1 and len(origin.requests) == 5
    assert "server_tls" not in last_record(hawser, 2)


@pytest.mark.parametrize("latest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_sessions_with_servers_are_resumed(before, authority, latest):
    origin = TlsOrigin(authority.issue("shop.internal"), latest=latest)
    origin.answers(answer(b"ok", "200 OK", "Connection: close"))
    hawser = before(origin)
    for _ in range(3):
        assert hawser.ask(GET).status == 200
    assert [each["resumed"] for each in origin.shaken] == [False, True, True]
    assert last_record(hawser, 3)["server_tls_resumed"] is True


def test_an_address_is_verified_as_one(before, authority):
    origin = TlsOrigin(authority.issue("IP:127.0.0.1", subject="/CN=a"))
    hawser = before(origin, tls={"server-name": ""})
    assert hawser.ask(GET).status == 200
    assert origin.names == [None]


def test_e141_a_proxy_header_goes_before_tls(before, authority):
    origin = TlsOrigin(authority.issue("shop.internal"))
    origin.hears_header = True
    hawser = before(origin, pool={"servers": {"a": {"address": origin.address,
                                                    "proxy-protocol": "v1"}}})
    with hawser.connect() as client:
        assert client.send(GET).read_answer().status == 200
        assert origin.header.startswith(b"PROXY TCP4 127.0.0.1 127.0.0.1 %d " % client.port)


@pytest.mark.parametrize("case", ["name", "authority", "plain", "version"])
def test_e128_a_server_that_cannot_prove_itself_gets_nothing(before, authority, tmp_path, case):
    """502 with the cause in the log, and not a byte of the request, least of all in clear."""
    tls, cause = {}, "server-tls"
    if case == "name":
        origin, why = TlsOrigin(authority.issue("other.internal")), "hostname mismatch"
    elif case == "authority":
        stranger = Authority(tmp_path / "stranger", "A Stranger")
        origin, why = TlsOrigin(stranger.issue("shop.internal")), "certificate"
    elif case == "plain":
        origin, why = RawOrigin(), ""
        origin.script = lambda request: []
    else:
        origin = TlsOrigin(authority.issue("shop.internal"), latest=ssl.TLSVersion.TLSv1_2)
        tls, why = {"minimum-version": "1.3"}, "version"
    hawser = before(origin, tls=tls, pool={"timeouts": {"connect": "500ms"}})
    told = hawser.ask(GET)
    assert b"GET" not in origin.received and not origin.requests
    record = last_record(hawser, 1)
    if case == "plain":  # it waits for a request that never comes
        assert told.status in (502, 503)
        return
    assert told.status == 502 and record["ended"] == cause
    wait_for(lambda: "TLS as `shop.internal` failed" in hawser.errors(), "the cause is logged")
    assert hawser.has_said(why)


def test_e128_another_server_that_proves_itself_is_tried(before, authority):
    bad, good = TlsOrigin(authority.issue("other.internal")), \
        TlsOrigin(authority.issue("shop.internal"))
    hawser = before(bad, good, pool={"balance": "round-robin"})
    assert {hawser.ask(GET).status for _ in range(6)} == {200}
    assert len(good.requests) == 6 and not bad.requests


def test_a_server_may_ask_for_our_certificate(before, authority, tmp_path):
    ours = Authority(tmp_path / "ours", "Ours")
    origin = TlsOrigin(authority.issue("shop.internal"), clients=ours)
    hawser = before(origin, tls={"certificate": str((own := ours.issue("balancer")).certificate),
                                 "key": str(own.key)})
    assert hawser.ask(GET).status == 200
    assert dict(pair[0] for pair in origin.shaken[0]["client"]["subject"])["commonName"] == \
        "balancer"


def test_a_server_that_asks_in_vain_is_a_failure(before, authority, tmp_path):
    origin = TlsOrigin(authority.issue("shop.internal"), clients=Authority(tmp_path / "ours"))
    assert before(origin).ask(GET).status in (502, 503)
    assert not origin.requests


def test_verification_can_be_turned_off(before, authority, tmp_path):
    origin = TlsOrigin(Authority(tmp_path / "stranger").issue("whoever"))
    hawser = before(origin, pool={"tls": {"verify": False, "server-name": "shop.internal"}})
    assert hawser.ask(GET).status == 200


def test_e126_an_answer_that_ends_by_close_needs_close_notify(before, authority):
    own = authority.issue("shop.internal")
    polite, rude = TlsOrigin(own), TlsOrigin(own, is_polite=False)
    for origin in (polite, rude):
        origin.answers(b"HTTP/1.1 200 OK\r\n\r\nall of it?", CLOSE)
    hawser = before(polite)
    told = hawser.ask(GET)
    assert told.is_whole and told.body == b"all of it?"
    hawser.settings["pools"]["shop"]["servers"] = {"b": rude.address}
    hawser.reload()
    with hawser.connect() as client:
        client.send(GET)
        assert not client.read_answer().is_whole
    record = wait_for(lambda: [each for each in hawser.access() if each.get("ended")], "a line")[0]
    assert record["ended"] == "answer-cut"
    rude.stop()


def test_large_bodies_pass_both_ways(before, authority):
    origin = TlsOrigin(authority.issue("shop.internal"))
    origin.script = lambda request: [answer(request.body)]
    body = os.urandom(4 * MEBIBYTE)
    with before(origin).connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: %d\r\n\r\n" %
                    len(body))
        client.send(body)
        assert client.read_answer().body == body


def test_a_reload_that_changes_nothing_keeps_connections(before, authority):
    origin = TlsOrigin(authority.issue("shop.internal"))
    hawser = before(origin)
    assert hawser.ask(GET).status == 200
    hawser.settings["listeners"]["web"]["via"] = True
    hawser.reload()
    assert hawser.ask(GET).status == 200
    assert len(origin.shaken) == 1


def test_a_reload_that_believes_somebody_else_keeps_none(before, authority, tmp_path):
    origin = TlsOrigin(authority.issue("shop.internal"))
    hawser = before(origin)
    assert hawser.ask(GET).status == 200
    other = Authority(tmp_path / "other", "Other")
    hawser.settings["pools"]["shop"]["tls"]["ca"] = str(other.path)
    hawser.reload()
    assert hawser.ask(GET).status == 502


def test_files_that_do_not_load_fail_the_reload(before, authority, tmp_path):
    origin = TlsOrigin(authority.issue("shop.internal"))
    hawser = before(origin)
    (tmp_path / "empty.pem").write_text("")
    hawser.settings["pools"]["shop"]["tls"]["ca"] = str(tmp_path / "empty.pem")
    hawser.reload()
    assert hawser.has_said("reload failed") and hawser.has_said("empty.pem")
    assert hawser.ask(GET).status == 200


# ---- HTTP/2 ------------------------------------------------------------------------------------


class Nghttpd:
    """Debian's nghttpd over TLS, serving the files of a folder."""

    def __init__(self, folder, files, own: Issued):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.log = (folder / "nghttpd.log").open("wb")
        self.process = subprocess.Popen(
            ["nghttpd", "-a", "127.0.0.1", "-d", str(files), str(self.port), str(own.key),
             str(own.certificate)], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_for(self._accepts, "nghttpd accepts connections")

    def _accepts(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


def test_http2_to_servers_over_tls(before, authority, tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    (files / "small").write_text("hello")
    server = Nghttpd(tmp_path, files, authority.issue("shop.internal"))
    hawser = before(server, pool={"protocol": "h2"})
    for _ in range(3):
        assert curl(f"http://127.0.0.1:{hawser.port}/small") == "hello"
    record = last_record(hawser, 1)
    assert record["server_tls"] == "TLSv1.3"
    assert "server_tls" not in last_record(hawser, 3)


def test_grpc_works_over_tls_on_both_sides(before, authority):
    inside, outside = authority.issue("shop.internal"), authority.issue("IP:127.0.0.1", subject="/CN=x")
    server = Application("greeter.js", NAME="ann", CERTIFICATE=str(inside.certificate),
                         KEY=str(inside.key))
    hawser = before(server, pool={"protocol": "h2"},
                    listeners={"web": {"tls": {"certificates": [outside.settings]}}})
    told = json.loads(run_app("call.js", f"127.0.0.1:{hawser.port}", "greet", "fail", "echo",
                              "large", AUTHORITY=str(authority.path)))
    assert told["greet"]["answer"]["said"] == "hello" and told["fail"]["code"] == 9
    assert told["large"] == {"code": 0, "whole": True}
    record = last_record(hawser, 1)
    assert record["tls"] == "TLSv1.3" and record["server_tls"] == "TLSv1.3"
    assert record["protocol"] == "HTTP/2"


def test_a_server_that_does_not_agree_on_http2_is_none(before, authority):
    origin = TlsOrigin(authority.issue("shop.internal"))
    hawser = before(origin, pool={"protocol": "h2"})
    assert hawser.ask(GET).status == 502
    assert hawser.has_said("does not agree on HTTP/2")
    assert not origin.received
