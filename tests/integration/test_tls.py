# SPDX-License-Identifier: Apache-2.0
"""E119-E130: what a listener with TLS does, before real clients: Python's ssl, openssl, curl."""

import json
import re
import shutil
import socket
import ssl
import subprocess

import pytest

from authorities import Authority, TlsClient, handshake, over_tls
from harness import (CLOSE, RESET, BeforeOrigin, Hawser, RawClient, RawOrigin, answer, binary,
                     wait_for)
from h2_client import H2Client

OVER = ("tls",)
GET = b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n"


class Secured(BeforeOrigin):
    """A Hawser with a listener in clear, one over TLS and whatever else, before one server."""

    def __init__(self, folder, tls: dict | None = None, listener: dict | None = None,
                 listeners: dict | None = None, pool: dict | None = None, **others):
        self.authority = Authority(folder / "certificates")
        self.shop = self.authority.issue("shop.example")
        self.origin = RawOrigin()
        self.hawser = Hawser(folder, {
            "listeners": {"secure": {"tls": {"certificates": [self.shop.settings]} | (tls or {})} |
                          (listener or {}), "clear": {}} | (listeners or {}),
            "pools": {"shop": {"servers": {"a": self.origin.address}, "affinity": []} |
                      (pool or {})},
            "routes": [{"pool": "shop"}]} | others)

    @property
    def port(self) -> int:
        return self.hawser.ports["secure"]

    def connect(self, **given) -> TlsClient:
        terms = given.pop("terms", None) or self.authority.trust()
        return TlsClient(self.port, terms, **given)

    def ask(self, request: bytes = GET, **given):
        """The answer, and the request as the server saw it."""
        self.origin.forget()
        with self.connect(**given) as client:
            told = client.send(request).read_answer()
        return told, self.origin.requests[0] if self.origin.requests else None


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    made = Secured(tmp_path_factory.mktemp("tls"), listener={"hsts": "365d"})
    yield made
    made.stop()


@pytest.fixture
def secured(tmp_path):
    """Makes one of the test's own terms, with `authority` for certificates beforehand."""
    made: list[Secured] = []

    def make(**given) -> Secured:
        made.append(Secured(tmp_path, **given))
        return made[-1]

    yield make
    for each in made:
        each.stop()


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "others", "Another Authority")


def s_client(port: int, *arguments: str, given: str = "") -> subprocess.CompletedProcess:
    return subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *arguments],
                          input=given, text=True, capture_output=True, timeout=20)


def end_without_notice(client: TlsClient) -> None:
    """No close_notify: only the connection below ends."""
    socket.socket(fileno=client.socket.detach()).close()


# ---- versions, ciphers, names, protocols --------------------------------------------------------


def test_requests_and_answers_pass(shared):
    told, seen = shared.ask(b"POST /x HTTP/1.1\r\nHost: shop.example\r\nContent-Length: 3\r\n\r\nabc")
    assert told.status == 200 and told.body == b"ok"
    assert seen.target == "/x" and seen.body == b"abc"


@pytest.mark.parametrize("version", ["1_2", "1_3"])
def test_e119_versions_that_are_spoken(shared, version):
    told = s_client(shared.port, f"-tls{version}", "-CAfile", str(shared.authority.path),
                    "-servername", "shop.example", "-verify_return_error")
    assert told.returncode == 0, told.stderr
    assert "Verify return code: 0 (ok)" in told.stdout
    assert f"TLSv{version.replace('_', '.')}" in told.stdout
    assert "Compression: NONE" in told.stdout


