# SPDX-License-Identifier: Apache-2.0
"""E1-E6 and E7-E28: where a request ends, and that a server is never told otherwise."""

import json

import pytest

from edge import SMUGGLED, chunked, post, request, send
from harness import answer, wait_for

OVER = ("clear", "tls")

TE = b"Transfer-Encoding: chunked"
EMPTY_CHUNKED = b"0\r\n\r\n"


# ---- rules above all -----------------------------------------------------------------------------

def test_e01_a_request_is_written_anew_from_what_was_understood(edge):
    seen = edge.forwards(
        request(b"POST http://shop.example/a?b HTTP/1.1", b"CONTENT-LENGTH:\t007 ",
                b"X-Blank:", b"x-trimmed:  \t a  b \t ", body=b"payload"),
        request(b"POST /a?b HTTP/1.1", b"CONTENT-LENGTH: 7", b"X-Blank: ", b"x-trimmed: a  b",
                body=b"payload"))
    assert seen.values("Host") == ["shop.example"]


def test_e02_bytes_that_trickle_in_with_long_pauses_are_the_same_request(edge):
    payload = post(b"Content-Length: 5", body=b"hello")
    cuts = [payload[:1], payload[1:30], payload[30:-6], payload[-6:-5], payload[-5:-1],
            payload[-1:]]
    with edge.connect() as client:
        client.send_pieces(cuts, pause=0.05)
        assert client.read_answer().status == 200
    assert edge.origin.received == payload


def test_e02_the_verdict_does_not_depend_on_what_came_before(edge):
    with edge.connect() as client:
        for _ in range(3):
            assert client.send(request()).read_answer().status == 200
        client.send(post(b"Content-Length: 5", TE, body=EMPTY_CHUNKED) + SMUGGLED)
        assert client.read_answer().status == 400
        assert client.read_to_end() == b"" and client.ended == "closed"
    assert [each.target for each in edge.origin.requests] == ["/thing"] * 3


@pytest.mark.parametrize("unread", [0, 10, 30_000, 60_000])
def test_e03_the_client_can_read_a_refusal_whatever_it_still_sends(edge, unread):
    with edge.connect() as client:
        client.send(b"GET / HTTP/1.1\r\n\r\n" + b"x" * unread)
        assert client.read_answer().status == 400
        assert client.read_to_end() == b"" and client.ended == "closed"


def test_e03_a_client_that_sends_on_after_a_refusal_is_dropped_in_the_end(edge):
    with edge.connect() as client:
        client.send(b"GET / HTTP/1.1\r\n\r\n")
        assert client.read_answer().status == 400

        def is_gone():
            try:
                client.send(b"x" * 16384)
            except OSError:
                return True
            return False
        wait_for(is_gone, "the connection ends")


LOG_BREAKERS = [
    (b'GET /"quoted"\\back HTTP/1.1\r\nHost: shop.example\r\nHost: shop.example\r\n\r\n', 400),
    (b'GET /\r\n{"status":200}\r\n\r\n', 400),
    (b"GET /\x1b[31mred HTTP/1.1\r\nHost: shop.example\r\n\r\n", 400),
    (b"GET /\xff\xfe HTTP/1.1\r\nHost: shop.example\r\n\r\n", 400),
    (b'G"T\n / HTTP/1.1\r\nHost: shop.example\r\n\r\n', 400)]


@pytest.mark.parametrize("payload,status", LOG_BREAKERS)
def test_e04_the_log_line_of_a_refusal_has_its_cause_and_stays_a_line(edge, payload, status):
    with edge.connect() as client:
        assert client.send(payload).read_answer().status == status
        (record,) = edge.hawser.access_of(client)
    assert record["status"] == status and record["ended"]
    for line in edge.hawser.access_path.read_bytes().splitlines():
        assert isinstance(json.loads(line), dict)
        assert not any(byte < 0x20 or byte == 0x7f for byte in line)


