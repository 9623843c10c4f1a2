# SPDX-License-Identifier: Apache-2.0
"""E45-E52: the syntax of header fields, and how they go on."""

import pytest

from carriers import everywhere, over
from edge import Edge, request
from harness import answer

OVER = ("clear", "tls")

TOKEN_BYTES = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def get(*fields: bytes) -> bytes:
    return request(b"GET /thing HTTP/1.1", *fields)


@pytest.mark.parametrize("line", [b"A : b", b"A\t: b", b"Host : a", b"Content-Length : 5", b"A  :",
                                  b"Transfer-Encoding : chunked", b"Transfer-Encoding\t: chunked"])
def test_e45_a_blank_before_the_colon_is_refused(edge, line):
    edge.refuses(get(line), 400)


@pytest.mark.parametrize("line", [b":", b": b", b":b", b"::", b"A", b"A b", b"Transfer-Encoding",
                                  b"Content-Length 5", b"=", b"A B: c"])
def test_e46_a_name_that_is_empty_or_a_line_without_colon_is_refused(edge, line):
    edge.refuses(get(line), 400)
    edge.refuses(get(b"X: 1", line, b"Y: 2"), 400)


@over("clear")  # many of them: over TLS the others suffice
@pytest.mark.parametrize("byte", [byte for byte in range(256) if byte not in TOKEN_BYTES + b":"])
def test_e46_a_byte_that_is_none_of_a_token_is_refused(edge, byte):
    edge.refuses(get(b"Na" + bytes([byte]) + b"me: x"), 400)
    edge.refuses(get(b"X: 1", bytes([byte]) + b": x"), 400)


@everywhere
def test_e46_every_byte_of_a_token_is_a_name(edge):
    edge.forwards(get(TOKEN_BYTES + b": x", *(bytes([byte]) + b": x" for byte in TOKEN_BYTES[:60])))


@everywhere
@pytest.mark.parametrize("byte", [byte for byte in range(0x20) if byte not in b"\t"] + [0x7f])
def test_e47_controls_in_a_value_are_refused(edge, byte):
    for value in (b"a" + bytes([byte]) + b"b", bytes([byte]), b"a" + bytes([byte])):
        edge.refuses(get(b"X: " + value), 400)


def test_e47_a_control_deep_in_a_long_value_is_refused(edge):
    for at in (0, 15, 16, 31, 32, 63, 64, 299):
        value = bytearray(b"x" * 300)
        value[at] = 0x01
        edge.refuses(get(b"X: " + bytes(value)), 400)


@everywhere
def test_e47_obs_text_and_tabs_within_a_value_pass_unchanged(edge):
    edge.forwards(get(b"X: " + bytes(range(0x80, 0x100)), b"Y: a\tb", b"Z: \xc3\xbc"))


@pytest.mark.parametrize("fields", [
    (b"A: b\r\n c",), (b"A: b\r\n\tc",), (b"A: b\r\n ",), (b"A:\r\n b",), (b" A: b",), (b"\tA: b",),
    (b"Transfer-Encoding:\r\n chunked",), (b"A: b\r\n Transfer-Encoding: chunked",),
    (b"A: b\r\n \r\n c",)])
def test_e48_a_folded_line_is_refused(edge, fields):
    edge.refuses(get(*fields), 400)


@pytest.mark.parametrize("blank", [b" ", b"\t", b" \r\n"])
def test_e48_a_blank_before_the_first_field_is_refused(edge, blank):
    edge.refuses(b"GET / HTTP/1.1\r\n" + blank + b"Host: shop.example\r\n\r\n", 400)


@pytest.mark.parametrize("head", [
    b"GET / HTTP/1.1\nHost: shop.example\r\n\r\n", b"GET / HTTP/1.1\r\nHost: shop.example\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop.example\r\n\n", b"GET / HTTP/1.1\nHost: shop.example\n\n",
    b"GET / HTTP/1.1\r\nHost: shop.example\r\r\n\r\n",
    b"GET / HTTP/1.1\r\r\nHost: shop.example\r\n\r\n", b"GET / HTTP/1.1\r\nHost: shop.example\n\n",
    b"GET / HTTP/1.1\r\nHost: shop.example\r\n\rX", b"GET / HTTP/1.1\rHost: shop.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop.example\rA: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nA: b\nTransfer-Encoding: chunked\r\nHost: shop.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nA: b\rTransfer-Encoding: chunked\r\nHost: shop.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\r\n",
    b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\r",
    b"GET / HTTP/1.1\r\nHost: shop.example\n\r\n\r\n", b"GET / HTTP/1.1\r\nA\n: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nA\r: b\r\n\r\n"])