@pytest.mark.parametrize("wanted", [["-tls1"], ["-tls1_1"], ["-tls1_2", "-cipher", "AES128-SHA"],
                                    ["-tls1_2", "-cipher", "AES128-GCM-SHA256"],
                                    ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"]])
def test_e119_what_is_not_safe_is_refused(shared, wanted):
    weak = [f"{each}:@SECLEVEL=0" if "AES" in each else each for each in wanted]
    if len(weak) == 1:
        weak += ["-cipher", "ALL:@SECLEVEL=0"]
    told = s_client(shared.port, *weak)
    assert told.returncode != 0
    assert "alert" in told.stderr, told.stderr


def test_e119_only_tls_1_3_where_it_is_asked_for(secured):
    made = secured(tls={"minimum-version": "1.3"})
    terms = made.authority.trust()
    assert handshake(made.port, terms)["version"] == "TLSv1.3"
    terms.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        handshake(made.port, terms)


def test_e120_the_certificate_is_chosen_by_name(secured, tmp_path):
    made = secured()
    wild = made.authority.issue("*.shop.example", "other.test")
    listener = made.hawser.settings["listeners"]["secure"]
    listener["tls"]["certificates"].append(wild.settings)
    made.hawser.reload()
    terms = made.authority.trust()
    terms.check_hostname = False
    for host, first in [("shop.example", "shop.example"), ("SHOP.example", "shop.example"),
                        ("a.shop.example", "*.shop.example"), ("other.test", "*.shop.example"),
                        ("a.b.shop.example", "shop.example"), ("nobody.test", "shop.example"),
                        (None, "shop.example")]:
        assert handshake(made.port, terms, host)["names"][0] == first, host


def test_e120_strict_names_end_the_handshake(secured):
    made = secured(tls={"strict-sni": True})
    terms = made.authority.trust()
    assert handshake(made.port, terms)["names"] == ["shop.example"]
    terms.check_hostname = False
    for host in ("nobody.test", None):
        with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
            handshake(made.port, terms, host)


def test_ecdsa_and_rsa_stand_beside_each_other(secured):
    made = secured()
    rsa = made.authority.issue("shop.example", kind="rsa")
    made.hawser.settings["listeners"]["secure"]["tls"]["certificates"].append(rsa.settings)
    made.hawser.reload()
    for wanted, kind in [("ECDSA+SHA256", "ECDSA"), ("RSA-PSS+SHA256", "RSA-PSS")]:
        told = s_client(made.port, "-tls1_3", "-sigalgs", wanted, "-servername", "shop.example")
        assert f"Peer signature type: {kind}" in told.stdout, told.stdout


def test_e122_protocols_by_alpn(shared):
    def agreed(*offered: str):
        return handshake(shared.port, shared.authority.trust(alpn=list(offered)))["protocol"]

    assert agreed("http/1.1", "h2") == "h2"  # our order
    assert agreed("ftp", "http/1.1") == "http/1.1"
    assert handshake(shared.port, shared.authority.trust())["protocol"] is None
    with pytest.raises(ssl.SSLError, match="no application protocol"):
        agreed("ftp")


def test_e122_http2_that_was_agreed_on_needs_its_preface(shared):
    with shared.connect(terms=shared.authority.trust(alpn=["h2"])) as client:
        client.send(GET)
        told = client.read_to_end()
        assert not told.startswith(b"HTTP/1")
        assert client.ended


def test_e39_http2_without_agreement_is_a_bad_request(shared):
    with shared.connect() as client:
        client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert client.read_answer().status in (400, 505)


def test_http2_is_not_offered_where_it_is_off(secured):
    made = secured(listener={"http2": False})
    assert handshake(made.port, made.authority.trust(alpn=["h2", "http/1.1"]))["protocol"] == \
        "http/1.1"


def test_http2_over_tls(shared):
    terms = shared.authority.trust(alpn=["h2"])
    with H2Client(shared.port, wrap=lambda plain: over_tls(plain, terms, "shop.example")) as client:
        streams = [client.ask() for _ in range(20)]
        for stream in streams:
            assert client.answer(stream).status == 200


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_curl_is_served(shared, version):
    shared.origin.answers(answer(b"x" * 100_000))
    done = subprocess.run(
        ["curl", "-sS", version, "--cacert", str(shared.authority.path), "--connect-to",
         f"shop.example:443:127.0.0.1:{shared.port}", "-w", "%{http_version} %{size_download}",
         "-o", "/dev/null", "https://shop.example/"], text=True, capture_output=True, timeout=20)
    shared.origin.forget()
    assert done.returncode == 0, done.stderr
    assert done.stdout == ("2 100000" if version == "--http2" else "1.1 100000")


def test_h2load_at_the_limit_of_streams_is_served(shared):
    done = subprocess.run(["h2load", "-n", "2000", "-c", "4", "-m", "100",
                           f"https://127.0.0.1:{shared.port}/"], text=True, capture_output=True,
                          timeout=60)
    assert "2000 succeeded, 0 failed, 0 errored" in done.stdout, done.stdout
    assert "Application protocol: h2" in done.stdout


def test_large_bodies_pass_both_ways(shared):
    body = bytes(range(256)) * 40_000
    shared.origin.script = lambda request: [answer(request.body)]
    with shared.connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Length: %d\r\n\r\n" %
                    len(body))
        client.send(body)
        told = client.read_answer()
    shared.origin.forget()
    assert told.body == body


def test_an_answer_waits_for_a_client_that_does_not_read(shared):
    shared.origin.script = lambda request: [answer(b"y" * 30_000_000)] \
        if request.target == "/much" else [answer()]
    with shared.connect() as client:
        client.send(GET.replace(b"/ ", b"/much ", 1))
        with shared.connect() as other:  # others are served meanwhile
            assert other.send(GET).read_answer().status == 200
        assert len(client.read_answer().body) == 30_000_000
    shared.origin.forget()


# ---- ends ---------------------------------------------------------------------------------------


def test_the_end_of_a_connection_is_announced(shared):
    with shared.connect() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n")
        assert client.read_answer().status == 200
        assert client.read_to_end() == b"" and client.ended == "closed"


def test_e126_an_answer_that_ends_by_close_ends_in_order_or_not_at_all(shared):
    ask = b"GET / HTTP/1.0\r\nHost: shop.example\r\n\r\n"
    shared.origin.answers(b"HTTP/1.1 200 OK\r\n\r\nwhole", CLOSE)
    with shared.connect() as client:
        assert b"whole" in client.send(ask).read_to_end() and client.ended == "closed"
    shared.origin.answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ncut!\r\n", RESET)
    with shared.connect() as client:
        client.send(ask).read_to_end()
        assert client.ended == "reset"
    shared.origin.forget()


def test_e126_a_request_that_is_cut_reaches_no_server_whole(shared):
    shared.origin.forget()
    with shared.connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n"
                    b"3\r\nabc\r\n")
        wait_for(lambda: b"abc" in shared.origin.received, "the body's begin")
        end_without_notice(client)
    wait_for(lambda: shared.origin.connections[0].ended, "the server sees its end")
    assert not shared.origin.requests


