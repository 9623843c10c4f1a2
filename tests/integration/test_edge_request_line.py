# SPDX-License-Identifier: Apache-2.0
"""E29-E40: the request line, and what is no HTTP at all."""

import pytest

from edge import SMUGGLED, request

OVER = ("clear", "tls")


@pytest.mark.parametrize("line", [
    b"GET  /thing HTTP/1.1", b"GET /thing  HTTP/1.1", b"GET\t/thing HTTP/1.1",
    b"GET /thing\tHTTP/1.1", b" GET /thing HTTP/1.1", b"\tGET /thing HTTP/1.1",
    b"GET /thing HTTP/1.1 ", b"GET /thing HTTP/1.1\t", b"GET /a thing HTTP/1.1", b"GET /thing",
    b"GET /thing ", b"GET", b"GET ", b"GET HTTP/1.1", b"GET  HTTP/1.1", b"GET /thing HTTP/1.1 x",
    b"GET\x0b/thing HTTP/1.1", b"GET /thing\x0cHTTP/1.1", b"GET\xa0/thing HTTP/1.1",
    b"GET /thing HTTP/1.1\x00", b"GET /thing HTTP/1.1\r"])
def test_e29_a_request_line_has_single_blanks_and_nothing_else(edge, line):
    edge.refuses(request(line), 400)


@pytest.mark.parametrize("method", [b"BREW", b"get", b"Get", b"PROPFIND", b"M-SEARCH",
                                    b"!#$%&'*+-.^_`|~", b"X" * 64, b"0"])
def test_e30_unknown_methods_are_forwarded_as_they_are(edge, method):
    assert edge.forwards(request(method + b" /thing HTTP/1.1")).method == method.decode()


@pytest.mark.parametrize("method", [b"X" * 65, b"X" * 5000])
def test_e30_a_longer_method_is_501(edge, method):
    edge.refuses(request(method + b" /thing HTTP/1.1"), 501)


@pytest.mark.parametrize("method", [b"", b"G(T", b'G"T', b"GE\x00T", b"GE,T", b"G@T", b"\xffGET",
                                    b"G/T", b"G:T", b"GET\x7f", b"{}", b"[", b"\x1bGET",
                                    b"G\xc3\x89T"])
def test_e30_a_method_that_is_no_token_is_refused(edge, method):
    edge.refuses(request(method + b" /thing HTTP/1.1"), 400)


@pytest.mark.parametrize("byte", [*range(0x00, 0x21), *range(0x7f, 0x100, 9), 0xff, ord("#")])
def test_e31_controls_high_bytes_and_fragments_in_the_target_are_refused(edge, byte):
    edge.refuses(request(b"GET /thi" + bytes([byte]) + b"ng HTTP/1.1"), 400)


@pytest.mark.parametrize("target", [b"/\xc3\xbc", b"/#", b"#", b"/a#b?c", b"/?a#b", b"\x80"])
def test_e31_fragments_and_letters_beyond_ascii_are_refused(edge, target):
    edge.refuses(request(b"GET " + target + b" HTTP/1.1"), 400)


@pytest.mark.parametrize("byte", [byte for byte in range(0x21, 0x7f) if byte != ord("#")])
def test_e31_every_other_byte_passes_unchanged(edge, byte):
    edge.forwards(request(b"GET /a" + bytes([byte]) + b"b?" + bytes([byte]) + b" HTTP/1.1"))


@pytest.mark.parametrize("line", [
    b"GET thing HTTP/1.1", b"GET * HTTP/1.1", b"POST * HTTP/1.1", b"GET *a HTTP/1.1",
    b"OPTIONS ** HTTP/1.1", b"OPTIONS *? HTTP/1.1", b"GET shop.example:80 HTTP/1.1",
    b"GET ?a HTTP/1.1", b"GET ./a HTTP/1.1", b"GET \\a HTTP/1.1", b"GET :80/a HTTP/1.1",
    b"CONNECT /thing HTTP/1.1", b"CONNECT shop.example HTTP/1.1", b"CONNECT * HTTP/1.1",
    b"CONNECT http://shop.example/ HTTP/1.1"])
def test_e32_a_target_of_the_wrong_form_is_refused(edge, line):
    edge.refuses(request(line), 400)


def test_e32_asterisk_form_goes_on_with_options(edge):
    edge.forwards(request(b"OPTIONS * HTTP/1.1"))


