# SPDX-License-Identifier: Apache-2.0
"""E119-E125: sessions that are resumed, what hosts ask of clients, stapled answers, floods."""

import pathlib
import re
import resource
import shutil
import ssl
import threading
import time

import pytest

from authorities import Authority, TlsClient, handshake, openssl
from harness import Hawser, RawClient, free_port, wait_for
from test_tls import GET, Secured, s_client, secured  # noqa: F401  (a fixture)


@pytest.fixture
def clients(tmp_path):
    """Who issues certificates to clients."""
    return Authority(tmp_path / "clients", "Clients' Authority")


def session_of(client: TlsClient) -> ssl.SSLSession:
    """After an answer: with TLS 1.3 tickets come behind the handshake."""
    assert client.send(GET).read_answer().status == 200
    return client.socket.session


def is_resumed(port: int, terms: ssl.SSLContext, session: ssl.SSLSession,
               host: str = "shop.example") -> bool:
    with TlsClient(port, terms, host, session=session) as client:
        assert client.send(GET).read_answer().status == 200
        return client.socket.session_reused


def both_versions(authority: Authority):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        terms = authority.trust()
        terms.minimum_version = terms.maximum_version = version
        yield terms


def test_e123_sessions_are_resumed_by_every_worker_and_after_a_reload(secured):
    made = secured(workers=4)
    for terms in both_versions(made.authority):
        with made.connect(terms=terms) as client:
            session = session_of(client)
        assert all(is_resumed(made.port, terms, session) for _ in range(20))
        made.hawser.settings["listeners"]["clear"]["via"] = True
        made.hawser.reload()
        assert is_resumed(made.port, terms, session)


def test_e123_another_node_with_the_same_keys_resumes_them(secured, tmp_path):
    made = secured()
    folder = tmp_path / "node"
    folder.mkdir()
    shutil.copy(tmp_path / "keys", folder / "keys")
    listener = {"secure": {"tls": {"certificates": [made.shop.settings]}}}
    other = Hawser(folder, {"listeners": listener, "routes": made.hawser.settings["routes"],
                            "pools": made.hawser.settings["pools"]})
    stranger_folder = tmp_path / "stranger"
    stranger_folder.mkdir()
    stranger = Hawser(stranger_folder, {
        "listeners": {"secure": {"tls": {"certificates": [made.shop.settings]}}},
        "routes": made.hawser.settings["routes"], "pools": made.hawser.settings["pools"]})
    try:
        for terms in both_versions(made.authority):
            with made.connect(terms=terms) as client:
                session = session_of(client)
            assert is_resumed(other.port, terms, session)
            assert not is_resumed(stranger.port, terms, session)
    finally:
        other.stop()
        stranger.stop()


def test_the_log_tells_of_a_resumed_session(secured):
    made = secured()
    terms = made.authority.trust()
    with made.connect(terms=terms) as client:
        session = session_of(client)
    assert is_resumed(made.port, terms, session)
    wait_for(lambda: [each.get("tls_resumed") for each in made.hawser.access()] == [None, True],
             "two lines in the log, the second of a resumed session")


