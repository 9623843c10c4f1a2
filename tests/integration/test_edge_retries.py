# SPDX-License-Identifier: Apache-2.0
"""E67-E81: what is sent again and what never is, kept connections, interim answers."""

import threading
import time

import pytest

from carriers import EVERY, http1_only
from edge import SMUGGLED, as_sent, chunked, post, request
from fleet import closed_port
from harness import CLOSE, RESET, STALL, answer, wait_for

OVER = EVERY

OK = answer()
HELLO = post(b"Content-Length: 5", body=b"hello")
HELLO_CHUNKED = chunked(b"5\r\nhello\r\n0\r\n\r\n")
HEAD = request(b"HEAD /thing HTTP/1.1")
OPTIONS = request(b"OPTIONS /thing HTTP/1.1")
DELETE = request(b"DELETE /thing HTTP/1.1")
GET_WITH_BODY = request(b"GET /thing HTTP/1.1", b"Content-Length: 5", body=b"hello")
UNKNOWN = request(b"BREW /thing HTTP/1.1")

# In turn, without sessions, and nobody is taken out: every test sees each server.
IN_TURN = {"balance": "round-robin", "affinity": [], "health": {"passive": "off"}}


def named(value) -> str | None:
    """Short names of parameters, for pytest: method and framing of a request."""
    if isinstance(value, bytes) and b" HTTP/1." in value:
        words = value.split(b" ")
        framing = next((f for f in (b"Content-Length", b"chunked", b"Upgrade") if f in value), b"")
        return f"{words[0].decode()}-{words[2][5:8].decode()}-{framing.decode()}"
    return None


def is_head(asked: bytes) -> bool:
    return asked.startswith(b"HEAD ")


# ---- E67: nothing was written ----

@pytest.mark.parametrize("asked", [request(), HEAD, HELLO, HELLO_CHUNKED, DELETE, UNKNOWN],
                         ids=named)
def test_e67_a_refused_connection_leads_to_the_next_candidate_body_whole_and_once(fleet_of, asked):
    fleet = fleet_of("b", servers={"a": f"127.0.0.1:{closed_port()}"}, pool=IN_TURN)
    for _ in range(4):
        with fleet.connect() as client:
            assert client.send(asked).read_answer(to_head=is_head(asked)).status == 200
    assert [each.body for each in fleet["b"].requests] == \
        [b"hello" if b"hello" in asked else b""] * 4


def test_e67_a_body_still_coming_follows_to_the_next_candidate(fleet_of):
    fleet = fleet_of("b", servers={"a": f"127.0.0.1:{closed_port()}"}, pool=IN_TURN)
    for _ in range(2):
        with fleet.connect() as client:
            client.send(post(b"Content-Length: 5", body=b"he"))
            wait_for(lambda: b"he" in fleet["b"].received, "what came is forwarded")
            assert client.send(b"llo").read_answer().status == 200
        fleet["b"].forget()


def test_e67_an_unreachable_server_is_as_a_refused_one(fleet_of, tmp_path):
    fleet = fleet_of("b", servers={"a": f"unix:{tmp_path}/nobody.sock"}, pool=IN_TURN)
    assert [fleet.hawser.ask(HELLO).status for _ in range(4)] == [200] * 4


# ---- E68: something was written ----

@pytest.mark.parametrize("failure", [CLOSE, RESET])
@pytest.mark.parametrize("asked", [request(), HEAD, OPTIONS], ids=named)
def test_e68_a_repeatable_request_is_tried_once_more_on_a_new_connection(edge, asked, failure):
    failing = [True]
    edge.origin.script = lambda _: [failure] if failing and failing.pop() else [OK]
    with edge.connect() as client:
        assert client.send(asked).read_answer(to_head=is_head(asked)).status == 200
    assert [len(each.requests) for each in edge.origin.connections] == [1, 1]


@pytest.mark.parametrize("failure", [CLOSE, RESET])
def test_e68_another_server_answers_what_the_first_did_not(fleet_of, failure):
    fleet = fleet_of("ab", pool=IN_TURN)
    fleet["a"].answers(failure)
    for _ in range(6):
        told = fleet.hawser.ask(request())
        assert told.status == 200 and told.body == b"b"


