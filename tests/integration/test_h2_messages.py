# SPDX-License-Identifier: Apache-2.0
"""E93-E107: HTTP/2 requests and answers, and what of them may reach an HTTP/1.1 server."""

import base64
import hashlib
import re
import subprocess

import pytest

from carriers import H2, over
from edge import Edge
from h2_client import (CANCEL, DATA, END_HEADERS, END_STREAM, GET, HEADERS, INTERNAL_ERROR,
                       NO_ERROR, PADDED, POST, PROTOCOL_ERROR, REFUSED_STREAM, RST, WINDOW,
                       but, frame)
from harness import CLOSE, RESET, STALL, answer, wait_for

OVER = H2


@pytest.fixture
def client(edge):
    with edge.connect_h2() as made:
        yield made
        assert edge.is_peer or not made.goaways, "the connection is not to blame"


def was_refused(edge, client, seen, status: int = 400) -> bool:
    """Before a peer, in whatever way."""
    if edge.is_peer:
        return seen.status >= 400 or seen.reset is not None or client.ended
    return seen.status == status or seen.reset == PROTOCOL_ERROR


def is_refused(edge, client, fields, status=400, **more):
    """A stream error, or an answer of ours; the connection lives and the server sees nothing."""
    if edge.is_peer:
        with edge.connect_h2() as another:
            assert was_refused(edge, another, another.get(fields, **more))
        return edge.saw_nothing()
    seen = client.get(fields, **more)
    assert was_refused(edge, client, seen, status), seen
    assert client.get().status == 200, "the connection lives"
    assert len(edge.origin.requests) == 1, edge.origin.received
    assert edge.origin.received.startswith(b"GET /thing HTTP/1.1\r\nhost: shop.example\r\n")
    edge.origin.forget()


def test_e01_a_request_is_written_anew_for_http1(edge, client):
    seen = client.get([*GET, ("accept", "*/*"), ("x-mark", "a")])
    assert seen.status == 200 and seen.body == b"ok" and seen.ended
    assert edge.origin.received == (b"GET /thing HTTP/1.1\r\nhost: shop.example\r\n"
                                    b"accept: */*\r\nx-mark: a\r\n\r\n")


@pytest.mark.parametrize("name, value", [
    ("x", "a\r\nsmuggled: 1"), ("x", "a\nb"), ("x", "a\rb"), ("x", "a\0b"), ("x", "a\x01b"),
    ("x\r\nsmuggled: 1\r\ny", "a"), ("x\n", "a"), ("x: y", "a"), ("x y", "a"), ("X", "a"),
    ("", "a"), ("x\0", "a"), ("x", " a"), ("x", "a ")])
def test_e94_no_byte_of_a_field_can_break_a_line(edge, client, name, value):
    is_refused(edge, client, [*GET, (name, value)])


@pytest.mark.parametrize("name, value", [
    ("connection", "close"), ("connection", "x"), ("keep-alive", "5"),
    ("proxy-connection", "close"), ("transfer-encoding", "chunked"), ("upgrade", "h2c"),
    ("te", "gzip"), ("te", "trailers, gzip")])
def test_e95_fields_of_a_connection_are_malformed(edge, client, name, value):
    is_refused(edge, client, [*GET, (name, value)])
    is_refused(edge, client, [*POST, (name, value)], body=b"0\r\n\r\nGET /smuggled HTTP/1.1\r\n")


@pytest.mark.parametrize("fields", [
    but(":method", None), but(":scheme", None), but(":path", None), but(":method", ""),
    but(":path", ""), but(":scheme", ""), [*GET, (":path", "/other")], [*GET, (":method", "GET")],
    [*GET, (":status", "200")], [*GET, (":other", "x")], [("x", "y"), *GET],
    [*GET, ("x", "y"), (":authority", "other")], but(":authority", None)])
def test_e96_pseudo_fields_come_once_and_first(edge, client, fields):
    is_refused(edge, client, fields)