def test_handshakes_are_counted_by_version_and_kind(secured):
    port = free_port()
    made = secured(admin={"bind": f"127.0.0.1:{port}"})
    terms = made.authority.trust()
    with made.connect(terms=terms) as client:
        session = session_of(client)
    assert is_resumed(made.port, terms, session)
    told = made.hawser.ask_port(port, b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").body.decode()
    for kind in ("full", "resumed"):
        (line,) = [each for each in told.splitlines()
                   if each.startswith("hawser_tls_handshakes_total") and f'kind="{kind}"' in each]
        assert 'version="TLSv1.3"' in line and line.endswith(" 1"), line
    (line,) = [each for each in told.splitlines()
               if each.startswith("hawser_tls_certificate_end_seconds")]
    assert 'name="shop.example"' in line
    assert 0 < float(line.split()[-1]) - time.time() < 3 * 86_400


def test_e123_ticket_keys_stand_in_no_log(secured, tmp_path):
    made = secured(log={"access": str(tmp_path / "access.log"), "level": "debug"})
    made.ask()
    made.hawser.reload()
    ring = [line.split()[-1] for line in (tmp_path / "keys").read_text().splitlines()
            if line and not line.startswith("#")]
    assert not any(secret in made.hawser.errors() for secret in ring)


def test_e123_resumption_does_not_skip_a_check_of_clients(secured, clients):
    """A session of a time when nobody was asked for a certificate."""
    made = secured()
    for terms in both_versions(made.authority):
        tls = made.hawser.settings["listeners"]["secure"]["tls"]
        tls.pop("client-certificates", None)
        made.hawser.reload()
        with made.connect(terms=terms) as client:
            session = session_of(client)
        tls["client-certificates"] = {"ca": str(clients.path), "mode": "require"}
        made.hawser.reload()
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            is_resumed(made.port, terms, session)


@pytest.fixture
def two_hosts(secured, clients):
    """`strict.example` asks for certificates, `shop.example` does not."""
    made = secured()
    strict = made.authority.issue("strict.example")
    made.hawser.settings["listeners"]["secure"]["tls"]["certificates"].append(
        strict.settings | {"client-certificates": {"ca": str(clients.path)}})
    made.hawser.reload()
    return made


def get(host: str) -> bytes:
    return GET.replace(b"shop.example", host.encode())


def test_e121_a_host_that_asks_for_more_is_misdirected(two_hosts, clients):
    alice = two_hosts.authority.trust(clients.issue("alice"))
    told, seen = two_hosts.ask(get("strict.example"), terms=alice, host="strict.example")
    assert told.status == 200 and seen.value("X-Client-Certificate-Subject") == "CN=alice"
    for host in ("strict.example", "STRICT.example", "strict.example.", "strict.example:443"):
        told, seen = two_hosts.ask(get(host))
        assert told.status == 421 and seen is None, host
    with two_hosts.connect() as client:  # which may go on with the host that it came for
        assert client.send(get("strict.example")).read_answer().status == 421
        assert client.send(GET).read_answer().status == 200
    told, _ = two_hosts.ask(GET, terms=alice, host="strict.example")
    assert told.status == 421  # nor the other way round
    wait_for(lambda: [each for each in two_hosts.hawser.access()
                      if each["status"] == 421 and each["ended"] == "other-tls"], "a line in the log")


def test_e121_whoever_asks_for_the_strict_host_needs_a_certificate(two_hosts):
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        two_hosts.ask(get("strict.example"), host="strict.example")


def test_e123_a_session_of_another_host_is_none(two_hosts):
    """CVE-2025-23419: a ticket got where no certificate is asked for, shown where one is."""
    for terms in both_versions(two_hosts.authority):
        with two_hosts.connect(terms=terms) as client:
            session = session_of(client)
        assert is_resumed(two_hosts.port, terms, session)
        two_hosts.origin.forget()
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            with TlsClient(two_hosts.port, terms, "strict.example", session=session) as client:
                client.send(get("strict.example")).read_answer()
        assert not two_hosts.origin.received


def test_e124_early_data_is_not_taken(secured):
    made = secured()
    told = s_client(made.port, "-tls1_3", "-servername", "shop.example", given="")
    assert "Max Early Data: 0" in told.stdout or "Early data was not sent" in told.stdout


def test_e119_renegotiation_is_refused(secured):
    made = secured()
    told = s_client(made.port, "-tls1_2", "-servername", "shop.example", given="R\n")
    assert "no renegotiation" in told.stderr


# ---- stapled answers ------------------------------------------------------------------------------


def ocsp_answer(authority: Authority, issued, about, days: int) -> None:
    """What the authority says of `about`, in DER."""
    index = authority.folder / "index.txt"
    serial = openssl("x509", "-in", about.certificate, "-noout", "-serial").strip().split("=")[1]
    index.write_text(f"V\t{'991231235959Z'}\t\t{serial}\tunknown\t/CN=shop.example\n")
    request = authority.folder / "request.der"
    openssl("ocsp", "-issuer", authority.path, "-cert", about.certificate, "-reqout", request)
    openssl("ocsp", "-index", index, "-CA", authority.path, "-rsigner", authority.path, "-rkey",
            authority.folder / "authority.key", "-reqin", request, "-respout", issued, "-ndays",
            str(days))


def test_an_ocsp_answer_is_stapled(secured, tmp_path):
    made = secured()
    path = tmp_path / "shop.ocsp"
    ocsp_answer(made.authority, path, made.shop, 2)
    made.hawser.settings["listeners"]["secure"]["tls"]["certificates"][0]["ocsp"] = str(path)
    made.hawser.reload()
    told = s_client(made.port, "-status", "-servername", "shop.example", "-CAfile",
                    str(made.authority.path))
    assert "OCSP Response Status: successful" in told.stdout
    assert "Cert Status: good" in told.stdout


def test_an_ocsp_answer_about_another_certificate_fails_the_reload(secured, tmp_path):
    made = secured()
    path = tmp_path / "other.ocsp"
    ocsp_answer(made.authority, path, made.authority.issue("other.example"), 2)
    made.hawser.settings["listeners"]["secure"]["tls"]["certificates"][0]["ocsp"] = str(path)
    made.hawser.reload()
    assert made.hawser.has_said("says nothing about this certificate")
    assert made.ask()[0].status == 200


# ---- floods --------------------------------------------------------------------------------------


def begin_handshakes(made: Secured, count: int, source: str = "") -> list[RawClient]:
    """Clients that have begun to say hello."""
    return [RawClient(made.port, source=source).send(b"\x16\x03\x01\x02") for _ in range(count)]


def test_e125_handshakes_are_limited_in_all(secured):
    made = secured(tls={"handshakes": {"at-once": 3, "per-source": "off"}})
    begun = begin_handshakes(made, 3)
    with RawClient(made.port) as client:
        assert client.read_to_end() == b""  # at once, not when its time for a head is over
    begun.pop().close()
    wait_for(lambda: can_shake(made), "there is room again")
    for each in begun:
        each.close()


def can_shake(made: Secured) -> bool:
    try:
        handshake(made.port, made.authority.trust())
        return True
    except (OSError, ssl.SSLError):
        return False


def test_e125_handshakes_are_limited_by_source(secured):
    made = secured(tls={"handshakes": {"per-source": 2}})
    begun = begin_handshakes(made, 2, source="127.0.0.7")
    with RawClient(made.port, source="127.0.0.7") as client:
        assert client.read_to_end() == b""
    assert made.ask()[0].status == 200  # another source is let in
    for each in begun:
        each.close()


def test_e125_a_flood_of_handshakes_leaves_established_connections_their_turn(secured):
    """As many full handshakes as four threads can make, with an RSA key, against one worker."""
    made = secured()
    rsa = made.authority.issue("shop.example", kind="rsa")
    made.hawser.settings["listeners"]["secure"]["tls"]["certificates"] = [rsa.settings]
    made.hawser.reload()
    terms = made.authority.trust()
    over, shaken = threading.Event(), []

    def flood() -> None:
        while not over.is_set():
            try:
                handshake(made.port, terms)
                shaken.append(1)
            except (OSError, ssl.SSLError):
                pass

    threads = [threading.Thread(target=flood, daemon=True) for _ in range(4)]
    with made.connect(terms=terms) as kept:
        assert kept.send(GET).read_answer().status == 200
        for each in threads:
            each.start()
        wait_for(lambda: len(shaken) > 20, "the flood has begun")
        waits = []
        for _ in range(100):
            begun = time.monotonic()
            assert kept.send(GET).read_answer().status == 200
            waits.append(time.monotonic() - begun)
    over.set()
    for each in threads:
        each.join()
    assert sorted(waits)[89] < 0.1, sorted(waits)[-20:]


# ---- behind a proxy --------------------------------------------------------------------------------


def test_e140_a_proxy_header_goes_before_the_handshake(secured):
    """In the same segment as the ClientHello, and in one of its own."""
    made = secured(listener={"proxy-protocol": "required", "trusted-proxies": ["127.0.0.1"]})
    for is_one_segment in (True, False):
        with RawClient(made.port) as client:
            header = b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n"
            if not is_one_segment:
                client.send(header)
                header = b""
            come, go = ssl.MemoryBIO(), ssl.MemoryBIO()
            session = made.authority.trust().wrap_bio(come, go, server_hostname="shop.example")
            converse(client, session.do_handshake, come, go, header)
            session.write(GET)
            converse(client, lambda: session.read(4096), come, go)
        seen = made.origin.requests[-1]
        assert seen.value("X-Forwarded-For") == "192.0.2.7"
        assert seen.value("X-Forwarded-Proto") == "https"


def converse(client: RawClient, step, come: ssl.MemoryBIO, go: ssl.MemoryBIO,
             first: bytes = b"") -> None:
    """Takes a step of a handshake or a read until it is done."""
    while True:
        try:
            step()
            if go.pending:
                client.send(go.read())
            return
        except ssl.SSLWantReadError:
            client.send(first + go.read())
            first = b""
            come.write(client.socket.recv(1 << 16))


# ---- memory --------------------------------------------------------------------------------------


def resident(made: Secured) -> int:
    status = pathlib.Path(f"/proc/{made.hawser.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024


def test_e163_a_thousand_idle_connections_take_less_than_32_mebibytes(secured):
    made = secured(tls={"handshakes": {"at-once": "off", "per-source": "off"}})
    terms = made.authority.trust()
    resource.setrlimit(resource.RLIMIT_NOFILE,
                       (max(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
                        resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    for _ in range(10):  # what the first ones need is not theirs
        made.ask(terms=terms)
    before = resident(made)
    idle = []
    for _ in range(1000):
        client = made.connect(terms=terms)
        assert client.send(GET).read_answer().status == 200
        idle.append(client)
    growth = resident(made) - before
    for each in idle:
        each.close()
    assert growth < 32 << 20, f"{growth / 1000:.0f} bytes a connection"
