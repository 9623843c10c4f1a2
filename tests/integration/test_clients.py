# SPDX-License-Identifier: Apache-2.0
"""E131-E140: who a client is, and whose word on that counts."""

import pytest

from announcements import (COMMAND_LOCAL, TLS_USED, UNIX, V2_V4, V2_V6, announced_v4, checksummed,
                           tlv, v2)
from h2_client import GET as H2_GET
from h2_client import H2Client
from harness import BeforeOrigin, Hawser, RawClient, RawOrigin, wait_for
from peers import SUBJECT, announced_peer

STRANGER = "127.0.0.9"  # no trusted proxy, where 127.0.0.1 is one


def get(*lines: str, host: str = "shop.example") -> bytes:
    return "\r\n".join(["GET / HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode()


class Front(BeforeOrigin):
    """A Hawser with several listeners that believe 127.0.0.1 alone."""

    def __init__(self, folder, **listeners):
        self.origin = RawOrigin()
        trusted = {"trusted-proxies": ["127.0.0.1", "10.0.0.0/8", "2001:db8:f::/48"]}
        self.hawser = Hawser(folder, {
            "listeners": {name: trusted | one for name, one in listeners.items()},
            "pools": {"shop": {"servers": {"a": self.origin.address}, "affinity": []}},
            "routes": [{"pool": "shop"}]})
        self.read = 0  # lines of the access log

    def connect(self, listener: str, source: str = "127.0.0.1") -> RawClient:
        return RawClient(self.hawser.ports[listener], source=source)

    def records(self, count: int) -> list[dict]:
        """The next lines of the access log, once there are as many."""
        def come() -> list[dict]:
            return self.hawser.access()[self.read:self.read + count]
        found = wait_for(lambda: len(come()) == count and come(), f"{count} lines in the log")
        self.read += count
        return found

    def ask(self, listener: str, request: bytes, source: str = "127.0.0.1"):
        """The answer, the request as the server saw it, and the client as the log has it."""
        self.origin.forget()
        with self.connect(listener, source) as client:
            told = client.send(request).read_answer()
        (record,) = self.records(1)
        return told, self.origin.requests[0] if self.origin.requests else None, record["client"]

    def closes(self, listener: str, sent: bytes, cause: str, source: str = "127.0.0.1") -> None:
        """Without a byte of an answer; the log says why, and no server hears of it."""
        self.origin.forget()
        with self.connect(listener, source) as client:
            client.send_pieces([sent])
            assert client.read_to_end() == b""
        (record,) = self.records(1)
        assert record["status"] == 0 and record["ended"] == cause, record
        assert record["client"] == source
        assert not self.origin.received

    def logged_client(self, listener: str, request: bytes, source: str = "127.0.0.1") -> str:
        told, _, client = self.ask(listener, request, source)
        assert told.status == 200
        return client


class PeerFront(Front):
    """A peer that asks for a PROXY header. The client is whom it tells the server."""

    def __init__(self, folder):
        self.origin = RawOrigin()
        self.hawser = announced_peer(folder, self.origin.address)

    def connect(self, listener: str, source: str = "127.0.0.1") -> RawClient:
        if listener != "required" or source != "127.0.0.1":
            pytest.skip("not comparable: listeners of ours")
        return self.hawser.connect()

    def ask(self, listener: str, request: bytes, source: str = "127.0.0.1"):
        self.origin.forget()
        with self.connect(listener, source) as client:
            told = client.send(request).read_answer()
        (seen,) = self.origin.requests
        return told, seen, seen.values("X-Forwarded-For")[-1].split(", ")[-1].removeprefix("::ffff:")

    def closes(self, listener: str, sent: bytes, cause: str, source: str = "127.0.0.1") -> None:
        """Also with an answer of its own."""
        if listener == "optional":
            return
        self.origin.forget()
        with self.connect(listener, source) as client:
            client.send_pieces([sent])
            client.read_to_end()
        assert not self.origin.received


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    if SUBJECT != "hawser":
        made = PeerFront(tmp_path_factory.mktemp("front"))
        yield made
        return made.stop()
    made = Front(tmp_path_factory.mktemp("front"), web={},
                 element={"forwarded": "write"}, believing={"forwarded": "believe"},
                 optional={"proxy-protocol": "optional"},
                 quoting={"forwarded": "write", "proxy-protocol": "optional"},
                 required={"proxy-protocol": "required"},
                 impatient={"proxy-protocol": "required", "timeouts": {"head": "300ms"}})
    yield made
    made.stop()


CLAIMS = ["X-Forwarded-For: 198.51.100.7", "x-forwarded-for: 198.51.100.8, 10.0.0.9",
          "X-FORWARDED-PROTO: https", "X-Forwarded-Host: outer.example", "X-Forwarded-Port: 8443",
          "Forwarded: for=198.51.100.7"]


# ---- X-Forwarded-* and Forwarded ----------------------------------------------------------------

@pytest.mark.parametrize("listener", ["web", "element", "believing", "optional"])
def test_e131_claims_of_a_stranger_are_dropped_and_ours_set(front, listener):
    _, seen, _ = front.ask(listener, get(*CLAIMS, host="shop.example:81"), STRANGER)
    assert seen.values("X-Forwarded-For") == [STRANGER]
    assert seen.values("X-Forwarded-Proto") == ["http"]
    assert seen.values("X-Forwarded-Host") == ["shop.example:81"]
    assert seen.values("X-Forwarded-Port") == ["81"]
    ours = [f'for={STRANGER};host="shop.example:81";proto=http']
    assert seen.values("Forwarded") == (ours if listener in ("element", "believing") else [])


@pytest.mark.parametrize("host, port", [("shop.example", "80"), ("shop.example:8080", "8080"),
                                        ("[::1]", "80"), ("[::1]:8", "8"), ("192.0.2.1", "80")])
def test_e131_the_port_is_the_one_that_the_client_asked(front, host, port):
    assert front.ask("web", get(host=host), STRANGER)[1].value("X-Forwarded-Port") == port


def test_e131_what_a_trusted_proxy_says_is_appended_to_in_order(front):
    _, seen, _ = front.ask("element", get(*CLAIMS))
    assert seen.values("X-Forwarded-For") == ["198.51.100.7", "198.51.100.8, 10.0.0.9, 127.0.0.1"]
    assert seen.values("X-Forwarded-Proto") == ["https"]
    assert seen.values("X-Forwarded-Host") == ["outer.example"]
    assert seen.values("X-Forwarded-Port") == ["8443"]
    assert seen.values("Forwarded") == [
        "for=198.51.100.7, for=127.0.0.1;host=shop.example;proto=http"]


@pytest.mark.parametrize("lines, client", [
    ([], "127.0.0.1"),
    (["198.51.100.7"], "198.51.100.7"),
    (["192.0.2.1, 198.51.100.7"], "198.51.100.7"),  # the left one is the client's own word
    (["192.0.2.1, 198.51.100.7, 10.0.0.1"], "198.51.100.7"),
    (["192.0.2.1", "198.51.100.7", "10.0.0.1, 10.0.0.2"], "198.51.100.7"),
    (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),  # all trusted: the leftmost
    (["198.51.100.7, nonsense, 10.0.0.2"], "10.0.0.2"),  # the last good one
    (["nonsense"], "127.0.0.1"),
    (["198.51.100.7:4711"], "198.51.100.7"),
    (["[2001:db8::7]:4711, 2001:db8:f::1"], "2001:db8::7"),
    (["::ffff:198.51.100.7"], "198.51.100.7"),
    ([", ".join(["192.0.2.1"] * 298 + ["198.51.100.7", "10.0.0.1"])], "198.51.100.7"),
    (["198.51.100.7, ::, 10.0.0.1"], "10.0.0.1"),
])
def test_e132_the_client_is_the_rightmost_that_is_not_trusted(front, lines, client):
    request = get(*[f"X-Forwarded-For: {line}" for line in lines])
    assert front.logged_client("web", request) == client
    assert front.logged_client("web", request, STRANGER) == STRANGER


def test_e132_by_a_listener_that_believes_it_forwarded_names_the_client(front):
    both = get("X-Forwarded-For: 192.0.2.9", 'Forwarded: for="[2001:db8::7]:80";proto=https, '
               "for=10.0.0.1")
    assert front.logged_client("believing", both) == "2001:db8::7"
    assert front.logged_client("believing", both, STRANGER) == STRANGER
    assert front.logged_client("element", both) == "192.0.2.9", "it is only written there"


def test_e132_affinity_by_address_goes_by_the_client(fleet_of):
    fleet = fleet_of("abcd", listener={"trusted-proxies": ["127.0.0.1"]},
                     pool={"balance": "source-ip", "affinity": []})

    def home(*lines: str) -> bytes:
        return fleet.hawser.ask(get(*lines)).body

    homes = {home(f"X-Forwarded-For: 198.51.100.{last}") for last in range(40)}
    assert homes == {b"a", b"b", b"c", b"d"}
    for last in range(8):
        client = f"198.51.100.{last}"
        assert home(f"X-Forwarded-For: 192.0.2.{last}, {client}") == \
            home(f"X-Forwarded-For: ::ffff:{client}") == home(f"X-Forwarded-For: {client}:{last}")


def test_e133_the_proto_is_what_the_client_used(front):
    assert front.ask("web", get("X-Forwarded-Proto: https"), STRANGER)[1].value(
        "X-Forwarded-Proto") == "http"
    over_tls = v2(V2_V4, announced_v4("198.51.100.7") + tlv(0x20, TLS_USED))
    _, seen, _ = front.ask("required", over_tls + get("X-Forwarded-Proto: http"))
    assert seen.value("X-Forwarded-Proto") == "https"
    assert seen.value("X-Forwarded-Port") == "443"


def test_e133_fields_of_ours_are_nobodys_to_send(front):
    _, seen, _ = front.ask("web", get("Hawser-Session: x", "Hawser-Verdict: hit"))
    assert not [name for name in seen.names() if name.startswith("hawser-")]


@pytest.mark.parametrize("came, written", [
    ("for=192.0.2.1", "for=192.0.2.1, "),
    ('For="[2001:db8::1]:80";Proto=https', 'For="[2001:db8::1]:80";Proto=https, '),
    ("for=unknown, for=_hidden", "for=unknown, for=_hidden, "),
    ("for=2001:db8::1", ""), ("for=192.0.2.1;for=192.0.2.2", ""), ('for="192.0.2.1', ""),
    ("192.0.2.1", ""), ("for=", ""), ("for=192.0.2.1 proto=http", ""), ("for=nonsense", "")])
def test_e134_forwarded_is_appended_to_or_replaced_never_repaired(front, came, written):
    _, seen, _ = front.ask("element", get(f"Forwarded: {came}"))
    assert seen.values("Forwarded") == [f"{written}for=127.0.0.1;host=shop.example;proto=http"]
    _, seen, _ = front.ask("web", get(f"Forwarded: {came}"))
    assert seen.values("Forwarded") == ([came] if written else []), "nor goes on where none is ours"


def test_e134_one_malformed_line_of_several_spoils_all(front):
    _, seen, _ = front.ask("element", get("Forwarded: for=192.0.2.1", "Forwarded: for="))
    assert seen.values("Forwarded") == ["for=127.0.0.1;host=shop.example;proto=http"]


def test_e134_ipv6_is_quoted_in_brackets(front):
    header = v2(V2_V6, bytes.fromhex("20010db8000000000000000000000007") + bytes(15) + b"\1" +
                b"\x10\x00\x00\x50")
    front.origin.forget()
    with H2Client(front.hawser.ports["quoting"], before=header) as client:
        assert client.get().status == 200
    (seen,) = front.origin.requests
    assert front.records(1)[0]["client"] == "2001:db8::7"
    assert seen.value("X-Forwarded-For") == "2001:db8::7"
    assert seen.value("Forwarded") == 'for="[2001:db8::7]";host=shop.example;proto=http'


def test_e135_each_request_of_a_kept_connection_has_its_client(front):
    with front.connect("web") as client:
        for last in (1, 2, 3):
            told = client.send(get(f"X-Forwarded-For: 198.51.100.{last}")).read_answer()
            assert told.status == 200
        assert client.send(get()).read_answer().status == 200
    records = front.records(4)
    assert [each["client"] for each in records] == [
        "198.51.100.1", "198.51.100.2", "198.51.100.3", "127.0.0.1"]
    assert [each.get("client_port", 0) for each in records] == [0, 0, 0, client.port]


def test_e135_each_stream_of_an_http2_connection_has_its_client(front):
    front.origin.forget()
    with H2Client(front.hawser.ports["web"]) as client:
        streams = [client.ask([*H2_GET, ("x-forwarded-for", f"198.51.100.{last}")])
                   for last in range(8)]
        assert all(client.answer(each).status == 200 for each in streams)
    clients = {f"198.51.100.{last}" for last in range(8)}
    assert {each["client"] for each in front.records(8)} == clients
    assert {each.value("X-Forwarded-For") for each in front.origin.requests} == {
        f"{each}, 127.0.0.1" for each in clients}


# ---- the PROXY header ---------------------------------------------------------------------------

V1 = b"PROXY TCP4 198.51.100.7 127.0.0.1 4711 80\r\n"


@pytest.mark.parametrize("sent, cause", [
    (get(), "proxy-header-missing"), (b"\x16\x03\x01\x00\xa5", "proxy-header-missing"),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "proxy-header-missing"),
    (b"\n" + V1 + get(), "proxy-header-missing"), (b"proxy" + V1[5:], "proxy-header-missing")])
def test_e136_where_it_is_required_whoever_sends_none_gets_no_answer(front, sent, cause):
    front.closes("required", sent, cause)


@pytest.mark.parametrize("header", [V1, v2(V2_V4, announced_v4("198.51.100.7")), b""])
def test_e136_where_it_is_required_a_stranger_gets_no_answer(front, header):
    front.closes("required", header + get(), "proxy-header-untrusted", STRANGER)


@pytest.mark.parametrize("header", [V1, v2(V2_V4, announced_v4("198.51.100.7"))])
@pytest.mark.parametrize("listener, source", [("web", "127.0.0.1"), ("web", STRANGER),
                                              ("optional", STRANGER)])
def test_e136_where_it_may_not_come_it_is_a_bad_request(front, header, listener, source):
    told, seen, _ = front.ask(listener, header + get(), source)
    assert told.status == 400 and seen is None


def test_e136_where_it_is_optional_both_are_served(front):
    assert front.logged_client("optional", V1 + get()) == "198.51.100.7"
    assert front.logged_client("optional", get()) == "127.0.0.1"
    assert front.logged_client("optional", get(), STRANGER) == STRANGER
    for method in (b"P", b"PROXYX", b"PUT", b"PRO"):
        told, seen, _ = front.ask("optional", method + get()[3:])
        assert told.status == 200 and seen.method.encode() == method


@pytest.mark.parametrize("header, client", [
    (V1, "198.51.100.7"),
    (b"PROXY TCP4 198.51.100.7 127.0.0.1 0 65535\r\n", "198.51.100.7"),
    (b"PROXY TCP6 2001:db8::7 ::1 1 2\r\n", "2001:db8::7"),
    (b"PROXY TCP6 ::ffff:198.51.100.7 ::1 1 2\r\n", "198.51.100.7"),
    (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
    (b"PROXY UNKNOWN 198.51.100.7 what ever 70000\r\n", "127.0.0.1")])
def test_e137_version_1_names_the_client(front, header, client):
    assert front.logged_client("required", header + get()) == client


@pytest.mark.parametrize("header, cause", [
    (b"PROXY TCP5 198.51.100.7 127.0.0.1 1 2\r\n", "family"),
    (b"PROXY tcp4 198.51.100.7 127.0.0.1 1 2\r\n", "family"),
    (b"PROXY TCP4 198.51.100.999 127.0.0.1 1 2\r\n", "address"),
    (b"PROXY TCP4 198.51.100.07 127.0.0.1 1 2\r\n", "address"),
    (b"PROXY TCP4 2001:db8::7 ::1 1 2\r\n", "address"),
    (b"PROXY TCP6 198.51.100.7 127.0.0.1 1 2\r\n", "address"),
    (b"PROXY TCP4 198.51.100.7 127.0.0.1 65536 2\r\n", "port"),
    (b"PROXY TCP4 198.51.100.7 127.0.0.1 +1 2\r\n", "port"),
    (b"PROXY TCP4 198.51.100.7 127.0.0.1 01 2\r\n", "port"),
    (b"PROXY TCP4 198.51.100.7 127.0.0.1 1 2 \r\n", "port"),
    (b"PROXY TCP4 198.51.100.7 127.0.0.1 1 2 3\r\n", "port"),
    (b"PROXY TCP4 198.51.100.7 127.0.0.1 1\r\n", "port"),
    (b"PROXY TCP4  198.51.100.7 127.0.0.1 1 2\r\n", "address"),
    (b"PROXY TCP4 198.51.100.7 127.0.0.1 1 2\n" + b"a" * 100, "too-long"),
    (b"PROXY UNKNOWN " + b"a" * 200 + b"\r\n", "too-long")])
def test_e137_a_faulty_version_1_is_no_request(front, header, cause):
    for listener in ("required", "optional"):
        front.closes(listener, header + get(), f"proxy-header-{cause}")


@pytest.mark.parametrize("header, client", [
    (v2(V2_V4, announced_v4("198.51.100.7")), "198.51.100.7"),
    (v2(V2_V6, bytes.fromhex("20010db8000000000000000000000007") + bytes(20)), "2001:db8::7"),
    (v2(V2_V4, announced_v4("198.51.100.7"), COMMAND_LOCAL), "127.0.0.1"),
    (v2(0x00, b"", COMMAND_LOCAL), "127.0.0.1"),
    (v2(0x00, b""), "127.0.0.1"),
    (v2(0x00, b"whatever this is", COMMAND_LOCAL), "127.0.0.1"),
    (v2(UNIX, bytes(216)), "127.0.0.1")])
def test_e138_version_2_names_the_client(front, header, client):
    assert front.logged_client("required", header + get()) == client


@pytest.mark.parametrize("header, cause", [
    (v2(V2_V4, announced_v4("198.51.100.7"), 0x11), "version"),
    (v2(V2_V4, announced_v4("198.51.100.7"), 0x22), "command"),
    (v2(0x41, announced_v4("198.51.100.7")), "family"),
    (v2(V2_V4, announced_v4("198.51.100.7")[:11]), "length"),
    (v2(V2_V6, bytes(35)), "length"),
    (v2(V2_V4, announced_v4("198.51.100.7") + tlv(4, bytes(4082))), "too-long")])
def test_e138_a_faulty_version_2_is_no_request(front, header, cause):
    for listener in ("required", "optional"):
        front.closes(listener, header + get(), f"proxy-header-{cause}")


def test_e138_the_longest_header_is_read(front):
    header = v2(V2_V4, announced_v4("198.51.100.7") + tlv(4, bytes(4096 - 12 - 3)))
    assert front.logged_client("required", header + get()) == "198.51.100.7"


def test_e139_tlvs_are_read_and_the_unknown_are_skipped(front):
    body = announced_v4("198.51.100.7") + tlv(0x01, b"h2") + tlv(0xea, b"?" * 300) + tlv(0x04, b"")
    assert front.logged_client("required", v2(V2_V4, body) + get()) == "198.51.100.7"
    assert front.logged_client("required", checksummed(body) + get()) == "198.51.100.7"


def test_e139_a_tlv_beyond_the_header_or_a_wrong_checksum_is_no_request(front):
    body = announced_v4("198.51.100.7")
    front.closes("required", v2(V2_V4, body + b"\x04\x00\x05abcd") + get(), "proxy-header-tlv")
    front.closes("required", v2(V2_V4, body + b"\x04\x00") + get(), "proxy-header-tlv")
    front.closes("required", checksummed(body, change=1) + get(), "proxy-header-checksum")


@pytest.mark.parametrize("header", [V1, v2(V2_V4, announced_v4("198.51.100.7") + tlv(4, b"123")),
                                    checksummed(announced_v4("198.51.100.7"))])
def test_e140_the_header_may_come_byte_by_byte(front, header):
    with front.connect("required") as client:
        client.send_in_pieces(header + get())
        assert client.read_answer().status == 200
        assert client.send(get()).read_answer().status == 200
    records = front.records(2)
    assert [each["client"] for each in records] == ["198.51.100.7"] * 2
    assert len({each["client_port"] for each in records}) == 1


@pytest.mark.parametrize("begun", [b"P", V1[:-1], v2(V2_V4, announced_v4("198.51.100.7"))[:-1]])
def test_e140_the_header_ends_within_the_time_of_a_head(front, begun):
    front.closes("impatient", begun, "proxy-header-timeout")


@pytest.mark.parametrize("begun", [V1[:-1], v2(V2_V4, announced_v4("198.51.100.7"))[:20]])
def test_e140_a_header_that_is_cut_is_none(front, begun):
    with front.connect("required") as client:
        assert client.send(begun).half_close().read_to_end() == b""
    assert front.records(1)[0]["ended"] == "proxy-header-cut"


def test_e140_whoever_says_nothing_is_closed_and_not_told_of(front):
    with front.connect("impatient") as client:
        assert client.read_to_end() == b""
    with front.connect("required") as client:
        assert client.half_close().read_to_end() == b""
    assert front.logged_client("web", get()) == "127.0.0.1"


@pytest.mark.parametrize("second", [V1, v2(V2_V4, announced_v4("198.51.100.8"))])
def test_e140_a_second_header_is_a_bad_request(front, second):
    told, seen, _ = front.ask("required", V1 + second + get())
    assert told.status == 400 and seen is None


def test_e140_its_source_is_where_x_forwarded_for_goes_on_from(front):
    said = get("X-Forwarded-For: 192.0.2.1")
    _, seen, _ = front.ask("required", V1 + said)
    assert seen.value("X-Forwarded-For") == "198.51.100.7", "which is no trusted proxy"
    by_proxy = b"PROXY TCP4 10.0.0.5 127.0.0.1 4711 80\r\n"
    assert front.logged_client("required", by_proxy + said) == "192.0.2.1"
    _, seen, _ = front.ask("required", by_proxy + said)
    assert seen.value("X-Forwarded-For") == "192.0.2.1, 10.0.0.5"


def test_e140_http2_follows_the_header(front):
    front.origin.forget()
    with H2Client(front.hawser.ports["required"], before=V1) as client:
        assert [client.get().status for _ in range(3)] == [200] * 3
    assert [each.value("X-Forwarded-For") for each in front.origin.requests] == \
        ["198.51.100.7"] * 3
    assert [each["client"] for each in front.records(3)] == ["198.51.100.7"] * 3


def test_e140_a_graceful_stop_does_not_wait_for_a_header(tmp_path):
    made = Front(tmp_path, web={"proxy-protocol": "required"})
    with made.connect("web") as client:
        client.send(V1[:10])
        assert made.ask("web", V1 + get())[0].status == 200
        made.stop()
        assert client.read_to_end() == b""