@pytest.mark.parametrize("fields", [
    but(":method", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\nGET"), but(":method", "GET /x"),
    but(":method", "GET\t"), but(":path", "/ HTTP/1.1\r\nHost: x\r\n\r\n"), but(":path", "/a b"),
    but(":path", "/x HTTP/1.1"), but(":path", "http://other/x"), but(":path", "thing"),
    but(":path", "/x#y"), but(":path", "*"), but(":authority", "a b"), but(":authority", "u@a"),
    but(":authority", "a/b"), but(":authority", "a\r\nx: y"), but(":scheme", "ftp"),
    but(":scheme", "http://x/?")])
def test_e97_no_request_line_is_injected(edge, client, fields):
    is_refused(edge, client, fields)


def test_e98_one_host(edge, client):
    is_refused(edge, client, [*GET, ("host", "other.example")])
    is_refused(edge, client, [*GET, ("host", "shop.example"), ("host", "shop.example")])
    assert client.get([*GET, ("host", "shop.example")]).status == 200
    assert edge.origin.received.lower().count(b"host:") == 1
    edge.origin.forget()
    assert client.get([*but(":authority", None), ("host", "b.example")]).status == 200
    assert b"host: b.example\r\n" in edge.origin.received


@pytest.mark.parametrize("length, body", [
    ("5", b"toolong"), ("5", b"sh"), ("5", b""), ("0", b"GET /smuggled HTTP/1.1\r\n\r\n")])
def test_e99_a_wrong_content_length_never_makes_a_request(edge, client, length, body):
    seen = client.get([*POST, ("content-length", length)], body=body)
    assert was_refused(edge, client, seen)
    edge.saw_no_whole_request()


@pytest.mark.parametrize("fields", [
    [("content-length", "5"), ("content-length", "5")],
    [("content-length", "5"), ("content-length", "6")], [("content-length", "+5")],
    [("content-length", "5, 5")], [("content-length", "0x5")], [("content-length", "")]])
def test_e99_a_faulty_content_length_is_malformed(edge, client, fields):
    is_refused(edge, client, [*POST, *fields], body=b"hello")


def test_e99_content_length_without_data_is_malformed(edge, client):
    is_refused(edge, client, [*POST, ("content-length", "5")])


def test_e100_a_body_is_framed_by_us(edge, client):
    assert client.get(POST, body=b"hello").status == 200
    assert edge.origin.requests[0].is_chunked and edge.origin.requests[0].body == b"hello"
    edge.origin.forget()
    assert client.get([*POST, ("content-length", "5")], body=b"hello").status == 200
    assert edge.origin.requests[0].length == 5
    smuggled = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    for fields in (POST, GET):
        edge.origin.forget()
        assert client.get(fields, body=smuggled).status == 200
        assert len(edge.origin.requests) == 1 and edge.origin.requests[0].body == smuggled


def test_e101_cookie_crumbs_become_one_field(edge, client):
    client.get([*GET, ("cookie", "a=1"), ("cookie", "b=2"), ("x", "y"), ("cookie", "c=3; d=4")])
    assert edge.origin.requests[0].values("cookie") == ["a=1; b=2; c=3; d=4"]


def test_e102_trailers_pass_both_ways_and_are_never_fields(edge, client):
    edge.origin.answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        b"2\r\nok\r\n0\r\nGrpc-Status: 0\r\nContent-Length: 9\r\n\r\n")
    seen = client.get([*POST, ("te", "trailers")], body=b"hi",
                      trailers=[("x-sum", "1"), ("content-length", "9"), ("host", "b")])
    assert seen.body == b"ok" and seen.trailers == {"grpc-status": "0"}
    (request,) = edge.origin.requests
    assert request.trailers == [(b"x-sum", b"1")]
    assert request.value("content-length") is None


def test_e102_trailers_behind_a_body_of_a_known_length_are_not_the_next_request(edge, client):
    trailers = [("get", "/smuggled HTTP/1.1"), ("x", "y")]
    seen = client.get([*POST, ("content-length", "5")], body=b"hello", trailers=trailers)
    assert seen.status == 200
    assert client.get().status == 200
    assert edge.origin.received.count(b"hello") == 1 and b"smuggled" not in edge.origin.received
    assert [(each.method, each.body) for each in edge.origin.requests] == [("POST", b"hello"),
                                                                         ("GET", b"")]


@pytest.mark.parametrize("trailers", [[("x", "a\r\nb: c")], [(":path", "/")],
                                      [("transfer-encoding", "chunked")]])
def test_e102_faulty_trailers_end_no_request(edge, client, trailers):
    seen = client.get(POST, body=b"hi", trailers=trailers)
    assert was_refused(edge, client, seen)
    edge.saw_no_whole_request()


@pytest.mark.parametrize("steps", [
    (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", CLOSE),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", CLOSE),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n",),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", 0.05, RESET)])
def test_e103_a_cut_answer_resets_its_stream_alone(edge, client, steps):
    edge.origin.script = lambda request: steps if b"/cut" in request.start_line else [answer()]
    cut = client.ask(but(":path", "/cut"))
    other = client.ask()
    seen = client.answer(cut)
    assert not seen.ended and (seen.reset == INTERNAL_ERROR or edge.is_peer and seen.reset)
    assert client.answer(other).body == b"ok"


