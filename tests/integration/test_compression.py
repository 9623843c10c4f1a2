# SPDX-License-Identifier: Apache-2.0
"""Compressed answers: for whom, of what, and that clients get what servers sent."""

import gzip
import subprocess
import zlib

import pytest

from edge import request
from fleet import Fleet
from harness import CLOSE, Hawser, RawOrigin, answer

PAGE = b"".join(b"<li>thing number %d</li>\n" % (n * 7919 % 1000) for n in range(2000))


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    origin = RawOrigin()
    hawser = Hawser(tmp_path_factory.mktemp("compression"), {
        "listeners": {"web": {}},
        "pools": {"shop": {"servers": {"a": origin.address}, "affinity": []}},
        "routes": [{"pool": "shop"},
                   {"path": "/c/", "pool": "shop", "compress": {}},
                   {"path": "/careless/", "pool": "shop", "compress": {"secrets": True}}]})
    yield hawser, origin
    hawser.stop()


def page(*lines: str, body: bytes = PAGE, status: str = "200 OK",
         kind: str = "text/html; charset=utf-8") -> bytes:
    return answer(body, status, f"Content-Type: {kind}", *lines)


def ask(house, sent: bytes, *fields: bytes, path: bytes = b"/c/", method: bytes = b"GET",
        accepted: bytes = b"gzip"):
    hawser, origin = house
    origin.answers(sent)
    with hawser.connect() as client:
        client.send(request(method + b" " + path + b" HTTP/1.1", b"Accept-Encoding: " + accepted,
                            *fields))
        return client.read_answer(to_head=method == b"HEAD")


def test_a_body_is_compressed_and_its_head_says_so(house):
    answered = ask(house, page('ETag: "x"', "Accept-Ranges: bytes", "Vary: Origin"))
    assert gzip.decompress(answered.body) == PAGE and len(answered.body) < len(PAGE) / 4
    assert answered.value("Content-Encoding") == "gzip" and answered.is_chunked
    assert answered.value("ETag") == 'W/"x"' and answered.value("Accept-Ranges") is None
    assert answered.values("Vary") == ["Origin", "Accept-Encoding"]
    assert answered.length is None


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_curl_understands_every_coding(house, coding, tmp_path):
    hawser, origin = house
    origin.answers(page())
    told = subprocess.run(["curl", "-sS", "--compressed", "-H", f"Accept-Encoding: {coding}",
                           "-D", tmp_path / "head", "-o", tmp_path / "body", "-w",
                           "%{size_download}", f"http://127.0.0.1:{hawser.port}/c/"],
                          capture_output=True, text=True)
    assert (tmp_path / "body").read_bytes() == PAGE, told
    assert f"Content-Encoding: {coding}" in (tmp_path / "head").read_text()
    assert int(told.stdout) < len(PAGE) / 4


@pytest.mark.parametrize("accepted,coding", [
    (b"gzip, deflate, br, zstd", "zstd"), (b"gzip, br", "br"), (b"gzip;q=1, br;q=0.5", "gzip"),
    (b"*", "zstd"), (b"identity, gzip;q=0.5", None), (b"deflate", None), (b"gzip;q=0", None)])
def test_the_client_chooses_the_coding(house, accepted, coding):
    answered = ask(house, page(), accepted=accepted)
    assert answered.value("Content-Encoding") == coding
    assert answered.value("Vary") == "Accept-Encoding"
    if coding is None:
        assert answered.body == PAGE and answered.length == len(PAGE)


@pytest.mark.parametrize("line", ["Set-Cookie: a=b", "Cache-Control: private",
                                  "Cache-Control: no-store, max-age=0"])
def test_what_carries_secrets_is_left_alone_unless_told_otherwise(house, line):
    left = ask(house, page(line))
    assert left.body == PAGE and left.value("Content-Encoding") is None
    assert gzip.decompress(ask(house, page(line), path=b"/careless/").body) == PAGE


def test_an_authorized_answer_is_left_alone(house):
    secret = (b"Authorization: Bearer x",)
    assert ask(house, page(), *secret).body == PAGE
    assert gzip.decompress(ask(house, page(), *secret, path=b"/careless/").body) == PAGE