@pytest.mark.parametrize("failure", [CLOSE, RESET])
@pytest.mark.parametrize("asked", [HELLO, HELLO_CHUNKED, DELETE, GET_WITH_BODY, UNKNOWN,
                                   post(b"Content-Length: 0")], ids=named)
def test_e68_whatever_else_is_502_and_delivered_at_most_once(fleet_of, asked, failure):
    fleet = fleet_of("ab", pool=IN_TURN)
    for name in "ab":
        fleet[name].answers(failure)
    with fleet.connect() as client:
        told = client.send(asked).read_answer()
        assert told.status == 502 and told.is_whole
        client.close()
        assert fleet.hawser.access_of(client)[0]["ended"]
    assert len(fleet.requests) == 1


def test_e68_a_repeatable_request_is_not_tried_a_third_time_for_that(fleet_of):
    fleet = fleet_of("abc", pool=IN_TURN)
    for name in "abc":
        fleet[name].answers(CLOSE)
    assert fleet.hawser.ask(request()).status == 502
    assert len(fleet.requests) == 2


def test_e68_e69_a_server_that_dies_under_a_kept_connection_leaves_the_try_at_another(fleet_of):
    fleet = fleet_of("ab", pool=IN_TURN)
    for _ in range(4):
        assert fleet.hawser.ask(request()).status == 200
    before = len(fleet["a"].requests)
    fleet["a"].answers(CLOSE)
    assert [fleet.hawser.ask(request()).body for _ in range(2)] == [b"b"] * 2
    assert len(fleet["a"].requests) == before + 2, "over the kept connection and over a new one"


# ---- E69, E70: kept connections ----

@pytest.mark.parametrize("step", [CLOSE, RESET])
@pytest.mark.parametrize("asked", [request(), HELLO, HELLO_CHUNKED, DELETE], ids=named)
def test_e69_a_kept_connection_that_was_closed_while_idle_costs_nobody_an_error(edge, asked, step):
    for _ in range(5):
        edge.origin.answers(OK, step)
        assert edge.ask(request()).status == 200
        wait_for(lambda: edge.origin.connections[-1].ended, "the server has closed")
        edge.origin.answers(OK)
        with edge.connect() as client:
            assert client.send(asked).read_answer().status == 200
    posts = [each for each in edge.origin.requests if as_sent(each.raw, edge) == as_sent(asked, edge)]
    assert len(posts) == 5 or asked == request()


def test_e69_it_holds_when_the_close_races_with_the_request(edge):
    """The server closes right after its answer; what is not repeatable comes at most once."""
    edge.origin.script = lambda asked: [OK, CLOSE] if asked.method == "GET" else [OK]
    failed = 0
    for at in range(200):
        with edge.connect() as client:
            assert client.send(request()).read_answer().status == 200
            told = client.send(post(b"Content-Length: 4", body=b"%04d" % at)).read_answer()
            failed += told.status != 200
            assert told.status in (200, 502)
    bodies = [each.body for each in edge.origin.requests if each.method == "POST"]
    assert len(bodies) == len(set(bodies)), "delivered at most once"
    assert len(bodies) >= 200 - failed


def test_e69_a_kept_connection_is_closed_after_its_idle_time(fleet_of):
    fleet = fleet_of("a", pool={"timeouts": {"idle": "300ms"}})
    assert fleet.hawser.ask(request()).status == 200
    wait_for(lambda: fleet["a"].connections[0].ended == "closed", "we close it, in order")


def test_e69_no_more_connections_are_kept_than_the_pool_allows(fleet_of):
    fleet = fleet_of("a", pool={"idle-connections": 2})
    fleet["a"].answers(0.1, OK)
    clients = [fleet.connect().send(request()) for _ in range(6)]
    assert [client.read_answer().status for client in clients] == [200] * 6
    wait_for(lambda: sum(bool(each.ended) for each in fleet["a"].connections) == 4, "4 are closed")
    for client in clients:
        client.close()