def test_e04_hostile_bytes_of_a_served_request_are_encoded(edge):
    user_agent = b'"},\\ {\xff\xfe\t"status":1}'
    with edge.connect() as client:
        assert client.send(request(b'GET /"a"\\{} HTTP/1.1', b"User-Agent: " + user_agent)
                           ).read_answer().status == 200
        (record,) = edge.hawser.access_of(client)
    assert record["status"] == 200 and record["target"] == '/"a"\\{}'
    assert not any(byte < 0x20 for byte in edge.hawser.access_path.read_bytes().replace(b"\n", b""))


def test_e05_a_server_connection_with_bytes_left_over_carries_no_other_request(edge):
    edge.origin.answers(answer(b"first") + answer(b"poison"))
    with edge.connect() as client:
        assert client.send(request()).read_answer().body == b"first"
        edge.origin.answers(answer(b"second"))
        assert client.send(request()).read_answer().body == b"second"
    assert [len(each.requests) for each in edge.origin.connections] == [1, 1]


def test_e06_an_answer_of_our_own_tells_nothing(edge):
    with edge.connect() as client:
        client.send(request(b"GET /x-mark HTTP/1.1", b"X-Mark: x-mark", b"Bad Name: x-mark"))
        refused = client.read_answer()
    assert refused.status == 400
    assert b"x-mark" not in refused.raw.lower() and b"hawser/" not in refused.raw.lower()
    assert not {"server", "x-powered-by", "via"} & set(refused.names())


# ---- Content-Length and Transfer-Encoding --------------------------------------------------------

@pytest.mark.parametrize("fields", [
    (b"Content-Length: 5", TE), (TE, b"Content-Length: 5"), (TE, b"Content-Length: 0"),
    (b"Content-Length: 44", b"transfer-encoding:chunked"),
    (TE, b"X-Between: 1", b"content-length: 5"), (TE, b"Content-Length: x")])
def test_e07_te_beside_cl_is_refused(edge, fields):
    edge.refuses(post(*fields, body=EMPTY_CHUNKED), 400)


@pytest.mark.parametrize("line", [
    b"Transfer-Encoding:chunked", b"Transfer-Encoding:\tchunked", b"Transfer-Encoding: chunked  \t",
    b"transfer-encoding: CHUNKED", b"TRANSFER-ENCODING: ChUnKeD"])
def test_e08_chunked_in_any_case_with_blanks_around_is_legal(edge, line):
    seen = edge.forwards(post(line, body=b"5\r\nhello\r\n0\r\n\r\n"))
    assert seen.body == b"hello" and seen.values("Transfer-Encoding") == ["chunked"]
    assert "content-length" not in seen.names()


@pytest.mark.parametrize("value", [b"gzip", b"gzip, chunked", b"xchunked", b"chunkedx", b"br",
                                   b"'chunked'"])
def test_e09_an_unknown_coding_is_501(edge, value):
    edge.refuses(post(b"Transfer-Encoding: " + value, body=EMPTY_CHUNKED), 501)


@pytest.mark.parametrize("value", [
    b"chunked, gzip", b"chunked, chunked", b"chunked,chunked", b"", b",chunked", b"chunked,",
    b"chunked, ", b", chunked", b'"chunked"', b"chunked;q=1", b"chunked ; a=b", b"identity",
    b"identity, chunked", b"chunked, identity", b"\x0bchunked", b"chunked\x0b", b"\x0cchunked",
    b"chunked\x00", b"\x00chunked", b"chunked\xff", b"\xa0chunked", b"ch\xc5\xabnked",
    b"chunked chunked", b"gzip chunked"])
def test_e09_a_transfer_coding_that_is_not_exactly_chunked_is_refused(edge, value):
    edge.refuses(post(b"Transfer-Encoding: " + value, body=EMPTY_CHUNKED), 400)


@pytest.mark.parametrize("second", [
    TE, b"transfer-encoding: chunked", b"Transfer-Encoding: identity", b"Transfer-Encoding: gzip",
    b"Transfer-Encoding:", b"Transfer-Encoding: x"])
