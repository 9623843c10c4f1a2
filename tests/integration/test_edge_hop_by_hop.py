# SPDX-License-Identifier: Apache-2.0
"""E88-E92: fields of one connection do not pass it, and cannot take others with them."""

import pytest

from carriers import everywhere
from edge import Edge, request
from fleet import marks_of
from harness import answer

OVER = ("clear", "tls")


def get(*fields: bytes) -> bytes:
    return request(b"GET /thing HTTP/1.1", *fields)


def lower_case(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return sorted((name.lower(), value) for name, value in fields)


@pytest.mark.parametrize("line", [
    b"Connection: keep-alive", b"Keep-Alive: timeout=5", b"Proxy-Connection: keep-alive",
    b"TE: gzip", b"TE: ", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAAQAAP__",
    b"connection: KEEP-ALIVE", b"PROXY-CONNECTION: close", b"te: deflate;q=0.5"])
def test_e88_fields_of_the_connection_are_removed_from_requests(edge, line):
    edge.forwards(get(b"A: 1", line, b"B: 2"), get(b"A: 1", b"B: 2"))


@pytest.mark.parametrize("lines", [
    (b"Connection: X-One",), (b"Connection: x-one",), (b"CONNECTION: close, X-ONE",),
    (b"Connection: c", b"Connection: keep-alive , X-One"), (b"Connection: \tX-One\t,",),
    (b"Connection: X-One, X-One, Never-There",)])
def test_e88_fields_named_by_connection_are_removed_from_requests(edge, lines):
    edge.forwards(get(b"A: 1", b"X-One: 1", b"B: 2", *lines, b"x-one: 2", b"X-One-More: 3"),
                  get(b"A: 1", b"B: 2", b"X-One-More: 3"))


@pytest.mark.parametrize("value", [b"trailers", b"TRAILERS", b"gzip, trailers",
                                   b"trailers, deflate;q=0.5"])
def test_e88_te_trailers_goes_on_as_that_alone(edge, value):
    edge.forwards(get(b"TE: " + value, b"Connection: TE"), get(b"TE: trailers", b"Connection: TE"))


REMOVED = ["Connection: X-Named, keep-alive", "Keep-Alive: timeout=5", "X-Named: 1",
           "Proxy-Connection: x", "TE: trailers", "Upgrade: h2c", "HTTP2-Settings: x", "x-named: 2"]


@everywhere
def test_e88_the_same_fields_are_removed_from_answers(edge):
    edge.origin.answers(answer(b"ok", "200 OK", "A: 1", *REMOVED, "B: 2"))
    assert edge.ask(get()).names() == ["a", "b", "content-length"]


@everywhere
def test_e88_connection_close_of_a_server_is_not_the_clients(edge):
    edge.origin.answers(answer(b"ok", "200 OK", "Connection: close"))
    with edge.connect() as client:
        for _ in range(2):
            seen = client.send(get()).read_answer()
            assert seen.value("Connection") is None and seen.body == b"ok"


@pytest.fixture(scope="module")
def telling(tmp_path_factory, carrier):
    """Tells servers who the client is, as it does unless the configuration says otherwise."""
    made = Edge(tmp_path_factory.mktemp("telling"), carrier=carrier,
                listener={"forwarded-for": "by-trust"})
    yield made
    made.stop()


@pytest.mark.parametrize("named", [
    b"X-Forwarded-For", b"x-forwarded-for, X-Forwarded-Proto, X-Forwarded-Host", b"Forwarded",
    b"Host", b"Cookie", b"X-Real-IP", b"close, X-Forwarded-For", b"Cookie, Host, Content-Length"])
def test_e89_naming_a_field_of_ours_does_not_remove_it(telling, named):
    telling.origin.forget()
    assert telling.ask(get(b"Connection: " + named, b"Cookie: a=b",
                           b"X-Forwarded-For: 10.9.9.9")).status == 200
    (seen,) = telling.origin.requests
    assert seen.value("Host") == "shop.example"
    assert seen.value("Cookie") == "a=b"
    assert seen.value("X-Forwarded-For") == "127.0.0.1"
    assert seen.value("X-Forwarded-Proto") == telling.scheme
    assert seen.value("X-Forwarded-Host") == "shop.example"
    assert "connection" not in seen.names()


@everywhere
def test_e89_what_a_client_says_of_itself_is_replaced(telling):
    telling.origin.forget()
    claims = (b"X-Forwarded-For: 10.9.9.9", b"x-forwarded-for: 10.8.8.8",
              b"X-Forwarded-Proto: https", b"X-Forwarded-Host: evil.example",
              b"X-Forwarded-Port: 443", b"Forwarded: for=10.9.9.9", b"X-Real-IP: 10.9.9.9",
              b"X-Forwarded-Anything: x", b"Hawser-Session: x")
    assert telling.ask(get(*claims)).status == 200
    (seen,) = telling.origin.requests
    assert lower_case(seen.fields) == [
        (b"host", b"shop.example"), (b"x-forwarded-for", b"127.0.0.1"),
        (b"x-forwarded-host", b"shop.example"), (b"x-forwarded-port", telling.default_port),
        (b"x-forwarded-proto", telling.scheme.encode())]


@everywhere
def test_e89_our_own_cookie_survives_being_named_by_a_server(tmp_path_factory, carrier):
    edge = Edge(tmp_path_factory.mktemp("bound"), carrier=carrier, pool={"affinity": ["cookie"]})
    edge.origin.answers(answer(b"ok", "200 OK", "Connection: Set-Cookie, Cache-Control",
                               "Set-Cookie: a=b"))
    seen = edge.ask(get())
    assert marks_of(seen)
    assert "private" in seen.value("Cache-Control")
    edge.stop()


@pytest.mark.parametrize("token", [b"h2c", b"h2c, websocket", b"websocket, h2c", b"TLS/1.0",
                                   b"WebSocket/13", b"IRC/6.9", b"", b"xwebsocket",
                                   b"websocket;a=b", b"h2"])
def test_e90_any_other_upgrade_is_served_as_if_it_were_not_there(edge, token):
    edge.forwards(get(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: " + token,
                      b"HTTP2-Settings: AAMAAABkAAQAAP__", b"A: 1"), get(b"A: 1"))


def test_e90_two_upgrade_fields_are_no_upgrade(edge):
    edge.forwards(get(b"Connection: Upgrade", b"Upgrade: websocket", b"Upgrade: h2c"), get())


HANDSHAKE = (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13",
             b"Origin: http://shop.example")


@pytest.mark.parametrize("lines", [
    (b"Connection: Upgrade", b"Upgrade: websocket"),
    (b"connection: keep-alive, UPGRADE", b"upgrade: WebSocket")])
def test_e90_a_websocket_upgrade_goes_on_alone(edge, lines):
    edge.origin.answers(answer(b"no", "403 Forbidden"))
    assert edge.ask(get(*lines, *HANDSHAKE)).status == 403
    assert edge.origin.received == get(*HANDSHAKE, b"Connection: Upgrade", b"Upgrade: websocket")


@pytest.mark.parametrize("lines", [
    (b"Upgrade: websocket",), (b"Connection: close", b"Upgrade: websocket"),
    (b"Connection: Upgrade",)])
def test_e90_half_an_upgrade_is_none(edge, lines):
    edge.forwards(get(*lines, *HANDSHAKE), get(*HANDSHAKE))


@pytest.fixture(scope="module")
def plain(tmp_path_factory, carrier):
    made = Edge(tmp_path_factory.mktemp("plain"), carrier=carrier, route={"upgrade": []})
    yield made
    made.stop()


def test_e90_a_route_may_allow_no_upgrade_at_all(plain):
    plain.forwards(get(b"Connection: Upgrade", b"Upgrade: websocket", *HANDSHAKE), get(*HANDSHAKE))


@everywhere
@pytest.mark.parametrize("name", [b"Proxy", b"proxy", b"PROXY"])
def test_e91_proxy_is_dropped_from_requests(edge, name):
    edge.forwards(get(b"A: 1", name + b": http://evil.example/", b"B: 2"), get(b"A: 1", b"B: 2"))


@everywhere
def test_e01_what_a_route_sets_stands_instead_of_what_came_and_of_what_we_add(tmp_path_factory,
                                                                              carrier):
    made = Edge(tmp_path_factory.mktemp("setting"), carrier=carrier,
                listener={"forwarded-for": "by-trust"},
                route={"set-request-headers": {"X-Forwarded-For": "10.1.1.1", "X-One": "ours"},
                       "remove-request-headers": ["X-Forwarded-Host", "X-Two"],
                       "set-response-headers": {"X-One": "ours"},
                       "remove-response-headers": ["X-Two"]})
    made.origin.answers(answer(b"ok", "200 OK", "x-one: 1", "X-Two: 2", "X-One: 3"))
    told = made.ask(get(b"x-one: 1", b"X-Two: 2", b"X-One: 3", b"X-Forwarded-For: 10.9.9.9"))
    (seen,) = made.origin.requests
    made.stop()
    assert lower_case(seen.fields) == [
        (b"host", b"shop.example"), (b"x-forwarded-for", b"10.1.1.1"),
        (b"x-forwarded-port", made.default_port), (b"x-forwarded-proto", made.scheme.encode()),
        (b"x-one", b"ours")]
    assert told.values("X-One") == ["ours"] and told.value("X-Two") is None


@pytest.mark.parametrize("junk", [b",,;", b'"', b'"close', b"a b", b",", b"", b";;;", b"=", b"()",
                                  b"\xff", b"close\xff", b'"X-One"', b"x" * 1000, b"," * 500,
                                  b"@ @"])
def test_e92_junk_in_connection_does_no_harm(edge, junk):
    with edge.connect() as client:
        status = client.send(get(b"X-One: 1", b"Connection: " + junk)).read_answer().status
    assert status in (200, 400)
    if status == 200:
        assert edge.origin.received == get(b"X-One: 1")
    else:
        edge.saw_nothing()


def test_e92_very_many_options_do_no_harm(edge):
    options = b", ".join(b"X-%d" % i for i in range(3000))
    for _ in range(3):
        assert edge.ask(get(b"X-One: 1", b"Connection: " + options)).status in (200, 400)
