# SPDX-License-Identifier: Apache-2.0
"""E181: what a server of HTTP/2 says it has not taken goes once more."""

import pytest

from edge import post, request
from h2_client import CANCEL, ENHANCE_YOUR_CALM, INTERNAL_ERROR, REFUSED_STREAM
from h2_origin import H2Origin
from harness import Hawser, wait_for

SMALL = b"x" * 4000
LARGE = b"x" * 200_000


@pytest.fixture
def origin():
    made = H2Origin()
    yield made
    made.stop()


@pytest.fixture
def hawser(tmp_path, origin):
    made = Hawser(tmp_path, {
        "listeners": {"web": {}},
        "pools": {"shop": {"protocol": "h2c", "servers": {"a": origin.address}}},
        "routes": [{"pool": "shop"}]})
    yield made
    made.stop()


def once(origin, what) -> None:
    """The first request gets this, the others an answer."""
    def at_end(asked, steps):
        return what(asked, steps) if len(origin.requests) == 1 else steps.whole(asked.body or b"ok")
    origin.at_end = at_end


def refuse(asked, steps) -> bytes:
    return steps.reset(REFUSED_STREAM)


def go_away(asked, steps) -> bytes:
    return steps.goaway(asked.stream - 2 if asked.stream > 1 else 0)


@pytest.mark.parametrize("says", [refuse, go_away])
@pytest.mark.parametrize("method", [b"GET", b"POST", b"DELETE"])
def test_e181_a_request_without_a_body_goes_once_more(hawser, origin, says, method):
    once(origin, says)
    told = hawser.ask(request(method + b" / HTTP/1.1", b"Content-Length: 0"))
    assert told.status == 200
    assert [each.fields[":method"] for each in origin.requests] == [method.decode()] * 2


@pytest.mark.parametrize("says", [refuse, go_away])
def test_e181_a_small_body_that_is_still_held_goes_once_more_whole(hawser, origin, says):
    once(origin, says)
    told = hawser.ask(post(b"Content-Length: %d" % len(SMALL), body=SMALL))
    assert told.status == 200 and told.body == SMALL
    assert [each.body for each in origin.requests] == [SMALL, SMALL]
    assert [each.ended for each in origin.requests] == [True, True]


def test_e181_what_is_refused_again_is_503(hawser, origin):
    origin.at_end = refuse
    told = hawser.ask(post(b"Content-Length: %d" % len(SMALL), body=SMALL))
    assert told.status == 503
    assert len(origin.requests) == 2, "once more, not for ever (E71)"


def test_e181_a_body_that_has_gone_on_is_not_sent_twice(hawser, origin):
    once(origin, refuse)
    told = hawser.ask(post(b"Content-Length: %d" % len(LARGE), body=LARGE))
    assert told.status == 503 and told.value("Retry-After")
    assert len(origin.requests) == 1


@pytest.mark.parametrize("code", [CANCEL, INTERNAL_ERROR, ENHANCE_YOUR_CALM])
def test_e181_any_other_reset_may_have_had_an_effect(hawser, origin, code):
    once(origin, lambda asked, steps: steps.reset(code))
    told = hawser.ask(post(b"Content-Length: %d" % len(SMALL), body=SMALL))
    assert told.status == 502
    assert len(origin.requests) == 1


def test_e181_of_a_connection_that_goes_away_the_lower_streams_are_answered(hawser, origin):
    """The last id that the server names is one that it serves."""
    held = []

    def at_end(asked, steps):
        if len(origin.requests) == 1:
            held.append((asked, steps))
            return b""
        if len(origin.requests) == 2 and held:
            first, of_first = held.pop()
            return steps.goaway(first.stream) + of_first.whole(b"first")
        return steps.whole(b"second")
    origin.at_end = at_end
    with hawser.connect() as one, hawser.connect() as other:
        one.send(request())
        wait_for(lambda: held, "the first is with the server")
        other.send(request())
        assert one.read_answer().body == b"first"
        assert other.read_answer().body == b"second"
    assert [each.connection for each in origin.requests] == [0, 0, 1]
