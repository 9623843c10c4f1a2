# SPDX-License-Identifier: Apache-2.0
"""E4: what was refused, aborted or cut is counted by its cause, where operators look."""

import re

import pytest

from edge import Edge, chunked, post, request, send
from harness import CLOSE, free_port, wait_for

CHUNKED = b"Transfer-Encoding: chunked"


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    port = free_port()
    made = Edge(tmp_path_factory.mktemp("counted"), pool={"retries": 0},
                route={"max-body": 1000}, admin=f"127.0.0.1:{port}")
    made.admin_port = port
    yield made
    made.stop()


def counts(edge: Edge) -> dict[str, int]:
    """Ended early, by cause."""
    asked = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    text = edge.hawser.ask_port(edge.admin_port, asked).body.decode()
    found: dict[str, int] = {}
    series = r"^hawser_requests_ended_early_total\{(.*)\} (\d+)$"
    for labels, count in re.findall(series, text, re.M):
        cause = re.search(r'cause="([^"]*)"', labels)[1]
        found[cause] = found.get(cause, 0) + int(count)
    return found


@pytest.mark.parametrize("payload", [
    request(b"GET / HTTP/1.1", b"Host: b"), request(host=None), post(b"Content-Length: 5", CHUNKED),
    post(b"Content-Length: +5"), post(b"Transfer-Encoding: gzip"), request(b"GET  / HTTP/1.1"),
    request(b"GET / HTTP/2.0"), request(b"GET / HTTP/1.1", b"A : b"), request(host=b"a,b"),
    request(b"GET / HTTP/1.1", b"X: " + b"x" * 40_000),
    request(b"GET /" + b"x" * 20_000 + b" HTTP/1.1"),
    request(b"CONNECT a:1 HTTP/1.1"), post(b"Content-Length: 2000"), chunked(b"x"),
    chunked(b"5\r\nhelloXX"), chunked(b"7d0\r\n" + b"x" * 100), post(b"Expect: x"),
], ids=lambda payload: repr(payload[:40]))
def test_e04_a_refusal_is_counted_by_the_cause_in_the_log(counted, payload):
    before = counts(counted)
    with counted.connect() as client:
        send(client, payload, in_one_piece=True)
        assert client.read_answer().status >= 400
        client.read_to_end()
        client.close()
        (record,) = counted.hawser.access_of(client)
    cause = record["ended"]
    wait_for(lambda: counts(counted).get(cause, 0) == before.get(cause, 0) + 1, cause)


def test_e04_a_cut_answer_is_counted_by_its_cause(counted):
    counted.origin.forget()
    counted.origin.answers(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", 0.02, CLOSE)
    before = counts(counted)
    with counted.connect() as client:
        assert not client.send(request()).read_answer().is_whole
        (record,) = counted.hawser.access_of(client)
    cause = record["ended"]
    wait_for(lambda: counts(counted).get(cause, 0) == before.get(cause, 0) + 1, cause)
