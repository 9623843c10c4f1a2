# SPDX-License-Identifier: Apache-2.0
"""Request ids and W3C traces: kept from whom they are believed, else made, and the same in all logs."""

import re

import pytest

from edge import Edge, request

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


def marks(tmp_path, **listener):
    return Edge(tmp_path, listener={"request-id": "X-Request-Id", "traceparent": "by-trust"}
                | listener)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    made = marks(tmp_path_factory.mktemp("stranger"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def trusted(tmp_path_factory):
    made = marks(tmp_path_factory.mktemp("trusted"), **{"trusted-proxies": ["127.0.0.0/8"]})
    yield made
    made.stop()


def exchange(edge, *fields: bytes):
    """The answer, the request as the server saw it, and the record of both."""
    edge.origin.forget()
    with edge.connect() as client:
        answered = client.send(request(b"GET / HTTP/1.1", *fields)).read_answer()
        return answered, edge.origin.requests[-1], edge.hawser.access_of(client)[0]


def test_an_id_is_the_same_for_client_server_and_log(stranger):
    answered, seen, record = exchange(stranger)
    made = answered.value("X-Request-Id")
    assert re.fullmatch("[0-9a-f]{32}", made)
    assert seen.value("X-Request-Id") == made == record["request_id"]
    assert exchange(stranger)[0].value("X-Request-Id") != made


def test_a_trace_begins_here_where_none_is_believed(stranger):
    for fields in ((), (f"traceparent: {PARENT}".encode(), b"tracestate: a=b")):
        _, seen, record = exchange(stranger, *fields)
        version, trace, parent, flags = seen.value("traceparent").split("-")
        assert (version, flags) == ("00", "01") and re.fullmatch("[0-9a-f]{16}", parent)
        assert trace == record["trace_id"] != TRACE
        assert seen.value("tracestate") is None


def test_a_stranger_cannot_choose_them(stranger):
    answered, seen, _ = exchange(stranger, b"X-Request-Id: mine", b"x-request-id: too")
    assert seen.values("X-Request-Id") == [answered.value("X-Request-Id")] != ["mine"]
    assert exchange(stranger, b"Connection: X-Request-Id")[1].value("X-Request-Id")


def test_a_trusted_proxys_are_kept(trusted):
    answered, seen, record = exchange(trusted, b"X-Request-ID: abc-1",
                                      f"traceparent: {PARENT}".encode(), b"tracestate: a=b")
    assert answered.value("X-Request-Id") == "abc-1" == record["request_id"]
    assert seen.value("X-Request-Id") == "abc-1"
    assert seen.value("traceparent") == PARENT and record["trace_id"] == TRACE
    assert seen.value("tracestate") == "a=b"


@pytest.mark.parametrize("broken", [PARENT.upper(), PARENT + "-", "ff" + PARENT[2:],
                                    PARENT.replace(TRACE, "0" * 32), PARENT[:-1], "00-x"])
def test_a_broken_trace_is_replaced_never_repaired(trusted, broken):
    _, seen, record = exchange(trusted, f"traceparent: {broken}".encode(), b"tracestate: a=b")
    assert seen.value("traceparent") != broken and record["trace_id"] != TRACE
    assert seen.value("tracestate") is None


@pytest.mark.parametrize("broken", [b"a b", b"a\"b", b"x" * 65, b"<x>", b""])
def test_a_broken_id_is_replaced(trusted, broken):
    _, seen, _ = exchange(trusted, b"X-Request-Id: " + broken)
    assert re.fullmatch("[0-9a-f]{32}", seen.value("X-Request-Id"))


def test_answers_of_our_own_carry_the_id_too(trusted):
    trusted.origin.stop()
    try:
        with trusted.connect() as client:
            client.send(request(b"GET / HTTP/1.1", b"X-Request-Id: lost-1"))
            answered = client.read_answer()
            assert answered.status >= 500 and answered.value("X-Request-Id") == "lost-1"
    finally:
        trusted.origin.start_again()