def test_an_idle_connection_that_just_ends_is_no_noise(shared):
    before = shared.hawser.errors()
    with shared.connect() as client:
        client.send(GET).read_answer()
        end_without_notice(client)
    assert shared.ask()[0].status == 200
    assert shared.hawser.errors() == before


def test_an_idle_connection_is_ended_in_order(secured):
    made = secured(listener={"timeouts": {"idle": "100ms"}})
    with made.connect() as client:
        client.send(GET).read_answer()
        assert client.read_to_end() == b"" and client.ended == "closed"


def test_e59_a_handshake_has_a_deadline(secured):
    made = secured(listener={"timeouts": {"head": "200ms"}})
    with RawClient(made.port) as client:
        assert client.send(b"\x16\x03\x01").read_to_end() == b""


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n",
                                  b"OPTIONS * HTTP/1.1\r\nHost: shop.example\r\n\r\n",
                                  b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
def test_e130_http_on_an_https_port_gets_a_hint(shared, sent):
    with RawClient(shared.port) as client:
        told = client.send(sent).read_answer()
        assert told.status == 400 and b"https://" in told.body
        assert told.value("Content-Type").startswith("text/plain")
        assert client.read_to_end() == b""


def test_nonsense_is_refused_and_the_next_is_served(shared):
    for sent in (b"\0" * 100, b"\x16\x03\x01\xff\xff" + b"x" * 70_000, b"\x15\x03\x01\0\2\2\x28"):
        with RawClient(shared.port) as client:
            client.send_pieces([sent])
            client.half_close().read_to_end()
    assert shared.ask()[0].status == 200


# ---- what servers, browsers and logs learn ---------------------------------------------------------