def test_e10_two_te_fields_are_refused(edge, second):
    edge.refuses(post(TE, second, body=EMPTY_CHUNKED), 400)
    edge.refuses(post(second, TE, body=EMPTY_CHUNKED), 400)


@pytest.mark.parametrize("more", [(), (b"Content-Length: 5",), (b"Connection: keep-alive",)])
def test_e11_te_in_http_1_0_is_refused(edge, more):
    edge.refuses(request(b"POST /thing HTTP/1.0", TE, *more, body=EMPTY_CHUNKED), 400)


@pytest.mark.parametrize("value", [
    b"+5", b"-5", b"-0", b"0x5", b"5.0", b"1e1", b"1_0", b'"5"', b"5;", b"5z", b"5 5", b"",
    b"\x005", b"5\x00", b"\x0b5", b"5\x0b", b"\xd9\xa5", b"\xb2", b"5\xa0", b"0b1", b"0o5", b"5,",
    b",5", b"9223372036854775808", b"10000000000000000000", b"9" * 20, b"9" * 400, b"a"])
def test_e12_a_length_that_is_no_number_is_refused(edge, value):
    edge.refuses(post(b"Content-Length: " + value, body=b"hello"), 400)


@pytest.mark.parametrize("value,written", [
    (b"010", b"10"), (b"10", b"10"), (b"\t10 ", b"10"), (b"0" * 400 + b"10", b"10")])
def test_e12_leading_zeros_are_dropped(edge, value, written):
    edge.forwards(post(b"Content-Length:" + value, body=b"0123456789"),
                  post(b"Content-Length: " + written, body=b"0123456789"))


@pytest.mark.parametrize("first,second", [
    (b"5", b"6"), (b"5", b"5"), (b"0", b"5"), (b"5", b"05"), (b"5", b"")])
def test_e13_two_lengths_are_refused_equal_or_not(edge, first, second):
    edge.refuses(post(b"Content-Length: " + first, b"content-length: " + second, body=b"hello"),
    400)
    edge.refuses(post(b"Content-Length: " + first + b", " + second, body=b"hello"), 400)
    edge.refuses(post(b"Content-Length: " + first, b"A: b", b"Content-Length: " + second,
                      body=b"hello"), 400)


@pytest.mark.parametrize("fields", [
    (b"Content-Length:", b"Content-Length: 5"), (b"Content-Length: 5", b"Content-Length:"),
    (b"Content-Length: ", b"Content-Length: 5"), (b"Content-Length: 5", b"Content-Length: \t")])
def test_e14_an_empty_length_beside_a_valid_one_is_refused(edge, fields):
    edge.refuses(post(*fields, body=b"hello"), 400)


WRAPPING = [2**64 + 5, 2**63 + 5, 2**128 + 5, 2**63]


@pytest.mark.parametrize("length", WRAPPING)
def test_e15_a_length_never_wraps(edge, length):
    edge.refuses(post(b"Content-Length: %d" % length, body=b"hello"), 400)


@pytest.mark.parametrize("size", WRAPPING)
def test_e15_a_chunk_size_never_wraps(edge, size):
    edge.aborts(chunked(b"%x\r\nhello\r\n0\r\n\r\n" % size), 400)


def test_e15_a_length_of_more_than_32_bits_is_not_read_as_a_small_one(edge):
    with edge.connect() as client:
        client.send(post(b"Content-Length: %d" % (2**32 + 5), body=b"hello" + SMUGGLED))
        wait_for(lambda: b"/smuggled" in edge.origin.received, "the body goes on")
        assert edge.origin.requests == []
    wait_for(lambda: edge.origin.connections[-1].ended, "the exchange is broken off")


def test_e15_a_long_field_name_is_not_taken_for_a_short_one(edge):
    for length in (256 + 14, 256 + 17, 512 + 4):
        name = (b"Content-Length" + b"x" * length)[:length]
        edge.forwards(request(b"GET /thing HTTP/1.1", name + b": 5"))