def test_an_answer_with_our_own_cookie_is_left_alone(tmp_path):
    fleet = Fleet(tmp_path, "a", route={"compress": {}})
    fleet["a"].answers(page())
    try:
        visitor = fleet.visitor()
        encodings = [visitor.ask("GET / HTTP/1.1", "Accept-Encoding: gzip").value("Content-Encoding")
                     for _ in range(2)]
        assert encodings == [None, "gzip"]
    finally:
        fleet.stop()


@pytest.mark.parametrize("sent", [
    page("Content-Encoding: gzip", body=gzip.compress(PAGE, mtime=0)), page("Cache-Control: no-transform"),
    page("Content-Range: bytes 0-1/2", status="206 Partial Content"), page(kind="image/png"),
    page(body=PAGE[:1000]), page("Content-MD5: x"), answer(PAGE)])
def test_what_gains_nothing_or_would_break_is_left_alone(house, sent):
    answered = ask(house, sent, path=b"/careless/")
    assert answered.raw.endswith(sent.partition(b"\r\n\r\n")[2])
    assert answered.value("Vary") is None and not answered.is_chunked


def test_ranges_and_old_clients_get_it_as_it_is(house):
    assert ask(house, page(), b"Range: bytes=0-9").body == PAGE
    hawser, origin = house
    origin.answers(page())
    old = hawser.ask(b"GET /c/ HTTP/1.0\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n")
    assert old.body == PAGE and old.value("Content-Encoding") is None


def test_routes_that_do_not_ask_for_it_do_not_compress(house):
    answered = ask(house, page('ETag: "x"'), path=b"/")
    assert answered.body == PAGE and answered.value("Vary") is None
    assert answered.value("ETag") == '"x"'


def test_head_says_what_get_would(house):
    headed = ask(house, page('ETag: "x"').partition(b"\r\n\r\n")[0] + b"\r\n\r\n", method=b"HEAD")
    assert headed.value("Content-Encoding") == "gzip" and headed.length is None
    assert headed.value("ETag") == 'W/"x"' and headed.value("Vary") == "Accept-Encoding"


def test_304_and_204_have_no_body_and_no_coding(house):
    same = ask(house, b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n')
    assert same.value("ETag") == 'W/"x"' and same.value("Vary") == "Accept-Encoding"
    assert same.value("Content-Encoding") is None
    assert ask(house, b"HTTP/1.1 204 No Content\r\n\r\n").value("Content-Encoding") is None


def test_each_piece_comes_at_once(house):
    hawser, origin = house
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    origin.answers(head + b"7\r\ndata: 1\r\n", 30.0)
    with hawser.connect() as client:
        client.send(request(b"GET /c/ HTTP/1.1", b"Accept-Encoding: gzip"))
        inflate = zlib.decompressobj(31)
        told = b""
        while b"data: 1" not in told:
            more = client.socket.recv(1 << 16)
            assert more
            client.buffer += more
            at = client.buffer.find(b"\r\n\r\n") + 4
            told, rest = b"", client.buffer[at:]
            inflate = zlib.decompressobj(31)
            while b"\r\n" in rest:
                size = int(rest.partition(b"\r\n")[0], 16)
                start = rest.find(b"\r\n") + 2
                told += inflate.decompress(rest[start:start + size])
                rest = rest[start + size + 2:]
    origin.forget()


def test_e85_a_cut_body_is_cut_for_the_client_too(house):
    hawser, origin = house
    origin.answers(page()[:-100], CLOSE)
    with hawser.connect() as client:
        client.send(request(b"GET /c/ HTTP/1.1", b"Accept-Encoding: gzip"))
        assert not client.read_answer().is_whole


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_e163_large_bodies_take_no_more_memory(house, coding, tmp_path):
    hawser, origin = house
    ask(house, page())
    before = hawser.peak_memory()
    body = bytes(range(256)) * 4096 * 32  # 32 MiB
    origin.answers(page(body=body))
    told = subprocess.run(["curl", "-sS", "--compressed", "-H", f"Accept-Encoding: {coding}", "-o",
                           tmp_path / "body", f"http://127.0.0.1:{hawser.port}/c/"],
                          capture_output=True, text=True)
    assert (tmp_path / "body").read_bytes() == body, told
    assert hawser.peak_memory() - before < 8 * 1024 * 1024
