# SPDX-License-Identifier: Apache-2.0
"""Rate limits by key, shared by all workers: 429 with Retry-After."""

import http.client
import re

import pytest

from edge import post, request
from fleet import Verdict
from h2_client import GET, H2Client
from harness import PATIENCE, wait_for
from operators import Operated

KEYED = [b"X-Api-Key: %d" % at for at in range(2)]


@pytest.fixture
def operated(tmp_path):
    made = []

    def make(**settings):
        made.append(Operated(tmp_path, "ab", **settings))
        return made[0]

    yield make
    for each in made:
        each.stop()


def statuses(fleet, count: int, payload: bytes = request()) -> list[int]:
    """Each over a connection of its own, so that the kernel spreads them over the workers."""
    return [fleet.hawser.ask(payload).status for _ in range(count)]


def refused(fleet) -> dict[str, int]:
    """By the labels of the limit."""
    text = fleet.admin("GET", "/metrics").text
    return {labels: int(count) for labels, count in
            re.findall(r"^hawser_rate_limited_total\{(.*)\} (\d+)$", text, re.M)}


def test_a_client_that_asks_too_often_gets_429_whichever_worker_it_meets(operated):
    fleet = operated(workers=4, route={"rate-limit": {"rate": "1/h", "burst": 10}})
    told = statuses(fleet, 20)
    assert told == [200] * 10 + [429] * 10, "one bucket for all workers"
    assert len(fleet.requests) == 10
    last = fleet.hawser.ask(request())
    assert 3000 <= int(last.value("Retry-After")) <= 3600
    assert refused(fleet) == {'listener="",route="any",key="client-address"': 11}
    record = wait_for(lambda: [each for each in fleet.hawser.access() if each["status"] == 429])[0]
    assert record["ended"] == "rate-limit"


def test_a_listeners_limit_comes_before_its_routes(operated):
    fleet = operated(listener={"rate-limit": "2/h"}, route={"path": "/shop/"})
    assert statuses(fleet, 3) == [404, 404, 429]
    assert refused(fleet) == {'listener="web",route="",key="client-address"': 1}


def test_a_fields_value_and_a_session_are_keys(operated):
    fleet = operated(route={"rate-limit": [
        {"key": {"header": "X-Api-Key"}, "rate": "2/h"}, {"key": "session", "rate": "3/h"}]})
    one, other = (request(b"GET / HTTP/1.1", each) for each in KEYED)
    assert statuses(fleet, 3, one) == [200, 200, 429]
    assert statuses(fleet, 2, other) == [200, 429], "the third without a session"

    fleet.hawser.settings["routes"][0]["rate-limit"] = {"key": "session", "rate": "2/h"}
    fleet.hawser.reload()
    first, second = fleet.visitor(), fleet.visitor()
    assert [first.ask().status for _ in range(2)] == [200, 200]
    assert [second.ask().status for _ in range(2)] == [200, 200]
    assert [each.ask().status for each in (first, first)] == [200, 429]
    assert Verdict.of(second.ask()).verdict == "hit", "its own bucket has one left"
    assert second.ask().status == 429


def test_what_was_used_up_stays_so_over_a_reload_that_leaves_the_limit(operated):
    fleet = operated(workers=2, route={"rate-limit": "3/h"})
    assert statuses(fleet, 4) == [200, 200, 200, 429]
    route = fleet.hawser.settings["routes"][0]
    route["max-body"] = "1MiB"
    fleet.hawser.reload()
    assert statuses(fleet, 1) == [429]
    assert list(refused(fleet).values()) == [2], "the counter goes on too"
    route["rate-limit"] = "4/h"
    fleet.hawser.reload()
    assert statuses(fleet, 5) == [200] * 4 + [429]
    del route["rate-limit"]
    fleet.hawser.reload()
    assert statuses(fleet, 6) == [200] * 6
    assert refused(fleet) == {}


def test_a_refused_request_leaves_the_connection_in_order(operated):
    fleet = operated(route={"rate-limit": "1/h"})
    with fleet.connect() as client:
        assert client.send(request()).read_answer().status == 200
        for _ in range(3):
            assert client.send(request()).read_answer().status == 429
        begun = client.send(post(b"Content-Length: 5", body=b"hel")).read_answer()
        assert begun.status == 429 and begun.value("Connection") == "close"
    assert len(fleet.requests) == 1


def test_streams_of_http2_are_counted_like_requests(operated):
    fleet = operated(route={"rate-limit": "2/h"})
    with H2Client(fleet.hawser.port) as client:
        told = [client.get(GET) for _ in range(4)]
    assert [each.status for each in told] == [200, 200, 429, 429]
    assert told[2].heads[-1]["retry-after"]
    assert len(fleet.requests) == 2


def test_a_fixed_answer_is_limited_too(operated):
    fleet = operated()
    fleet.hawser.settings["routes"] = [
        {"path": "/hello", "respond": {"status": 200}, "rate-limit": "1/h"}, {"pool": "shop"}]
    fleet.hawser.reload()
    assert statuses(fleet, 2, request(b"GET /hello HTTP/1.1")) == [200, 429]
    assert statuses(fleet, 1) == [200]


def test_e132_the_address_is_that_of_the_client_behind_trusted_proxies(operated):
    fleet = operated(listener={"rate-limit": "1/h", "trusted-proxies": ["127.0.0.1"]})
    by = [request(b"GET / HTTP/1.1", b"X-Forwarded-For: 198.51.100.7, 192.0.2.%d" % at)
          for at in (1, 2)]
    assert statuses(fleet, 2, by[0]) == [200, 429]
    assert statuses(fleet, 2, by[1]) == [200, 429], "another client of the same proxy"


def test_another_address_has_a_bucket_of_its_own(operated):
    fleet = operated(listener={"rate-limit": "1/h"})
    assert statuses(fleet, 2) == [200, 429]
    asked = http.client.HTTPConnection("127.0.0.1", fleet.hawser.port, timeout=PATIENCE,
                                       source_address=("127.0.0.2", 0))
    asked.request("GET", "/")
    assert asked.getresponse().status == 200
    asked.close()