@pytest.mark.parametrize("method", [b"GET", b"POST", b"PUT", b"DELETE", b"PATCH", b"BREW"])
def test_e16_without_te_and_cl_there_is_no_body(edge, method):
    first = request(method + b" /one HTTP/1.1")
    with edge.connect() as client:
        client.send(first + request(b"GET /two HTTP/1.1"))
        assert [client.read_answer().status, client.read_answer().status] == [200, 200]
    assert edge.origin.requests[0].raw == first
    assert [each.target for each in edge.origin.requests] == ["/one", "/two"]


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"DELETE", b"OPTIONS", b"BREW"])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_e17_a_body_is_a_body_whatever_the_method(edge, method, is_chunked):
    line = method + b" /one HTTP/1.1"
    payload = (request(line, TE, body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED))
               if is_chunked else
               request(line, b"Content-Length: %d" % len(SMUGGLED), body=SMUGGLED))
    for in_one_piece in (True, False):
        edge.origin.forget()
        with edge.connect() as client:
            send(client, payload + request(b"GET /two HTTP/1.1"), in_one_piece)
            assert client.read_answer(to_head=method == b"HEAD").status == 200
            assert client.read_answer().status == 200
        assert [(each.target, each.body) for each in edge.origin.requests] == [
            ("/one", SMUGGLED), ("/two", b"")]


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"OPTIONS"])
def test_e17_a_body_of_what_we_answer_ourselves_is_never_the_next_request(edge, method):
    target = b"shop.example:443" if method == b"CONNECT" else b"*" if method == b"OPTIONS" else b"/"
    with edge.connect() as client:
        client.send(request(method + b" " + target + b" HTTP/1.1", b"Max-Forwards: 0",
                            b"Content-Length: %d" % len(SMUGGLED), body=SMUGGLED))
        assert client.read_answer().status in (200, 405)
    edge.saw_nothing()


@pytest.mark.parametrize("named", [b"content-length", b"Content-Length, close", b"host",
                                   b"HOST, Content-Length", b"keep-alive, content-length"])
def test_e18_connection_does_not_undo_the_length_or_the_host(edge, named):
    with edge.connect() as client:
        client.send(post(b"Content-Length: 5", b"Connection: " + named, body=b"hello"))
        status = client.read_answer().status
    assert status in (200, 400)
    if status == 200:
        assert edge.origin.received == post(b"Content-Length: 5", body=b"hello")


def test_e18_connection_does_not_undo_chunking(edge):
    with edge.connect() as client:
        client.send(post(TE, b"Connection: transfer-encoding", body=b"5\r\nhello\r\n0\r\n\r\n"))
        status = client.read_answer().status
    assert status in (200, 400)
    assert status == 400 or edge.origin.requests[0].body == b"hello"


@pytest.mark.parametrize("partial", [
    post(b"Content-Length: 10", body=b""), post(b"Content-Length: 10", body=b"hello"), chunked(b""),
    chunked(b"5\r\nhel"), chunked(b"5\r\nhello\r\n"), chunked(b"5\r\nhello\r\n0\r\n"),
    chunked(b"5\r\nhello\r\n0\r\nA: b\r\n")])
@pytest.mark.parametrize("way", ["half_close", "reset"])
def test_e19_a_body_that_ends_early_is_never_a_whole_request(edge, partial, way):
    with edge.connect() as client:
        client.send(partial)
        wait_for(lambda: edge.origin.received, "the head has come to the server")
        getattr(client, way)()
        wait_for(lambda: edge.origin.connections[0].ended, "the server's connection is released")
    assert edge.origin.requests == [] and edge.origin.connections[0].fault == ""
    edge.saw_no_whole_request()


# ---- chunks --------------------------------------------------------------------------------------

@pytest.mark.parametrize("size_line", [
    b"0x5", b"+5", b"-5", b"0_5", b"Z", b"5g", b"", b" 5", b"\t5", b";a=b", b" ;a=b", b"5,5",
    b"00000000000000005", b"8000000000000000", b"ffffffffffffffff", b"10000000000000000", b"\x005",
    b"5\x00", b"\xff", b"-0x0", b"0_2e", b"5.0", b'"5"'])
