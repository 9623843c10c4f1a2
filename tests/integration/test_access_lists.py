# SPDX-License-Identifier: Apache-2.0
"""Who may come: lists of networks at listeners and routes, from the file or from files of their own.

E132: they go by the client, whoever brings its request.
"""

import ipaddress
import subprocess

import pytest

from h2_client import GET as H2_GET
from h2_client import H2Client
from harness import BeforeOrigin, Hawser, RawClient, RawOrigin, binary, wait_for

V1 = b"PROXY TCP4 %s 127.0.0.1 4711 80\r\n"


def get(path: str = "/", *lines: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: shop.example", *lines, "", ""]).encode()


def by(client: str, path: str = "/") -> bytes:
    return get(path, f"X-Forwarded-For: {client}")


class Guarded(BeforeOrigin):
    def __init__(self, folder, routes=None, **listeners):
        self.origin = RawOrigin()
        self.folder = folder
        self.hawser = Hawser(folder, {
            "listeners": listeners,
            "pools": {"shop": {"servers": {"a": self.origin.address}, "affinity": []}},
            "routes": [{"pool": "shop"}, *(routes or [])]})

    def connect(self, listener: str = "", source: str = "127.0.0.1") -> RawClient:
        return RawClient(self.hawser.ports[listener] if listener else self.hawser.port,
                         source=source)

    def status(self, request: bytes, listener: str = "", source: str = "127.0.0.1") -> int:
        with self.connect(listener, source) as client:
            return client.send(request).read_answer().status

    def closes(self, request: bytes, listener: str = "", source: str = "127.0.0.1") -> None:
        """Without a byte of an answer, and the server hears nothing."""
        self.origin.forget()
        with self.connect(listener, source) as client:
            client.send_pieces([request])
            assert client.read_to_end() == b""
        assert not self.origin.received


@pytest.fixture
def guarded(tmp_path):
    made = []

    def make(**settings):
        made.append(Guarded(tmp_path, **settings))
        return made[0]

    yield make
    for each in made:
        each.stop()


def test_a_listener_closes_to_whom_it_denies_before_a_byte_is_read(guarded):
    made = guarded(web={"deny": ["127.0.0.0/24", "2001:db8::/32"], "allow": "127.0.0.128/25"})
    made.closes(get())
    with made.connect() as silent:
        assert silent.read_to_end() == b"", "nobody waits for its request"
    assert made.status(get(), source="127.0.0.200") == 200
    made.closes(get(), source="127.1.0.1")  # an allow list lets nobody else in
    # The harness has knocked before.
    records = wait_for(lambda: len(made.hawser.access()) == 5 and made.hawser.access()[1:])
    assert [(each["status"], each.get("ended")) for each in records] == [
        (0, "client-denied"), (0, "client-denied"), (200, None), (0, "client-denied")]
    assert [each["client"] for each in records] == ["127.0.0.1", "127.0.0.1", "127.0.0.200",
                                                    "127.1.0.1"]


def test_the_longest_network_decides_and_a_denial_wins_where_both_are_alike(guarded):
    made = guarded(web={"deny": ["127.0.0.0/8", "127.0.1.7", "127.0.2.0/24"],
                        "allow": ["127.0.1.0/24", "127.0.2.0/24", "127.0.0.0/16"]})
    assert made.status(get(), source="127.0.1.6") == 200
    assert made.status(get(), source="127.0.3.1") == 200
    for source in ("127.0.1.7", "127.0.2.1", "127.9.0.1"):
        made.closes(get(), source=source)


def test_a_route_answers_403_to_whom_it_is_not_for(guarded):
    made = guarded(web={}, routes=[
        {"path": "/office/", "pool": "shop", "allow": "127.0.0.9"},
        {"path": "/fixed", "respond": 204, "deny": ["127.0.0.9"]}])
    for source, office, fixed in (("127.0.0.1", 403, 204), ("127.0.0.9", 200, 403)):
        assert made.status(get(), source=source) == 200
        assert made.status(get("/office/x"), source=source) == office
        assert made.status(get("/fixed"), source=source) == fixed
    records = wait_for(lambda: len(made.hawser.access()) == 6 and made.hawser.access())
    refused = [each for each in records if each["status"] == 403]
    assert [each["ended"] for each in refused] == ["client-denied"] * 2


def test_a_route_that_denies_reads_no_body_and_the_connection_lives_without_one(guarded):
    made = guarded(web={}, routes=[{"path": "/office/", "pool": "shop", "allow": "127.0.0.9"}])
    with made.connect() as client:
        assert client.send(get("/office/")).read_answer().status == 403
        assert client.send(get()).read_answer().status == 200
        client.send(b"POST /office/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
        assert client.read_answer().status == 403
        assert client.read_to_end() == b""
    assert len(made.origin.requests) == 1


@pytest.mark.parametrize("listener, before", [("plain", b""), ("announced", V1 % b"10.0.0.1")])
def test_e132_whom_a_trusted_proxy_brings_is_denied_by_its_own_address(guarded, listener, before):
    trusted = {"trusted-proxies": ["127.0.0.1", "10.0.0.0/8"], "deny": "198.51.100.0/24"}
    made = guarded(plain=trusted, announced=trusted | {"proxy-protocol": "required"})
    with made.connect(listener) as client:
        client.send(before)
        for last in (1, 2):
            assert client.send(by(f"198.51.100.{last}")).read_answer().status == 403
            assert client.send(by("192.0.2.1")).read_answer().status == 200
    if not before:
        # A stranger's word on itself counts for nothing.
        assert made.status(by("192.0.2.1"), listener, source="127.0.0.9") == 200
        assert made.status(by("198.51.100.1"), listener, source="127.0.0.9") == 200


def test_e132_who_is_named_by_a_proxy_header_is_closed_like_anybody(guarded):
    made = guarded(web={"trusted-proxies": "127.0.0.1", "proxy-protocol": "optional",
                        "deny": ["198.51.100.0/24"]})
    made.closes(V1 % b"198.51.100.7" + get())
    assert made.status(V1 % b"192.0.2.7" + get()) == 200
    assert made.status(get()) == 200


def test_e132_each_stream_of_http2_has_its_client(guarded):
    made = guarded(web={"trusted-proxies": "127.0.0.1", "deny": "198.51.100.0/24"})
    with H2Client(made.hawser.port) as client:
        streams = [client.ask([*H2_GET, ("x-forwarded-for", address)])
                   for address in ("198.51.100.1", "192.0.2.1", "198.51.100.2")]
        assert [client.answer(each).status for each in streams] == [403, 200, 403]


def test_an_allow_list_is_for_clients_not_for_the_proxies_that_bring_them(guarded):
    made = guarded(web={"trusted-proxies": "127.0.0.1", "allow": "198.51.100.0/24"})
    assert made.status(by("198.51.100.1")) == 200
    assert made.status(by("192.0.2.1")) == 403
    assert made.status(get()) == 403, "the proxy itself"


def test_refusals_are_counted(guarded, tmp_path):
    made = guarded(web={"deny": "127.0.0.9"}, routes=[
        {"path": "/office/", "pool": "shop", "deny": "127.0.0.1"}])
    del made.hawser.settings["admin"]
    made.hawser.settings["admin"] = f"unix:{tmp_path}/admin.sock"
    made.hawser.stop()
    made.hawser = Hawser(tmp_path, made.hawser.settings)
    made.closes(get(), source="127.0.0.9")
    assert made.status(get("/office/")) == 403
    told = wait_for(lambda: metrics(tmp_path) if 'reason="denied"} 1' in metrics(tmp_path) else "")
    assert 'hawser_connections_refused_total{listener="web",reason="denied"} 1' in told
    assert 'cause="client-denied"' in told


def metrics(folder) -> str:
    return subprocess.run(["curl", "-s", "--unix-socket", f"{folder}/admin.sock",
                           "http://localhost/metrics"], capture_output=True, text=True,
                          check=True).stdout


# ---- files --------------------------------------------------------------------------------------

def test_lists_from_files_are_read_again_at_a_reload(guarded, tmp_path):
    denied = tmp_path / "denied.txt"
    denied.write_text("# bad hosts\n\n127.0.0.8/31\n")
    (tmp_path / "office.txt").write_text("127.0.0.1   # the office\n")
    made = guarded(web={"deny-file": "denied.txt", "deny": "127.0.0.7"}, routes=[
        {"path": "/office/", "pool": "shop", "allow-file": ["office.txt"]}])
    made.closes(get(), source="127.0.0.7")
    made.closes(get(), source="127.0.0.9")
    assert made.status(get("/office/"), source="127.0.0.1") == 200
    assert made.status(get("/office/"), source="127.0.0.10") == 403

    with made.connect() as kept:
        assert kept.send(get()).read_answer().status == 200
        denied.write_text("127.0.0.1\r\n")
        made.hawser.reload()
        made.closes(get())
        assert made.status(get(), source="127.0.0.9") == 200
        assert kept.send(get()).read_answer().status == 403, "who is denied now is denied at once"


def test_a_faulty_file_keeps_the_lists_that_are_there(guarded, tmp_path):
    denied = tmp_path / "denied.txt"
    denied.write_text("127.0.0.9\n")
    made = guarded(web={"deny-file": "denied.txt"})
    denied.write_text("127.0.0.8\n127.0.0.300\n")
    made.hawser.reload()
    assert made.hawser.has_said("denied.txt:2:1: error: is no network")
    made.closes(get(), source="127.0.0.9")
    assert made.status(get(), source="127.0.0.8") == 200


def test_a_hundred_thousand_networks_are_found_one_by_one(guarded, tmp_path):
    # Every second /24 of 40.0.0.0/8 and beyond, and every second host of a /24 between them.
    networks = [f"{ipaddress.ip_address((40 << 24) + (index << 9))}/24" for index in range(99_900)]
    hosts = [f"41.0.1.{last}" for last in range(0, 200, 2)]
    (tmp_path / "denied.txt").write_text("\n".join(networks + hosts))
    made = guarded(web={"trusted-proxies": "127.0.0.1", "deny-file": "denied.txt"})
    with made.connect() as client:
        def status(address) -> int:
            return client.send(by(str(address))).read_answer().status

        for index in (0, 1, 17, 50_000, 65_535, 77_777, 99_899):
            network = ipaddress.ip_network(networks[index])
            assert status(network[0]) == status(network[128]) == status(network[255]) == 403
            after = status(network[255] + 1)
            assert after == (403 if str(network[255] + 1) in hosts else 200)
        for last in range(200):
            assert status(f"41.0.1.{last}") == (403 if last % 2 == 0 else 200)


@pytest.mark.parametrize("text, why", [
    ("10.0.0.0/33\n", r"list.txt:1:1: error: is no network"),
    ("\n  10.0.0.1 10.0.0.2\n", r"list.txt:2:3: error: is no network"),
    ("shop.example", r"list.txt:1:1: error: is no network"),
    ("# nobody\n", r"lists nobody, and so would let everybody in"),
    (None, r"cannot be read")])
def test_check_says_what_is_wrong_with_a_file(tmp_path, text, why):
    if text is not None:
        (tmp_path / "list.txt").write_text(text)
    path = tmp_path / "hawser.yaml"
    path.write_text("listeners: {web: {bind: ':8080', allow-file: list.txt}}\n"
                    "pools: {shop: {servers: {a: '127.0.0.1:1'}}}\nroutes: [{pool: shop}]\n")
    told = subprocess.run([binary(), "check", path], capture_output=True, text=True, check=False)
    assert told.returncode == 1 and why in told.stderr + told.stdout
