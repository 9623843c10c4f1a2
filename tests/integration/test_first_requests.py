# SPDX-License-Identifier: Apache-2.0
"""First requests of one client, all at once: with a key by every kind, and without one (docs/policies.md)."""

import concurrent.futures
import threading

import pytest

from authorities import Authority, TlsClient
from fleet import Fleet, Verdict, marks_of, pair_of
from harness import Hawser, answer
from operators import Operated, operated_by  # noqa: F401  (a fixture)
from test_outcomes import KINDS

AT_ONCE = 8


class Rush:
    """So many requests are with the servers before the first one is answered."""

    def __init__(self, fleet: Fleet, count: int = AT_ONCE):
        self.barrier = threading.Barrier(count, timeout=30)
        for name, origin in fleet.origins.items():
            origin.script = lambda _, name=name: self.serve(name)
        self.count = count

    def serve(self, name: str) -> list[bytes]:
        self.barrier.wait()
        return [answer(name.encode())]

    def of(self, ask) -> list:
        with concurrent.futures.ThreadPoolExecutor(self.count) as at_once:
            return list(at_once.map(lambda _: ask(), range(self.count)))


def request(target: str, *fields: str) -> bytes:
    return "\r\n".join([f"GET {target} HTTP/1.1", "Host: shop.example", *fields, "", ""]).encode()


@pytest.mark.parametrize("kind", [each for each in KINDS if each != "cookie"])
def test_with_a_key_they_end_on_one_server(operated_by, tmp_path, kind):  # noqa: F811
    (tmp_path / "clients").mkdir()
    authority = Authority(tmp_path / "clients")
    own = authority.issue("shop.example")
    node = operated_by("abc", workers=2, listener={"tls": {
        "certificates": [own.settings],
        "client-certificates": {"ca": str(authority.path), "mode": "require"}}},
        pool={"balance": "round-robin", "affinity": [KINDS[kind].affinity]})
    terms = authority.trust(own)

    def ask():
        with TlsClient(node.hawser.port, terms) as client:
            return client.send(request(f"/{KINDS[kind].target}", *KINDS[kind].fields)).read_answer()
    told = Rush(node).of(ask)
    assert len({each.body for each in told}) == 1


def keyless(node: Operated, agent: str = "browser", hawser: Hawser | None = None):
    return (hawser or node.hawser).ask(request("/", f"User-Agent: {agent}"))


def ended(node: Operated, cause: str) -> float:
    return sum(count for series, count in node.metrics().items()
               if "sessions_tentative_ended_total" in series and f'cause="{cause}"' in series)


def test_without_a_key_each_is_a_session_of_its_own(operated_by):  # noqa: F811
    node = operated_by("abc", workers=2, pool={"balance": "round-robin"})
    told = Rush(node).of(lambda: keyless(node))
    assert len({each.body for each in told}) == 3


def test_first_claims_join_those_of_one_client(operated_by):  # noqa: F811
    node = operated_by("abc", workers=2, pool={"balance": "round-robin", "first-claim": "20s"})
    told = Rush(node).of(lambda: keyless(node))
    assert len({each.body for each in told}) == 1
    marks = {pair_of(marks_of(each)[0]) for each in told}
    assert len(marks) == AT_ONCE, "each is a session of its own all the same"

    kept, *lost = marks
    Rush(node, 1)
    node.hawser.ask(request("/", "User-Agent: browser", f"Cookie: {kept}"))
    assert ended(node, "superseded") == AT_ONCE - 1
    for mark in lost:
        again = node.hawser.ask(request("/", "User-Agent: browser", f"Cookie: {mark}"))
        assert Verdict.of(again) == Verdict("hit", "", told[0].body.decode())


def test_two_nodes_agree_on_first_requests(operated_by, tmp_path):  # noqa: F811
    node = operated_by("abc", keys=str(tmp_path / "keys"), pool={
        "balance": "round-robin", "first-claim": {"for": "20s", "by": ["user-agent"]},
        "placement": "agreed"})
    (tmp_path / "second").mkdir()
    settings = node.hawser.settings
    second = Hawser(tmp_path / "second", {
        "listeners": {"web": {}}, "pools": settings["pools"], "routes": settings["routes"],
        "debug-header": settings["debug-header"], "keys": settings["keys"]})
    try:
        homes = set()
        for n in range(16):
            told = [keyless(node, f"browser-{n}", each) for each in (node.hawser, second) * 2]
            assert len({each.body for each in told}) == 1
            homes.add(told[0].body)
        assert len(homes) > 1
    finally:
        second.stop()