def test_e49_lines_end_in_crlf_and_nothing_else(edge, head):
    edge.refuses(head, 400)


@pytest.mark.parametrize("sent,seen", [
    (b"X:a", b"X: a"), (b"X:  a", b"X: a"), (b"X:\ta\t", b"X: a"), (b"X: a \t ", b"X: a"),
    (b"X: a b ", b"X: a b"), (b"X:", b"X: "), (b"X: \t ", b"X: "), (b"X: ", b"X: ")])
def test_e50_blanks_around_a_value_are_trimmed_and_an_empty_field_stays(edge, sent, seen):
    edge.forwards(get(b"A: 1", sent, b"B: 2"), get(b"A: 1", seen, b"B: 2"))


def test_e50_values_are_trimmed_before_they_are_compared(edge):
    edge.forwards(request(b"POST /thing HTTP/1.1", b"Content-Length: \t 5 \t", body=b"hello"),
                  request(b"POST /thing HTTP/1.1", b"Content-Length: 5", body=b"hello"))
    with edge.connect() as client:
        client.send(get(b"Connection: \t close \t"))
        assert client.read_answer().value("Connection") == "close"
        assert client.read_to_end() == b""


RESERVED = [b"Content_Length: 5", b"content_length: 5", b"Transfer_Encoding: chunked",
            b"X_Forwarded_For: a", b"X-Forwarded_For: a", b"x_forwarded-proto: https",
            b"X_Forwarded_Host: a", b"X_Real_IP: a", b"X_Forwarded_Anything: a",
            b"X_Forwarded_Port: 1", b"Hawser_Session: a", b"HAWSER_X: 1"]


@everywhere
@pytest.mark.parametrize("line", RESERVED)
def test_e51_a_look_alike_of_a_field_that_we_trust_is_refused(edge, line):
    edge.refuses(get(line), 400)


@everywhere
@pytest.mark.parametrize("line", [b"X_Custom: 1", b"_: 1", b"a_b_c: 1", b"User_Agent: x",
                                  b"Forwardedx_: 1", b"Content_Lengths: 5"])
def test_e51_other_names_with_underscores_pass(edge, line):
    edge.forwards(get(line))


@pytest.fixture(scope="module", params=["drop", "refuse"])
def strict(request, tmp_path_factory, carrier):
    made = Edge(tmp_path_factory.mktemp("strict"), carrier=carrier,
                listener={"underscores": request.param})
    yield request.param, made
    made.stop()


@pytest.mark.parametrize("line", [b"X_Custom: 1", b"_: 1", b"Content_Length: 5"])
def test_e51_the_setting_drops_or_refuses_them_all(strict, line):
    how, edge = strict
    if how == "refuse":
        edge.refuses(get(line), 400)
    else:
        edge.forwards(get(b"A: 1", line, b"B: 2"), get(b"A: 1", b"B: 2"))


@everywhere
def test_e52_equal_names_keep_their_order_and_case(edge):
    edge.forwards(get(b"X-List: 1", b"x-list: 2", b"Between: x", b"X-LIST: 3", b"Accept: a",
                      b"accept: b", b"X-List: 1"))


@everywhere
def test_e52_fields_of_an_answer_keep_their_order_and_set_cookie_lines_are_never_joined(edge):
    lines = ["Set-Cookie: a=1; Path=/", "X-List: 1", "set-cookie: b=2, c=3", "x-list: 2",
             "SET-COOKIE: d=4"]
    edge.origin.answers(answer(b"ok", "200 OK", *lines))
    seen = edge.ask(get())
    assert seen.values("Set-Cookie") == ["a=1; Path=/", "b=2, c=3", "d=4"]
    assert seen.values("X-List") == ["1", "2"]
    kept = [line for line in seen.head.decode().split("\r\n") if line in lines]
    assert kept == lines or edge.is_h2