@pytest.mark.parametrize("target,seen", [
    (b"http://shop.example/a?b", b"/a?b"), (b"HTTP://shop.example/", b"/"),
    (b"https://shop.example/a", b"/a"), (b"http://shop.example", b"/"),
    (b"http://shop.example?a=/b", b"/?a=/b"), (b"http://shop.example//a", b"//a"),
    (b"http://shop.example/http://evil.example/", b"/http://evil.example/")])
def test_e33_absolute_form_goes_on_in_origin_form(edge, target, seen):
    edge.forwards(request(b"GET " + target + b" HTTP/1.1"), request(b"GET " + seen + b" HTTP/1.1"))


def test_e33_the_authority_of_the_target_is_the_host(edge):
    edge.forwards(request(b"GET http://shop.example/a HTTP/1.0", host=None),
                  request(b"GET /a HTTP/1.1"))
    edge.forwards(request(b"GET http://Shop.example:80/a HTTP/1.1"),
                  request(b"GET /a HTTP/1.1", host=b"Shop.example:80"))


def test_e33_options_of_an_authority_alone_is_asterisk_form(edge):
    edge.forwards(request(b"OPTIONS http://shop.example HTTP/1.1"), request(b"OPTIONS * HTTP/1.1"))


@pytest.mark.parametrize("target", [
    b"ftp://shop.example/", b"http:/shop.example/", b"http:shop.example", b"http://",
    b"http:///thing", b"http://?a", b"http://user@shop.example/", b"http://user:word@shop.example/",
    b"http://@shop.example/", b"://shop.example/", b"javascript:alert(1)", b"file:///etc/passwd",
    b"http://shop.example:99999/", b"http://shop.example:x/", b"http://[::1/", b"http://a,b/",
    b"http://shop.example\\@evil.example/", b"httpx://shop.example/", b"ws://shop.example/"])
def test_e33_a_faulty_absolute_form_is_refused(edge, target):
    edge.refuses(request(b"GET " + target + b" HTTP/1.1"), 400)


@pytest.mark.parametrize("host", [b"evil.example", b"shop.example:81", b"shop.example.evil",
                                  b"shop", b""])
def test_e33_a_host_that_differs_from_the_target_is_refused(edge, host):
    edge.refuses(request(b"GET http://shop.example/ HTTP/1.1", host=host), 400)


def test_e33_absolute_form_does_not_stand_for_the_host_field(edge):
    edge.refuses(request(b"GET http://shop.example/ HTTP/1.1", host=None), 400)


@pytest.mark.parametrize("target", [b"shop.example:443", b"10.0.0.1:22", b"[::1]:80"])
def test_e34_connect_is_405_and_never_forwarded(edge, target):
    edge.refuses(request(b"CONNECT " + target + b" HTTP/1.1", host=target), 405)


@pytest.mark.parametrize("fields", [(), (b"Max-Forwards: 0",), (b"Max-Forwards: 5",)])
def test_e35_trace_is_405(edge, fields):
    with edge.connect() as client:
        answered = client.send(request(b"TRACE /x-mark HTTP/1.1", b"Cookie: x-mark", *fields)
                               ).read_answer()
    assert answered.status == 405 and b"x-mark" not in answered.raw
    assert answered.value("Allow")
    edge.saw_nothing()


def test_e35_options_that_may_not_be_forwarded_is_answered_here(edge):
    answered = edge.ask(request(b"OPTIONS * HTTP/1.1", b"Max-Forwards: 0"))
    assert answered.status == 200 and "GET" in answered.value("Allow")
    edge.saw_nothing()


@pytest.mark.parametrize("before,after", [(b"1", b"0"), (b"10", b"9"), (b"010", b"9")])
def test_e35_max_forwards_is_decremented(edge, before, after):
    seen = edge.forwards(request(b"OPTIONS * HTTP/1.1", b"Max-Forwards: " + before),
                         request(b"OPTIONS * HTTP/1.1", b"Max-Forwards: " + after))
    assert seen.value("Max-Forwards") == after.decode()


@pytest.mark.parametrize("value", [b"0", b"5", b"x"])
def test_e35_max_forwards_means_nothing_with_other_methods(edge, value):
    edge.forwards(request(b"GET /thing HTTP/1.1", b"Max-Forwards: " + value))


@pytest.mark.parametrize("version", [b"HTTP/2.0", b"HTTP/1.2", b"HTTP/1.9", b"HTTP/0.9",
                                     b"HTTP/3.0", b"HTTP/9.9", b"HTTP/0.0"])
