# SPDX-License-Identifier: Apache-2.0
"""E82-E87: what servers answer, and what of it may reach a client."""

import pytest

from carriers import EVERY, http1_only
from edge import Edge, request
from fleet import marks_of
from harness import CLOSE, RESET, Answer, answer, wait_for

OK = b"HTTP/1.1 200 OK\r\n"
OVER = EVERY
EDGE = {"pool": {"retries": 0}}


def ask(edge: Edge, sent: bytes = request(), to_head: bool = False) -> Answer:
    with edge.connect() as client:
        return client.send(sent).read_answer(to_head)


def split_byte_by_byte(data: bytes):
    for at in range(len(data)):
        yield data[at:at + 1]
        yield 0.0005


def is_502(edge: Edge, *steps) -> None:
    """A 502 of ours, however the server's bytes are cut; its connection carries nothing more."""
    in_pieces = [part for step in steps
                 for part in (split_byte_by_byte(step) if isinstance(step, bytes) else [step])]
    for script in (steps, in_pieces):
        edge.origin.forget()
        edge.origin.answers(*script)
        with edge.connect() as client:
            seen = client.send(request()).read_answer()
            assert seen.status == 502 and seen.is_whole
            assert b"evil" not in seen.raw
            (record,) = edge.hawser.access_of(client)
            assert record["status"] == 502 and record["ended"]
        first = edge.origin.connections[0]
        wait_for(lambda one=first: one.ended, "its connection is closed")
        edge.origin.answers(answer(b"fine"))
        assert ask(edge).body == b"fine"
        assert len(first.requests) == 1


@pytest.mark.parametrize("fields", [
    b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
    b"Content-Length: 2\r\nContent-Length: 3\r\n", b"Content-Length: 2, 3\r\n",
    b"Content-Length: +2\r\n", b"Content-Length: -2\r\n", b"Content-Length: 0x2\r\n",
    b"Content-Length: 2 2\r\n", b"Content-Length:\r\n", b"Content-Length: 2\r\nContent-Length:\r\n",
    b"Content-Length: 18446744073709551618\r\n", b"Content-Length: 2;\r\n",
    b"Content-Length: 2,\r\n", b"Transfer-Encoding: gzip\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n", b"Transfer-Encoding: chunked, chunked\r\n",
    b"Transfer-Encoding: xchunked\r\n", b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding:\r\n", b"Transfer-Encoding: \"chunked\"\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: chunked;q=1\r\n"])
def test_e82_an_answer_whose_framing_is_faulty_is_502(edge, fields):
    is_502(edge, OK + fields + b"\r\nevil")