def test_e20_a_chunk_size_that_is_no_number_aborts(edge, size_line):
    edge.aborts(chunked(size_line + b"\r\nhello\r\n0\r\n\r\n"), 400)


@pytest.mark.parametrize("size_line", [b"5", b"05", b"0000000000000005"])
def test_e20_leading_zeros_within_16_digits_are_fine(edge, size_line):
    assert edge.forwards(chunked(size_line + b"\r\nhello\r\n0\r\n\r\n")).body == b"hello"


def test_e20_hex_digits_of_both_cases_are_sizes(edge):
    body = b"x" * 0xab
    assert edge.forwards(chunked(b"aB\r\n" + body + b"\r\n000\r\n\r\n")).body == body


@pytest.mark.parametrize("line_end", [b"\n", b"\r", b"\rX", b"\n\r", b"\r\r\n", b"\rX\n", b";a\n",
                                      b";a=b\n", b";a\r", b";a\rX", b';a="\n"\r\n', b';a="\r"\r\n',
                                      b";\n", b"\x00\r\n"])
def test_e21_a_size_line_ends_in_crlf_and_nothing_else(edge, line_end):
    edge.aborts(chunked(b"5" + line_end + b"hello\r\n0\r\n\r\n"), 400)
    edge.aborts(chunked(b"5\r\nhello\r\n0" + line_end + b"\r\n"), 400)


@pytest.mark.parametrize("end", [b"XX", b"\n", b"\n\n", b"\rX", b"!\r\n", b"\r\r\n", b"", b" \r\n",
                                 b"\nX", b"\n\r\n", b"5\r\n"])
def test_e22_chunk_data_is_followed_by_exactly_crlf(edge, end):
    edge.aborts(chunked(b"5\r\nhello" + end + b"0\r\n\r\n"), 400)


@pytest.mark.parametrize("extension", [b";a", b";a=b", b';a="b c"', b';a="b\\"c"', b";a=b;c=d",
                                       b';a="0\tx"', b";" + b"a" * 200])
def test_e23_chunk_extensions_are_checked_and_never_forwarded(edge, extension):
    seen = edge.forwards(chunked(b"5" + extension + b"\r\nhello\r\n0" + extension + b"\r\n\r\n"))
    assert seen.body == b"hello"
    assert b";" not in edge.origin.received


@pytest.mark.parametrize("extension", [
    b";", b";;", b";=b", b";a=", b';a="b', b';a="b"c', b";a=b\x00", b";a\x00", b';a="\x00"',
    b";a b", b";a=b c", b';a="\r\n"', b';a="b\r\n0\r\n\r\n"', b";\x7f", b";a==b", b";a=b\xff",
    b";" + b"a" * 300, b';a="' + b"b" * 300 + b'"'])
def test_e23_faulty_or_endless_extensions_abort(edge, extension):
    edge.aborts(chunked(b"5" + extension + b"\r\nhello\r\n0\r\n\r\n"), 400)


def test_e23_extensions_of_a_body_are_bounded(edge):
    one = b"1;" + b"a" * 200 + b"\r\nx\r\n"
    assert edge.forwards(chunked(one * 70 + b"0\r\n\r\n")).body == b"x" * 70
    edge.aborts(chunked(one * 100 + b"0\r\n\r\n"), 400)


@pytest.mark.parametrize("blank", [b" ", b"\t", b"  ", b" \t "])
def test_e24_a_blank_behind_the_size_aborts(edge, blank):
    edge.aborts(chunked(b"5" + blank + b"\r\nhello\r\n0\r\n\r\n"), 400)
    edge.aborts(chunked(b"5\r\nhello\r\n0" + blank + b"\r\n\r\n"), 400)
    edge.aborts(chunked(b"5" + blank + b";a=b\r\nhello\r\n0\r\n\r\n"), 400)


@pytest.mark.parametrize("behind", [b"junk\r\n\r\n", b"\n", b"X\r\n", b"\rX", b"A: b\n\r\n",
                                    b"A: b\r\n\n", b"A: b\n\n", b"\x00\r\n", b" \r\n", b"\r\r\n"])
