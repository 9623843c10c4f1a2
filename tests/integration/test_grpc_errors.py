# SPDX-License-Identifier: Apache-2.0
"""E184: what a gRPC client is told of errors of our own, and of answers without a status."""

import json

import pytest

from h2_client import INTERNAL_ERROR, H2Client
from h2_origin import H2Origin
from harness import Hawser, RawClient, wait_for
from processes import run_app

CALL = [(":method", "POST"), (":scheme", "http"), (":authority", "shop.example"),
        (":path", "/greeter/greet"), ("content-type", "application/grpc"), ("te", "trailers")]
MESSAGE = b"\0\0\0\0\2{}"
OK = [(":status", "200"), ("content-type", "application/grpc")]


@pytest.fixture
def origin():
    made = H2Origin()
    yield made
    made.stop()


@pytest.fixture
def before(tmp_path):
    made = []

    def one(address, pool=None, route=None, **settings):
        made.append(Hawser(tmp_path, {
            "listeners": {"web": {}},
            "pools": {"greeters": {"protocol": "h2c", "servers": {"a": address},
                                   "health": {"passive": "off"}, **(pool or {})}},
            "routes": [{"pool": "greeters", **(route or {})}]} | settings))
        return made[-1]

    yield one
    for each in made:
        each.stop()


def call(hawser, fields=tuple(CALL), body: bytes | None = MESSAGE):
    with H2Client(hawser.port) as client:
        return client.get(fields, body=body)


def assert_told(answer, code: int) -> None:
    """Trailers-Only: one head that ends the stream."""
    assert answer.status == 200 and len(answer.heads) == 1 and answer.body == b""
    assert answer.ended and answer.reset in (None, 0)
    head = answer.heads[0]
    assert head["content-type"] == "application/grpc"
    assert head["grpc-status"] == str(code), head
    assert head["grpc-message"] and "%" not in head["grpc-message"]


# ---- errors of our own ----

def test_e184_a_server_that_is_not_there_is_unavailable(before, origin):
    origin.stop()
    hawser = before(origin.address)
    assert_told(call(hawser), 14)
    record = wait_for(hawser.access)[0]
    assert record["status"] == 200 and record["ended"] == "connect-refused"


def test_e184_an_answer_that_is_none_is_unavailable(before, origin):
    origin.at_end = lambda asked, steps: steps.head([(":status", "99")], ends=True)
    assert_told(call(before(origin.address)), 14)


def test_e184_an_answer_that_comes_too_late_is_a_deadline(before, origin):
    origin.at_end = lambda asked, steps: b""
    assert_told(call(before(origin.address, pool={"timeouts": {"response": "200ms"}})), 4)


def test_e184_limits_are_exhausted(before, origin):
    hawser = before(origin.address, pool={"affinity": []},
                    route={"rate-limit": "1/h", "max-body": "1KiB"})
    assert_told(call(hawser, [*CALL, ("content-length", "2000")], body=b"x" * 2000), 8)
    assert call(hawser).heads[-1].get("grpc-status") != "8", "the bucket's only token"
    assert_told(call(hawser), 8)


def test_e184_without_a_route_the_method_is_unknown(before, origin):
    assert_told(call(before(origin.address, route={"path": "/other/"})), 12)


def test_e184_other_requests_are_told_as_ever(before, origin):
    origin.stop()
    hawser = before(origin.address)
    for kind in ("application/json", "application/grpc-web+proto"):
        told = call(hawser, [*CALL[:4], ("content-type", kind)])
        assert told.status == 503 and "grpc-status" not in told.heads[0]
        assert told.body
    with RawClient(hawser.port) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/grpc\r\n"
                    b"Content-Length: 0\r\n\r\n")
        assert client.read_answer().status == 503, "gRPC goes over HTTP/2"


def test_e184_a_real_client_reads_them(before, origin):
    origin.at_end = lambda asked, steps: b""
    hawser = before(origin.address, pool={"timeouts": {"response": "200ms"}},
                    route={"rate-limit": "1/h"})
    told = json.loads(run_app("call.js", f"127.0.0.1:{hawser.port}", "greet", "fail"))
    assert (told["greet"]["code"], told["greet"]["details"]) == (4, "Gateway Timeout")
    assert (told["fail"]["code"], told["fail"]["details"]) == (8, "Too Many Requests")


# ---- answers without a status ----

@pytest.mark.parametrize("trailers", [None, [("served-by", "ann")], [("x-grpc-status", "0")]])
def test_e184_an_answer_without_a_status_is_a_reset(before, origin, trailers):
    def answer(asked, steps):
        rest = steps.head(trailers, ends=True) if trailers else b""
        return steps.head(OK) + steps.data(MESSAGE, ends=not trailers) + rest
    origin.at_end = answer
    hawser = before(origin.address)
    told = call(hawser)
    assert told.reset == INTERNAL_ERROR and not told.ended and not told.trailers
    assert wait_for(hawser.access)[0]["ended"] == "grpc-status-missing"


def test_e184_a_head_alone_without_a_status_is_a_reset(before, origin):
    origin.at_end = lambda asked, steps: steps.head(OK, ends=True)
    told = call(before(origin.address))
    assert told.reset == INTERNAL_ERROR and not told.ended


def test_e184_a_server_that_breaks_off_is_a_reset(before, origin):
    origin.at_end = lambda asked, steps: steps.head(OK) + steps.data(MESSAGE) + steps.reset(2)
    told = call(before(origin.address))
    assert told.reset == INTERNAL_ERROR and not told.ended


@pytest.mark.parametrize("code", ["0", "5"])
def test_e184_a_status_goes_through_as_it_is(before, origin, code):
    status = [("grpc-status", code)]
    origin.at_end = lambda asked, steps: \
        steps.head(OK) + steps.data(MESSAGE) + steps.head(status, ends=True)
    hawser = before(origin.address)
    told = call(hawser)
    assert told.body == MESSAGE and told.trailers == {"grpc-status": code}
    origin.at_end = lambda asked, steps: steps.head(OK + status, ends=True)
    told = call(hawser)
    assert told.ended and told.heads[0]["grpc-status"] == code


def test_e184_answers_that_are_no_grpc_need_no_status(before, origin):
    origin.at_end = lambda asked, steps: steps.whole(b"plain")
    told = call(before(origin.address))
    assert told.ended and told.body == b"plain"