def test_e36_other_versions_are_505(edge, version):
    edge.refuses(request(b"GET /thing " + version), 505)


@pytest.mark.parametrize("version", [
    b"http/1.1", b"Http/1.1", b"HTTP/1.10", b"HTTP/01.1", b"HTTP/1.1x", b"FTP/1.1", b"HTTP/1",
    b"HTTP/1.", b"HTTP/.1", b"HTTP/1,1", b"HTTP/11.1", b"HTTP/4294967297.1", b"HTTP/1.4294967297",
    b"HTTP1.1", b"HTTP/ 1.1", b"HTTP /1.1", b"HTTP/1.1.1", b"HTTP//1.1", b"HTTP/a.b", b"XHTTP/1.1",
    b"HTTP/-1.1", b"HTTP/+1.1", b"HTTP/\xd9\xa1.1", b"HTTPS/1.1"])
def test_e36_what_is_no_version_is_refused(edge, version):
    edge.refuses(request(b"GET /thing " + version), 400)


@pytest.mark.parametrize("line", [b"GET /thing\r\n", b"GET /\r\n\r\n",
                                  b"GET http://shop.example/\r\n"])
def test_e36_http_0_9_is_refused(edge, line):
    edge.refuses(line, 400)


def test_e36_http_1_0_and_1_1_are_spoken(edge):
    edge.forwards(request(b"GET /thing HTTP/1.1"))
    edge.forwards(request(b"GET /thing HTTP/1.0"), request(b"GET /thing HTTP/1.1"))


@pytest.mark.parametrize("target", [b"/a%2eb", b"/%2e%2e/a", b"/a%2Fb", b"//a///b", b"/a/./b",
                                    b"/a/../b", b"/%", b"/%zz", b"/%00", b"/a;b=c", b"/../../a",
                                    b"/?%00&//", b"/%2F.."])
def test_e37_the_path_goes_on_byte_for_byte(edge, target):
    edge.forwards(request(b"GET " + target + b" HTTP/1.1"))


def test_e38_one_empty_line_before_a_request_line_is_skipped(edge):
    edge.forwards(b"\r\n" + request(), request())
    with edge.connect() as client:
        client.send(request() + b"\r\n" + request())
        assert [client.read_answer().status, client.read_answer().status] == [200, 200]


@pytest.mark.parametrize("lines", [b"\r\n\r\n", b"\n", b"\r\n\n", b"\r", b"\r\r\n",
                                   b"\r\n" * 30_000])
def test_e38_more_empty_lines_are_refused(edge, lines):
    if len(lines) < 100:
        edge.refuses(lines + request(), 400)
        return
    with edge.connect() as client:
        client.send_pieces([lines])
        assert client.read_answer().status == 400
    edge.saw_nothing()


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@pytest.mark.parametrize("line", [b"PRI * HTTP/1.1", b"PRI /thing HTTP/1.1", b"PRI * HTTP/1.0"])
def test_e39_pri_is_never_forwarded(edge, line):
    edge.refuses(request(line), 400)


CLIENT_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(0x20, 0xd9))


@pytest.mark.parametrize("binary", [
    CLIENT_HELLO, b"\x00", b"\x00" * 5000, b"\xff" * 100, b"\x80.\x01\x03\x01",
    b"SSH-2.0-OpenSSH_9\r\n", b"\x05\x01\x00", b"*1\r\n$4\r\nPING\r\n", b"EHLO mail.example\r\n",
    b"()\r\n", b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n", b"\r\n\r\n\x00\r\nQUIT\n"])
def test_e40_binary_and_other_protocols_are_refused_and_not_logged(edge, binary):
    edge.refuses(binary, 400)
    assert b"OpenSSH" not in edge.hawser.access_path.read_bytes()


def test_e40_a_refusal_of_binary_does_not_wait_for_more(edge):
    with edge.connect() as client:
        assert client.send(CLIENT_HELLO[:5]).read_answer().status == 400
        assert client.read_to_end() == b""


def test_e28_a_refused_line_in_a_pipeline_ends_it(edge):
    with edge.connect() as client:
        client.send(request() + PREFACE + SMUGGLED)
        assert [client.read_answer().status, client.read_answer().status] == [200, 505]
        assert client.read_to_end() == b""
    assert len(edge.origin.requests) == 1