def test_e82_te_in_an_http_1_0_answer_is_502(edge):
    is_502(edge, b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n")


@pytest.mark.parametrize("fields", [b"Content-Length: 2\r\ncontent-length: 2\r\n",
                                    b"Content-Length: 2, 2\r\n",
                                    b"Content-Length: 2\r\nA: b\r\nContent-Length: 02\r\n"])
def test_e82_equal_lengths_become_one(edge, fields):
    edge.origin.answers(OK + fields + b"\r\nok")
    seen = ask(edge)
    assert seen.body == b"ok" and seen.values("Content-Length") == ["2"]


@pytest.mark.parametrize("line", [
    b"HTTP/1.1 2000 OK", b"HTTP/1.1 20 OK", b"HTTP/1.1 000 OK", b"HTTP/1.1 abc OK",
    b"HTTP/1.1 099 OK", b"HTTP/1.1 600 OK", b"HTTP/1.1 999 OK", b"HTTP/1.1  200 OK",
    b"HTTP/1.1 200\tOK", b"HTTP/1.1\t200 OK", b"HTTP/2.0 200 OK", b"HTTP/0.9 200 OK",
    b"HTTP/1.1x 200 OK", b"http/1.1 200 OK", b"ICY 200 OK", b"HTTP/1.1", b"HTTP/1.1 ", b"200 OK",
    b"<html>evil</html>", b"", b"HTTP/1.1 200 O\x00K", b"HTTP/1.1 200 O\x01K", b"HTTP/1.1 -200 OK",
    b"HTTP/1.1 2 0 OK", b" HTTP/1.1 200 OK", b"HTTP/11 200 OK", b"SSH-2.0-evil",
    b"HTTP/1.1 +20 OK"])
def test_e83_what_is_no_status_line_is_502(edge, line):
    is_502(edge, line + b"\r\nContent-Length: 4\r\n\r\nevil", CLOSE)


@pytest.mark.parametrize("line,status", [
    (b"HTTP/1.1 200 OK", 200), (b"HTTP/1.1 200 ", 200), (b"HTTP/1.1 200", 200),
    (b"HTTP/1.0 200 OK", 200),
    (b"HTTP/1.1 299 Whatever it is", 299), (b"HTTP/1.1 418 I'm a teapot", 418),
    (b"HTTP/1.1 599 x", 599),
    (b"HTTP/1.1 302 Found", 302), (b"HTTP/1.1 500 \xc3\xbc", 500), (b"HTTP/1.1 200 a\tb", 200)])
def test_e83_any_status_within_the_range_passes(edge, line, status):
    edge.origin.answers(line + b"\r\nContent-Length: 2\r\n\r\nok")
    seen = ask(edge)
    assert (seen.status, seen.body) == (status, b"ok")
    assert seen.start_line.startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize("sent,name,value", [
    (b"X : a\r\n", "X", "a"), (b"X\t:a\r\n", "X", "a"), (b"X: a\r\n b\r\n", "X", "a   b"),
    (b"X: a\r\n\tb\r\n c\r\n", "X", None), (b"X: a\n", "X", "a"), (b"X: a\nY: b\n", "Y", "b")])
def test_e84_lax_lines_of_an_answer_are_written_anew(edge, sent, name, value):
    for script in ([OK + sent + b"Content-Length: 2\r\n\r\nok"],
                   split_byte_by_byte(OK + sent + b"Content-Length: 2\r\n\r\nok")):
        edge.origin.answers(*script)
        seen = ask(edge)
        assert seen.body == b"ok"
        if value is None:
            assert seen.value(name).split() == ["a", "b", "c"]
        else:
            assert seen.value(name).split() == value.split()


def test_e84_an_answer_of_bare_lf_alone_is_read(edge):
    edge.origin.answers(b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
    assert ask(edge).body == b"ok"


@pytest.mark.parametrize("line", [
    b"X: a\x00b", b"X: a\rb", b"X: a\x01b", b"X: \x7f", b"X: a\x0bb", b"X\x00: a", b"X(: a", b": a",
    b"X", b"X Y: a", b"\xffX: a", b" X: a", b"X: a\r\r", b"X\r: a"])
def test_e84_faulty_fields_of_an_answer_are_502(edge, line):
    is_502(edge, OK + line + b"\r\nContent-Length: 4\r\n\r\nevil", CLOSE)


@pytest.mark.parametrize("end", [CLOSE, RESET])
@pytest.mark.parametrize("part", [b"", b"H", b"HTTP/1.1 200 OK", OK, OK + b"Content-Length: 2\r\n"])
def test_e85_an_answer_that_ends_within_its_head_is_502(edge, part, end):
    edge.origin.script = lambda asked: [part, end] if part else [end]
    seen = ask(edge, request(b"POST /thing HTTP/1.1"))
    assert seen.status == 502 and seen.is_whole
    assert len(edge.origin.requests) == 1, "a POST is not sent twice"


CUTS = {
    "short length": OK + b"Content-Length: 10\r\n\r\nhello",
    "no body yet": OK + b"Content-Length: 10\r\n\r\n",
    "no last chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "within a chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
    "within the trailers": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n",
    "before the last crlf": OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
}
BAD_CHUNKS = {
    "size": b"xyz\r\nhello\r\n0\r\n\r\n", "bare lf": b"5\nhello\r\n0\r\n\r\n",
    "no crlf": b"5\r\nhelloXX0\r\n\r\n",
    "huge": b"ffffffffffffffff\r\nhello", "trailer": b"0\r\nA B: c\r\n\r\n",
    "blank": b"5 \r\nhello\r\n0\r\n\r\n",
}


def is_cut(edge: Edge, sent: bytes) -> None:
    with edge.connect() as client:
        seen = client.send(sent).read_answer()
        if seen.status == 502:
            return
        has_framing = seen.is_chunked or seen.length is not None
        assert not seen.is_whole or (not has_framing and client.ended == "reset"), seen.raw
        (record,) = edge.hawser.access_of(client)
        assert record["ended"]


@pytest.mark.parametrize("end", [CLOSE, RESET])
@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_e85_an_answer_cut_in_its_body_reaches_the_client_visibly_cut(edge, cut, version, end):
    edge.origin.answers(cut, 0.05, end)
    is_cut(edge, request(b"GET /thing " + version))
    edge.origin.answers(cut, end)
    is_cut(edge, request(b"GET /thing " + version))


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
@pytest.mark.parametrize("chunks", BAD_CHUNKS.values(), ids=BAD_CHUNKS)
def test_e85_bad_chunks_reach_the_client_as_a_cut(edge, chunks, version):
    head = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    for script in ([head, 0.02, b"3\r\nabc\r\n", 0.02, chunks, CLOSE],
                   [head + b"3\r\nabc\r\n", 0.02, chunks, CLOSE]):
        edge.origin.answers(*script)
        is_cut(edge, request(b"GET /thing " + version))


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
@pytest.mark.parametrize("chunks", BAD_CHUNKS.values(), ids=BAD_CHUNKS)
def test_e85_bad_chunks_that_come_with_the_head_are_no_clean_end(edge, chunks, version):
    edge.origin.answers(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n" + chunks, CLOSE)
    is_cut(edge, request(b"GET /thing " + version))


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
def test_e85_a_body_that_ends_by_close_and_was_reset_is_cut(edge, version):
    edge.origin.answers(OK + b"\r\nhello", 0.05, RESET)
    is_cut(edge, request(b"GET /thing " + version))


@http1_only
def test_e86_a_chunked_answer_reaches_http_1_0_without_chunks(edge):
    edge.origin.answers(OK + b"Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n", 0.01,
                        b"6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n")
    for fields in ((), (b"Connection: keep-alive",)):
        with edge.connect() as client:
            seen = client.send(request(b"GET /thing HTTP/1.0", *fields)).read_answer()
            assert seen.body == b"hello world"
            assert not {"transfer-encoding", "content-length"} & set(seen.names())
            assert client.ended == "closed"


@http1_only
@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
def test_e86_a_body_that_ends_by_close_reaches_http_1_1_in_chunks(edge, version):
    edge.origin.answers(version + b" 200 OK\r\n\r\nhello", 0.01, b" world", CLOSE)
    with edge.connect() as client:
        for _ in range(2):  # the client's connection lives on
            seen = client.send(request()).read_answer()
            assert seen.is_chunked and seen.body == b"hello world"


@http1_only
def test_e86_a_chunked_answer_is_passed_on_with_its_trailers(edge):
    edge.origin.answers(OK + b"Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n"
                        b"5;ext=1\r\nhello\r\n0\r\nX-Sum: 1\r\nContent-Length: 3\r\n\r\n")
    seen = ask(edge)
    assert seen.body == b"hello" and seen.trailers == [(b"X-Sum", b"1")]
    assert b"ext" not in seen.raw


PASSED = ["Content-Encoding: gzip", 'ETag: W/"x"', "Location: http://127.0.0.1:1/a?b",
          "Cache-Control: public, max-age=60", "Content-Type: text/html;  charset=x",
          "Server: origin/1", "Date: Tue, 01 Jan 2030 00:00:00 GMT", "Vary: *", "Last-Modified: x",
          "Accept-Ranges: bytes", "X-Empty: ", "Strict-Transport-Security: max-age=1"]


@http1_only
def test_e87_only_framing_fields_are_changed(edge):
    edge.origin.answers(answer(b"ok", "200 OK", *PASSED))
    assert ask(edge).head == answer(b"", "200 OK", *PASSED).replace(b"Length: 0", b"Length: 2")


def test_e87_head_204_and_304_keep_what_they_may_have(edge):
    edge.origin.answers(OK + b"Content-Length: 5\r\nETag: \"x\"\r\n\r\n")
    assert ask(edge, request(b"HEAD /thing HTTP/1.1"), to_head=True).value("Content-Length") == "5"
    edge.origin.answers(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: \"x\"\r\n\r\n")
    seen = ask(edge)
    assert (seen.value("Content-Length"), seen.value("ETag")) == ("5", '"x"')
    edge.origin.answers(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nX: y\r\n\r\n")
    seen = ask(edge)
    assert seen.names() == ["x"]


@http1_only
def test_e02_an_answer_in_single_bytes_is_the_same_answer(edge):
    edge.origin.answers(*split_byte_by_byte(answer(b"hello", "200 OK", "X: y")))
    assert ask(edge).raw == answer(b"hello", "200 OK", "X: y")
    chunks = b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"
    edge.origin.answers(*split_byte_by_byte(OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks))
    seen = ask(edge)
    assert seen.body == b"hello" and seen.trailers == [(b"X-Sum", b"1")]


@pytest.fixture(scope="module")
def bound(tmp_path_factory, carrier):
    """With a cookie of ours on each first answer."""
    made = Edge(tmp_path_factory.mktemp("bound"), carrier=carrier,
                pool={"affinity": ["cookie"], "retries": 0})
    yield made
    made.stop()


@pytest.mark.parametrize("lines,expected", [
    ((), ["private"]), (("no-store",), ["private", "no-store"]),
    (("public, max-age=60",), ["private", "max-age=60"]),
    (("no-store", "max-age=5"), ["private", "no-store", "max-age=5"]),
    (("max-age=5", "public", "s-maxage=9, no-cache"), ["private", "max-age=5", "no-cache"]),
    (("a," * 32_000,), ["private", *["a"] * 32_000])],
    ids=["none", "stricter", "public", "two lines", "three lines", "very long"])
def test_e157_no_word_of_cache_control_is_lost_beside_our_cookie(bound, lines, expected):
    bound.origin.forget()
    bound.origin.answers(answer(b"ok", "200 OK", *(f"Cache-Control: {each}" for each in lines)))
    seen = bound.ask(request())
    assert marks_of(seen)
    assert seen.value("Cache-Control").split(", ") == expected