@pytest.mark.parametrize("stray", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", b"x", b"\r\n",
    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"])
@pytest.mark.parametrize("pause", [0, 0.05])
@pytest.mark.parametrize("asked", [request(), HELLO], ids=named)
def test_e70_stray_bytes_on_an_idle_connection_are_given_to_nobody(edge, stray, pause, asked):
    edge.origin.answers(OK, *([pause] if pause else []), stray)
    assert edge.ask(request()).body == b"ok"
    wait_for(lambda: edge.origin.connections[0].ended, "the connection is closed")
    edge.origin.answers(answer(b"mine"))
    assert edge.ask(asked).body == b"mine"
    assert len(edge.origin.connections) == 2


def test_e70_bytes_behind_an_answer_are_never_the_next_ones(edge):
    edge.origin.answers(OK + answer(b"poison", "200 OK", "X-Poison: 1"))
    with edge.connect() as client:
        for _ in range(5):
            told = client.send(request()).read_answer()
            assert told.body == b"ok" and told.value("X-Poison") is None
        assert client.hears_nothing(0.02)
    assert [len(each.requests) for each in edge.origin.connections] == [1] * 5


# ---- E71, E72: bounds of retrying ----

def test_e71_at_most_two_retries_a_request(fleet_of):
    dead = {name: f"127.0.0.1:{closed_port()}" for name in "abc"}
    fleet = fleet_of("", servers=dead, pool=IN_TURN | {"balance": "random"})
    with fleet.connect() as client:
        assert client.send(HELLO).read_answer().status == 503
        client.close()
        assert fleet.hawser.access_of(client)[0]["attempts"] <= 3


def test_e71_retries_are_a_fifth_of_the_requests_but_three_at_once_are_always_allowed(fleet_of):
    """200 at once that all fail: a fifth is tried again, not all of them."""
    fleet = fleet_of("ab", pool=IN_TURN | {"retry-budget": "20%"})
    for name in "ab":
        fleet[name].answers(0.2, CLOSE)
    clients = [fleet.connect() for _ in range(100)]
    for client in clients:
        client.send(request())
    assert {client.read_answer().status for client in clients} == {502}
    for client in clients:
        client.close()
    assert 100 + 3 <= len(fleet.requests) <= 100 + 25


def test_e71_a_lone_failure_is_always_tried_again(fleet_of):
    fleet = fleet_of("ab", pool=IN_TURN | {"retry-budget": "0%"})
    fleet["a"].answers(CLOSE)
    assert [fleet.hawser.ask(request()).body for _ in range(6)] == [b"b"] * 6


@pytest.mark.parametrize("passed_on", [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"])
def test_e72_nothing_is_tried_again_once_a_byte_was_passed_on(edge, passed_on):
    edge.origin.answers(passed_on, 0.02, CLOSE)
    with edge.connect() as client:
        assert client.send(request()).read_answer().status == 103
        told = client.read_answer()
        assert told.status == 502 and told.is_whole
    assert len(edge.origin.requests) == 1


def test_e72_not_even_when_half_a_head_came(edge):
    edge.origin.answers(b"HTTP/1.1 200 OK\r\nContent-Le", CLOSE)
    assert edge.ask(request()).status == 502
    assert len(edge.origin.requests) == 1


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad Gateway", "503 Busy", "504 Late"])
def test_e72_a_5xx_of_the_server_is_passed_on_as_it_is(fleet_of, status):
    fleet = fleet_of("ab", pool=IN_TURN)
    for name in "ab":
        fleet[name].answers(answer(b"theirs", status, "X-Theirs: 1"))
    told = fleet.hawser.ask(request())
    assert told.status == int(status[:3])
    assert told.start_line.endswith(status.encode()) or fleet.hawser.carrier == "h2"
    assert told.body == b"theirs" and told.value("X-Theirs") == "1"
    assert told.value("Retry-After") is None
    assert len(fleet.requests) == 1


# ---- E73: no server ----

def test_e73_all_servers_out_is_503_at_once(fleet_of):
    fleet = fleet_of("", servers={name: f"127.0.0.1:{closed_port()}" for name in "ab"},
                     pool={"health": {"passive": {"connect-failures": 1, "out-for": "60s"}}})
    for _ in range(6):
        told = fleet.hawser.ask(request())
        assert told.status == 503 and told.value("Retry-After")
    begin = time.monotonic()
    with fleet.connect() as client:  # its body never comes
        told = client.send(post(b"Content-Length: 1000", body=b"x")).read_answer()
        assert told.status == 503
        assert told.value("Connection") == "close" or fleet.hawser.carrier == "h2"
        client.close()
        assert fleet.hawser.access_of(client)[0]["ended"] == "no-server"
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("nonsense", [b"ICY 200 OK\r\n\r\n", b"HTTP/1.1 2000 OK\r\n\r\n",
                                      b"\x16\x03", b"hello\r\n\r\n", b"HTTP/1.1 200 OK\r\nA: \0\r\n\r\n"])
@pytest.mark.parametrize("asked", [request(), HELLO], ids=named)
def test_e73_an_answer_that_is_none_is_502(edge, asked, nonsense):
    edge.origin.answers(nonsense, CLOSE)
    with edge.connect() as client:
        assert client.send(asked).read_answer().status == 502
        client.close()
        assert edge.hawser.access_of(client)[0]["ended"]
    assert len(edge.origin.requests) == 1


# ---- E74: early answers ----

@pytest.fixture
def hasty(edge):
    """The server answers as soon as it has the head."""
    edge.origin.at_head = True
    yield edge
    edge.origin.at_head = False


@http1_only
def test_e74_an_early_answer_is_passed_on_at_once_and_the_connection_ends(hasty):
    hasty.origin.answers(answer(b"no", "403 Forbidden"), STALL)
    with hasty.connect() as client:
        client.send(post(b"Content-Length: 1000000", body=b"x" * 1000))
        told = client.read_answer()
        assert told.status == 403 and told.body == b"no"
        assert client.read_to_end() == b"", "a body that does not end ends the connection"
    wait_for(lambda: hasty.origin.connections[0].ended, "the server's is not kept")


def test_e74_a_body_that_ends_soon_leaves_the_connection_alive(hasty):
    hasty.origin.answers(answer(b"no", "403 Forbidden"), STALL)
    with hasty.connect() as client:
        client.send(post(b"Content-Length: 1000", body=b"x" * 100))
        told = client.read_answer()
        assert told.status == 403
        if told.value("Connection") != "close":
            hasty.origin.at_head = False
            hasty.origin.answers(OK)
            client.send(b"x" * 900 + request(b"GET /next HTTP/1.1"))
            assert client.read_answer().status == 200
    wait_for(lambda: hasty.origin.connections[0].ended, "the server's is never reused")
    assert all(each.target != "/next" for each in hasty.origin.connections[0].requests)


@http1_only
@pytest.mark.parametrize("rest", [b"x" * 900, b""], ids=["behind", "alone"])
def test_e74_no_request_is_seen_that_hides_in_an_unread_body(hasty, rest):
    hasty.origin.answers(answer(b"no", "403 Forbidden"), STALL)
    with hasty.connect() as client:
        client.send(post(b"Content-Length: %d" % (len(rest) + len(SMUGGLED))))
        assert client.read_answer().status == 403
        hasty.origin.at_head = False
        hasty.origin.answers(OK)
        client.send_pieces([rest + SMUGGLED, request(b"GET /last HTTP/1.1", b"Connection: close")])
        client.read_to_end()
    assert [each.target for each in hasty.origin.requests] in (["/last"], [])


@http1_only
def test_e74_an_upload_of_a_large_body_hears_the_early_answer(hasty):
    hasty.origin.answers(answer(b"no", "413 Too Large"), CLOSE)
    for _ in range(20):
        with hasty.connect() as client:
            client.send(post(b"Content-Length: 50000000"))
            sender = threading.Thread(target=client.send_pieces, args=([b"x" * 65536] * 700, 0))
            sender.start()
            assert client.read_answer().status == 413
            sender.join()


# ---- E75, E76: interim answers ----

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
INTERIM = b"HTTP/1.1 102 Processing\r\n\r\n" + EARLY + b"HTTP/1.1 199 Odd\r\nX: 1\r\n\r\n"


def test_e75_interim_answers_are_passed_on_in_order(edge):
    edge.origin.answers(INTERIM, 0.01, EARLY, OK)
    with edge.connect() as client:
        for _ in range(2):
            client.send(request())
            told = [client.read_answer() for _ in range(5)]
            assert [each.status for each in told] == [102, 103, 199, 103, 200]
            assert told[1].value("Link") == "</a.css>; rel=preload" and told[2].value("X") == "1"


@http1_only
def test_e75_never_to_http_1_0(edge):
    edge.origin.answers(INTERIM, 0.01, EARLY, OK)
    with edge.connect() as client:
        client.send(request(b"GET / HTTP/1.0"))
        assert client.read_answer().status == 200
        assert client.read_to_end() == b""


def test_e75_their_framing_fields_are_dropped(edge):
    edge.origin.answers(b"HTTP/1.1 103 Early\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"
                        b"Link: </a>\r\nConnection: close, x\r\nX: 1\r\n\r\n", OK)
    with edge.connect() as client:
        told = client.send(request()).read_answer()
        assert told.status == 103 and told.names() == ["link"]
        assert client.read_answer().status == 200


@pytest.mark.parametrize("end", [CLOSE, RESET])
def test_e75_closed_after_an_interim_answer_is_502(edge, end):
    edge.origin.answers(EARLY, 0.02, end)
    with edge.connect() as client:
        client.send(request())
        assert [client.read_answer().status, client.read_answer().status] == [103, 502]
    if not edge.is_h2:
        edge.origin.answers(EARLY, 0.02, end)
        assert edge.ask(request(b"GET / HTTP/1.0")).status == 502


@http1_only
@pytest.mark.parametrize("fields", [b"", b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
                                    b"Upgrade: h2c\r\nConnection: Upgrade\r\n"])
@pytest.mark.parametrize("asked", [request(), HELLO, request(
    b"GET / HTTP/1.1", b"Upgrade: h2c", b"Connection: Upgrade, HTTP2-Settings",
    b"HTTP2-Settings: AAMAAABkAAQAAP__")], ids=named)
def test_e76_a_101_that_nobody_asked_for_is_502(edge, asked, fields):
    edge.origin.answers(b"HTTP/1.1 101 Switching\r\n" + fields + b"\r\n", STALL)
    assert edge.ask(asked).status == 502
    wait_for(lambda: edge.origin.connections[0].ended, "the server's connection is closed")


# ---- E77, E78: Expect ----

EXPECTING = post(b"Content-Length: 5", b"Expect: 100-continue")


def test_e77_expect_goes_to_the_server_and_100_comes_from_it(hasty):
    hasty.origin.answers(b"HTTP/1.1 100 Continue\r\n\r\n")
    with hasty.connect() as client:
        client.send(EXPECTING)
        assert client.read_answer().status == 100
        assert b"expect: 100-continue" in hasty.origin.received.lower()
        hasty.origin.answers(OK)
        client.send(b"hello")
        assert client.read_answer().status == 200
    wait_for(lambda: [each.body for each in hasty.origin.requests] == [b"hello"], "it arrives")


def test_e77_we_say_no_100_of_our_own(hasty):
    hasty.origin.answers(STALL)
    with hasty.connect() as client:
        client.send(EXPECTING)
        wait_for(lambda: b"\r\n\r\n" in hasty.origin.received, "the head arrives")
        assert client.hears_nothing(0.1)


def test_e77_a_refusal_comes_without_the_body_being_asked_for(hasty):
    hasty.origin.answers(answer(b"no", "403 Forbidden"), STALL)
    with hasty.connect() as client:
        told = client.send(EXPECTING).read_answer()
        assert told.status == 403 and told.body == b"no"
    assert hasty.origin.received.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("value", [b"100-continue", b"100-Continue"])
def test_e77_a_client_that_sends_its_body_at_once_is_served(edge, value):
    edge.origin.answers(b"HTTP/1.1 100 Continue\r\n\r\n", OK)
    with edge.connect() as client:
        client.send(post(b"Content-Length: 5", b"Expect: " + value, body=b"hello"))
        told = client.read_answer()
        while told.status == 100:
            told = client.read_answer()
        assert told.status == 200
    assert edge.origin.requests[0].body == b"hello"


@http1_only
@pytest.mark.parametrize("asked", [
    request(b"GET / HTTP/1.1", b"Expect: 100-continue"),
    post(b"Content-Length: 0", b"Expect: 100-continue"),
    request(b"POST / HTTP/1.0", b"Content-Length: 5", b"Expect: 100-continue", body=b"hello")],
    ids=named)
def test_e77_without_a_body_or_in_http_1_0_it_is_ignored(edge, asked):
    assert edge.ask(asked).status == 200
    assert edge.origin.requests[0].value("Expect") is None


@pytest.mark.parametrize("value", [b"200-maybe", b"y 100-continue", b"100-continue, x",
                                   b"100 continue", b"100-continue;q=1"])
def test_e78_any_other_expectation_is_417(edge, value):
    edge.refuses(post(b"Content-Length: 5", b"Expect: " + value, body=b"hello"), 417)


# ---- E79: answers without a body ----

@pytest.mark.parametrize("asked,head,kept", [
    (HEAD, b"200 OK\r\nContent-Length: 5", "5"),
    (HEAD, b"200 OK\r\nTransfer-Encoding: chunked", None),
    (HEAD, b"200 OK", None), (request(), b"204 None\r\nContent-Length: 5", None),
    (request(), b"204 None\r\nTransfer-Encoding: chunked", None),
    (request(), b"304 Same\r\nContent-Length: 5", "5"), (request(), b"304 Same", None),
    (HELLO, b"204 None", None)], ids=named)
def test_e79_answers_without_a_body_have_none_whatever_their_fields_say(edge, asked, head, kept):
    edge.origin.answers(b"HTTP/1.1 " + head + b"\r\n\r\n")
    with edge.connect() as client:
        for _ in range(3):
            told = client.send(asked).read_answer(to_head=True)
            assert told.value("Content-Length") == kept
            assert told.status != 204 or told.value("Transfer-Encoding") is None
        assert client.hears_nothing(0.02)
    assert len(edge.origin.connections) == 1


@pytest.mark.parametrize("asked,head", [(HEAD, b"200 OK\r\nContent-Length: 6"),
                                        (request(), b"204 None\r\nContent-Length: 6"),
                                        (request(), b"304 Same\r\nContent-Length: 6")], ids=named)
def test_e79_bytes_that_follow_are_given_to_nobody(edge, asked, head):
    edge.origin.answers(b"HTTP/1.1 " + head + b"\r\n\r\npoison")
    with edge.connect() as client:
        assert client.send(asked).read_answer(to_head=True).status in (200, 204, 304)
        assert client.hears_nothing(0.02)
        edge.origin.answers(answer(b"mine"))
        assert client.send(request()).read_answer().body == b"mine"
    assert [len(each.requests) for each in edge.origin.connections] == [1, 1]


# ---- E80, E81: whose connection it is ----

@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate", "negotiate abc=="])
def test_e80_a_connection_that_is_being_authenticated_is_pinned_to_its_client(edge, scheme):
    edge.origin.answers(answer(b"who", "401 Unauthorized", f"WWW-Authenticate: {scheme}"))
    with edge.connect() as client, edge.connect() as other:
        assert client.send(request()).read_answer().status == 401
        edge.origin.answers(OK)
        for _ in range(3):
            assert other.send(request(b"GET /other HTTP/1.1")).read_answer().status == 200
        for _ in range(3):
            assert client.send(request(b"GET /mine HTTP/1.1")).read_answer().status == 200
    by_connection = [{each.target for each in one.requests} for one in edge.origin.connections]
    assert by_connection == [{"/thing", "/mine"}, {"/other"}]
    wait_for(lambda: edge.origin.connections[0].ended, "it ends with its client")
    assert edge.ask(request(b"GET /later HTTP/1.1")).status == 200
    assert all(each.target != "/later" for each in edge.origin.connections[0].requests)


def test_e80_other_schemes_do_not_pin(edge):
    edge.origin.answers(answer(b"who", "401 Unauthorized", "WWW-Authenticate: Basic realm=x"))
    for _ in range(3):
        assert edge.ask(request()).status == 401
    assert len(edge.origin.connections) == 1


def test_e81_connection_close_of_the_server_is_not_the_clients(edge):
    edge.origin.answers(answer(b"ok", "200 OK", "Connection: close"), CLOSE)
    with edge.connect() as client:
        for _ in range(3):
            told = client.send(request()).read_answer()
            assert told.status == 200 and told.value("Connection") is None
    assert [len(each.requests) for each in edge.origin.connections] == [1] * 3


@http1_only
@pytest.mark.parametrize("fields,stays", [((), False), ((b"Connection: keep-alive",), True),
                                          ((b"Connection: Keep-Alive, x",), True),
                                          ((b"Connection: close",), False)])
def test_e81_http_1_0_closes_by_default_and_stays_if_asked(edge, fields, stays):
    with edge.connect() as client:
        told = client.send(request(b"GET / HTTP/1.0", *fields)).read_answer()
        assert told.status == 200
        if stays:
            assert "keep-alive" in told.value("Connection").lower()
            assert client.send(request()).read_answer().status == 200
        else:
            assert client.read_to_end() == b"" and client.ended == "closed"