def test_e133_servers_learn_that_the_client_spoke_https(shared):
    told, seen = shared.ask(b"GET / HTTP/1.1\r\nHost: shop.example\r\n"
                            b"X-Forwarded-Proto: http\r\n\r\n")
    assert seen.values("X-Forwarded-Proto") == ["https"]


def test_e156_the_cookie_over_tls_is_secure_and_bound_to_its_host(secured):
    made = secured(pool={"affinity": ["cookie"]}, **{"debug-header": "Hawser-Verdict"})
    told, _ = made.ask()
    mark = told.value("Set-Cookie")
    assert mark.startswith("__Host-hawser-") and "; Secure" in mark
    pair = mark.split(";")[0]
    told, seen = made.ask(GET[:-2] + b"Cookie: " + pair.encode() + b"\r\n\r\n")
    assert told.value("Hawser-Verdict").startswith("hit")
    assert seen.value("Cookie") is None
    # In clear it is none of ours, and the other way round.
    in_clear = made.hawser.ask(GET[:-2] + b"Cookie: " + pair.encode() + b"\r\n\r\n", "clear")
    assert in_clear.value("Hawser-Verdict").startswith("new")
    assert in_clear.value("Set-Cookie").startswith("hawser-")


def test_hsts_is_told_over_tls_only(shared):
    told, _ = shared.ask()
    assert told.values("Strict-Transport-Security") == ["max-age=31536000"]
    shared.origin.answers(answer(b"", "200 OK", "Strict-Transport-Security: max-age=1"))
    with shared.connect() as client:
        told = client.send(GET).read_answer()
    assert told.values("Strict-Transport-Security") == ["max-age=31536000"]
    told = shared.hawser.ask(GET, "clear")
    assert told.values("Strict-Transport-Security") == ["max-age=1"]
    shared.origin.forget()
    told, _ = shared.ask(b"TRACE / HTTP/1.1\r\nHost: shop.example\r\n\r\n")
    assert told.status == 405 and told.value("Strict-Transport-Security")


def test_the_log_tells_of_tls(shared):
    with shared.connect() as client:
        client.send(GET).read_answer()
        record = shared.hawser.access_of(client)[-1]
    assert record["tls"] == "TLSv1.3" and record["tls_cipher"].startswith("TLS_AES")
    assert record["tls_server_name"] == "shop.example" and "tls_resumed" not in record


def test_redirect_to_https(secured):
    made = secured(listeners={"web": {"redirect-to-https": True},
                              "odd": {"redirect-to-https": True, "https-port": 8443}},
                   routes=[{"pool": "shop"},
                           {"listener": "web", "path": "/.well-known/", "pool": "shop"}])
    for name, where in [("web", "https://shop.example/a?b=c"),
                        ("odd", "https://shop.example:8443/a?b=c")]:
        told = made.hawser.ask(b"GET /a?b=c HTTP/1.1\r\nHost: shop.example:80\r\n\r\n", name)
        assert told.status == 308 and told.value("Location") == where
    told = made.hawser.ask(b"GET /.well-known/x HTTP/1.1\r\nHost: shop.example\r\n\r\n", "web")
    assert told.status == 200
    told = made.hawser.ask(b"GET / HTTP/1.0\r\n\r\n", "web")
    assert told.status == 400


# ---- clients' certificates --------------------------------------------------------------------------


@pytest.fixture
def mutual(secured, tmp_path, authority):
    """Clients show certificates of `authority`."""
    def make(mode: str) -> Secured:
        return secured(tls={"client-certificates": {
            "ca": str(authority.path), "mode": mode, "subject-header": "X-Client-Subject",
            "fingerprint-header": "X-Client-Fingerprint"}})
    return make


def test_e129_the_verified_subject_goes_to_servers(mutual, authority):
    made = mutual("require")
    alice = authority.issue("alice", subject="/O=Shop, Inc./CN=alice")
    _, seen = made.ask(terms=made.authority.trust(alice))
    assert seen.values("X-Client-Subject") == ["CN=alice,O=Shop\\, Inc."]
    (fingerprint,) = seen.values("X-Client-Fingerprint")
    assert re.fullmatch("[0-9a-f]{64}", fingerprint)
    spoofed = GET[:-2] + b"x_client_subject: CN=root\r\nX-CLIENT-SUBJECT: CN=root\r\n" + \
        b"X-Client_Fingerprint: 0\r\n\r\n"
    _, seen = made.ask(spoofed, terms=made.authority.trust(alice))
    assert b"CN=root" not in seen.raw and b"Fingerprint: 0\r" not in seen.raw
    assert seen.values("X-Client-Subject") == ["CN=alice,O=Shop\\, Inc."]