def test_e104_answers_carry_no_fields_of_a_connection(edge, client):
    edge.origin.answers(answer(b"ok", "200 OK", "Connection: close, X-Named", "Keep-Alive: 5",
                               "X-Named: 1", "Upgrade: h2c", "Proxy-Connection: x", "X: y"))
    head = client.get().heads[0]
    assert not {"connection", "keep-alive", "x-named", "upgrade", "proxy-connection"} & set(head)
    assert edge.is_peer or list(head) == [":status", "x", "content-length"]
    edge.origin.answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
    head = client.get().heads[0]
    assert "transfer-encoding" not in head
    assert edge.is_peer or list(head) == [":status"]


def test_e104_answers_without_a_body_end_with_their_head(edge, client):
    for status in ("204 No Content", "304 Not Modified"):
        edge.origin.answers(f"HTTP/1.1 {status}\r\n\r\n".encode())
        seen = client.get()
        assert seen.ended and seen.body == b""
    edge.origin.answers(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
    seen = client.get(but(":method", "HEAD"))
    assert seen.ended and seen.heads[0]["content-length"] == "5" and seen.body == b""


def test_e75_interim_answers_pass_in_order(edge, client):
    edge.origin.answers(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 150 X\r\n\r\n" + answer())
    seen = client.get()
    assert [each[":status"] for each in seen.heads] == ["103", "150", "200"]
    assert seen.body == b"ok"


def test_e104_101_never_appears(edge, client):
    if edge.is_peer:
        pytest.skip("not comparable: how long it waits for more")
    edge.origin.answers(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                        b"Connection: Upgrade\r\n\r\n")
    assert client.get().status == 502


def test_e34_connect_is_refused(edge, client):
    is_refused(edge, client, [(":method", "CONNECT"), (":authority", "shop.example:80")], 405)


CONNECT = [(":method", "CONNECT"), (":protocol", "websocket"), *GET[1:],
           ("sec-websocket-version", "13")]


def accepting(request):
    key = request.value("sec-websocket-key").encode()
    proof = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    return [b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + proof + b"\r\n\r\nhello", STALL]


def test_e105_an_extended_connect_becomes_an_upgrade(edge, client):
    edge.origin.script = accepting
    stream = client.ask(CONNECT, ends=False)
    one = client.answers[stream]
    wait_for(lambda: one.body == b"hello" or not client.read_frame(), "the server's first bytes")
    assert client.settings[8] == 1
    assert one.heads[0][":status"] == "200" and "sec-websocket-accept" not in one.heads[0]
    client.send(frame(DATA, 0, stream, b"from the client"))
    wait_for(lambda: edge.origin.received.endswith(b"from the client"))
    (request,) = edge.origin.requests
    assert request.start_line == b"GET /thing HTTP/1.1"
    assert request.value("Connection") == "Upgrade" and request.value("Upgrade") == "websocket"
    client.send(frame(DATA, END_STREAM, stream))
    wait_for(lambda: edge.origin.connections[0].ended, "the server sees the end")


def test_e149_the_client_of_a_lost_server_gets_a_close_frame(edge, client):
    if edge.is_peer:
        pytest.skip("not comparable: it knows no frames")
    text, lost = b"\x81\x02hi", b"\x88\x0d\x03\xf6server lost"  # 1014
    edge.origin.script = lambda request: [accepting(request)[0].replace(b"hello", text), CLOSE]
    stream = client.ask(CONNECT, ends=False)
    seen = client.answer(stream)
    assert seen.body == text + lost and seen.ended
    client.send(frame(DATA, END_STREAM, stream))


def test_e105_other_protocols_are_refused(edge, client):
    is_refused(edge, client, but(":protocol", "connect-udp", CONNECT), 501, ends=False)
    is_refused(edge, client, [*GET, (":protocol", "websocket")])


def test_e144_a_refused_upgrade_is_an_answer(edge, client):
    edge.origin.answers(answer(b"no", "403 Forbidden"))
    seen = client.get(CONNECT, ends=False)
    assert seen.status == 403 and seen.body == b"no"


def test_e106_padding_is_taken_off(edge, client):
    stream = client.ask(POST, ends=False)
    client.send(frame(DATA, PADDED, stream, b"\x05hello" + bytes(5)))
    client.send(frame(DATA, PADDED | END_STREAM, stream, b"\xffworld" + bytes(255)))
    assert client.answer(stream).status == 200
    assert edge.origin.requests[0].body == b"helloworld"


def test_e107_a_hundred_streams_at_once_each_with_its_answer(edge, client):
    edge.origin.script = lambda request: [answer(request.start_line.split()[1])]
    streams = {client.ask(but(":path", f"/{i}")): b"/%d" % i for i in range(100)}
    for stream, path in streams.items():
        assert client.answer(stream).body == path


def test_e107_the_stream_beyond_the_limit_is_refused(edge, client):
    edge.origin.script = lambda request: [STALL] if b"/wait" in request.start_line else [answer()]
    for _ in range(100):
        client.ask(but(":path", "/wait"))
    assert client.answer(client.ask()).reset == REFUSED_STREAM
    for stream in range(1, 200, 2):
        client.send(frame(RST, 0, stream, CANCEL.to_bytes(4, "big")))
    # A reset stream counts until its exchange is over, which the reset brings about (E109).
    wait_for(lambda: client.get().status == 200, "there is room again")


def test_e109_a_reset_ends_the_exchange_with_the_server(edge, client):
    edge.origin.answers(STALL)
    stream = client.ask()
    wait_for(lambda: edge.origin.requests, "the request is there")
    client.send(frame(RST, 0, stream, CANCEL.to_bytes(4, "big")))
    wait_for(lambda: edge.origin.connections[0].ended, "its connection ends")


def test_e19_a_reset_within_a_body_completes_no_request(edge, client):
    stream = client.ask(POST, body=b"half", ends=False)
    wait_for(lambda: b"half" in edge.origin.received, "a part of the body is there")
    client.send(frame(RST, 0, stream, CANCEL.to_bytes(4, "big")))
    edge.saw_no_whole_request()


def test_e54_a_body_beyond_its_limit_is_413(tmp_path, carrier):
    small = Edge(tmp_path, carrier=carrier, route={"max-body": "1KiB"})
    with small.connect_h2() as client:
        assert client.get(POST, body=b"x" * 1024).status == 200
        assert client.get(POST, body=b"x" * 1025).status == 413
    small.stop()


def test_e04_a_refusal_has_its_cause_in_the_access_log(edge, client):
    client.get([*GET, ("x", "a\r\nb")])
    client.get()
    first, second = edge.hawser.access_of(client, 2)
    assert first["status"] == 400 and first["ended"] == "bad-field-value"
    assert second["status"] == 200 and second["protocol"] == "HTTP/2"


@over("h2c")
def test_e39_the_preface_is_505_where_http2_is_not_allowed(tmp_path, carrier):
    old = Edge(tmp_path, carrier=carrier, listener={"http2": False})
    with old.connect() as client:
        client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert client.read_answer().status == 505
    old.saw_nothing()
    old.stop()


@over("h2c")
def test_e39_the_preface_is_505_after_a_request(edge):
    with edge.connect() as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").read_answer()
        client.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert client.read_answer().status == 505


@over("h2c")
def test_curl_is_served_by_prior_knowledge(edge):
    edge.origin.answers(answer(b"hello from http1"))
    done = subprocess.run(["curl", "-sS", "--http2-prior-knowledge", "-w", " %{http_version}",
                           f"http://127.0.0.1:{edge.hawser.port}/x", "-d", "@/usr/bin/python3"],
                          capture_output=True, check=True, timeout=20)
    assert done.stdout == b"hello from http1 2"


@over("h2c")
def test_h2load_at_the_limit_of_streams_is_served_without_an_error(edge):
    done = subprocess.run(["h2load", "-n", "2000", "-c", "4", "-m", "100",
                           f"http://127.0.0.1:{edge.hawser.port}/x"],
                          capture_output=True, check=True, timeout=60, text=True)
    assert re.search(r"2000 done, 2000 succeeded, 0 failed, 0 errored", done.stdout), done.stdout


def test_a_large_upload_and_download_pass_whole(edge, client):
    body = bytes(range(256)) * 8192
    edge.origin.script = lambda request: [answer(request.body)]
    stream = client.ask(POST, ends=False)
    left, window = body, 65535  # until our SETTINGS are acknowledged
    while left:  # as the windows that we are given allow
        while window < 16384:
            read = client.read_frame()
            if read.kind == WINDOW and read.stream == stream:
                window += read.last_stream
        part, left = left[:16384], left[16384:]
        client.send(frame(DATA, 0 if left else END_STREAM, stream, part))
        window -= len(part)
    assert client.answer(stream).body == body