def test_e25_after_the_last_chunk_come_only_trailers_and_crlf(edge, behind):
    edge.aborts(chunked(b"5\r\nhello\r\n0\r\n" + behind), 400)


def test_e25_a_second_crlf_before_the_last_chunk_aborts(edge):
    edge.aborts(chunked(b"5\r\nhello\r\n\r\n0\r\n\r\n"), 400)
    edge.aborts(chunked(b"5\r\nhello\r\n0\r\n0\r\n\r\n"), 400)


DROPPED_TRAILERS = [b"Content-Length: 0", b"Transfer-Encoding: chunked", b"Host: evil.example",
                    b"Trailer: X", b"Authorization: Basic eDp5", b"Cookie: a=b",
                    b"Connection: close", b"X-Forwarded-For: 10.0.0.1", b"x-forwarded-proto: https",
                    b"X-Forwarded-Host: evil.example", b"Content_Length: 0",
                    b"Expect: 100-continue"]


@pytest.mark.parametrize("line", DROPPED_TRAILERS)
def test_e26_trailers_that_are_no_trailers_are_dropped(edge, line):
    seen = edge.forwards(chunked(b"5\r\nhello\r\n0\r\n" + line + b"\r\nX-Sum: 1\r\n\r\n"))
    assert seen.body == b"hello"
    assert seen.trailers in ([], [(b"X-Sum", b"1")])
    assert sorted(seen.names()) == ["host", "transfer-encoding"]


@pytest.mark.parametrize("trailer", [
    b"A : b", b": b", b"A", b" A: b", b"\tA: b", b"A: b\r\n c", b"A: \x00", b"A: b\x0b",
    b"A\x00: b", b"A: b\rc", b"A\xff: b", b"A(: b", b"A: \x7f", b"A: " + b"b" * 40_000,
    b"\r\n".join(b"A%d: b" % i for i in range(150))])
def test_e27_trailers_obey_the_rules_of_heads(edge, trailer):
    edge.aborts(chunked(b"5\r\nhello\r\n0\r\n" + trailer + b"\r\n\r\n"), 400)


# ---- pipelines -----------------------------------------------------------------------------------

def test_e28_pipelined_requests_are_answered_in_order_each_once(edge):
    edge.origin.script = lambda asked: [answer(asked.target.encode())]
    payload = b"".join(
        request(b"GET /%d HTTP/1.1" % i) if i % 3 else
        post(b"Content-Length: 4", body=b"%04d" % i).replace(b"/thing", b"/%d" % i)
        for i in range(50))
    for in_one_piece in (True, False):
        edge.origin.forget()
        edge.origin.script = lambda asked: [answer(asked.target.encode())]
        with edge.connect() as client:
            send(client, payload, in_one_piece)
            assert [client.read_answer().body for _ in range(50)] == [b"/%d" % i for i in range(50)]
        assert b"".join(each.raw for each in edge.origin.requests) == payload


@pytest.mark.parametrize("line,fields", [(b"GET /one HTTP/1.1", (b"Connection: close",)),
                                         (b"GET /one HTTP/1.1", (b"Connection: x, CLOSE",)),
                                         (b"GET /one HTTP/1.0", ())])
def test_e28_nothing_after_a_last_request_is_looked_at(edge, line, fields):
    with edge.connect() as client:
        client.send(request(line, *fields) + SMUGGLED)
        only = client.read_answer()
        assert only.status == 200
        assert client.read_to_end() == b"" and client.ended == "closed"
    assert [each.target for each in edge.origin.requests] == ["/one"]


def test_e28_nothing_after_a_refused_request_is_looked_at(edge):
    with edge.connect() as client:
        client.send(request(b"GET /one HTTP/1.1") + request(b"GET /bad  HTTP/1.1") + SMUGGLED)
        assert [client.read_answer().status, client.read_answer().status] == [200, 400]
        assert client.read_to_end() == b"" and client.ended == "closed"
    assert [each.target for each in edge.origin.requests] == ["/one"]