def test_e129_trailers_cannot_claim_it_either(mutual, authority):
    made = mutual("optional")
    _, seen = made.ask(b"POST / HTTP/1.1\r\nHost: shop.example\r\nTransfer-Encoding: chunked\r\n\r\n"
                       b"3\r\nabc\r\n0\r\nX-Kept: 1\r\nx-client_subject: CN=root\r\nX-Too: 2\r\n\r\n")
    assert b"CN=root" not in seen.raw
    assert [name for name, _ in seen.trailers] == [b"X-Kept", b"X-Too"]


def test_e129_nobody_in_clear_can_pretend_to_have_one(mutual):
    made = mutual("optional")
    spoofed = GET[:-2] + b"X-Client_Subject: CN=root\r\nx-client-subject: CN=root\r\n\r\n"
    made.origin.forget()
    assert made.hawser.ask(spoofed, "clear").status == 200
    assert b"CN=root" not in made.origin.received
    _, seen = made.ask(spoofed)
    assert b"CN=root" not in seen.raw and seen.value("X-Client-Subject") is None


def test_whoever_needs_a_certificate_and_has_none_or_a_bad_one_is_refused(mutual, authority):
    made = mutual("require")
    for own in (None, made.authority.issue("mallory")):  # the latter of an unknown authority
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            made.ask(terms=made.authority.trust(own))
    assert not made.origin.received
    assert made.ask(terms=made.authority.trust(authority.issue("bob")))[0].status == 200


def test_a_bad_certificate_is_refused_where_none_is_fine(mutual):
    made = mutual("optional")
    assert made.ask()[0].status == 200
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        made.ask(terms=made.authority.trust(made.authority.issue("mallory")))


# ---- certificates that change -----------------------------------------------------------------------


def test_e127_a_new_certificate_is_served_and_no_connection_drops(secured):
    made = secured()
    terms = made.authority.trust()
    before = handshake(made.port, terms)["serial"]
    with made.connect() as kept:
        assert kept.send(GET).read_answer().status == 200
        renewed = made.authority.issue("shop.example")
        shutil.copy(renewed.certificate, made.shop.certificate)
        shutil.copy(renewed.key, made.shop.key)
        made.hawser.reload()
        assert handshake(made.port, terms)["serial"] != before
        assert kept.send(GET).read_answer().status == 200


def test_e127_one_whose_key_does_not_match_changes_nothing(secured):
    made = secured()
    terms = made.authority.trust()
    before = handshake(made.port, terms)["serial"]
    shutil.copy(made.authority.issue("other.example").key, made.shop.key)
    made.hawser.settings["listeners"]["clear"]["via"] = True  # nor does anything else
    made.hawser.reload()
    told = made.hawser.errors()
    assert "reload failed, nothing has changed" in told and "does not belong" in told
    assert re.search(r"hawser\.yaml:\d+:\d+: error: the key in ", told), told
    assert handshake(made.port, terms)["serial"] == before
    made.hawser.ask(GET, "clear")
    assert made.origin.requests[-1].value("Via") is None


def test_check_reads_certificates(secured, tmp_path):
    made = secured()
    made.shop.certificate.write_text("nothing")
    made.hawser.settings["listeners"]["secure"]["tls"]["ciphers"] = "AES128-SHA"
    path = tmp_path / "checked.yaml"
    path.write_text(json.dumps(made.hawser.settings, indent=1))
    told = subprocess.run([binary(), "check", str(path)], capture_output=True, text=True)
    assert told.returncode == 1
    assert re.search(r"checked\.yaml:\d+:\d+: error: .*holds no certificate", told.stderr)
    assert re.search(r"checked\.yaml:\d+:\d+: error: .*AES128-SHA.*not safe", told.stderr)
