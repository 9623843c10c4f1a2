# SPDX-License-Identifier: Apache-2.0
"""Whose mark it is (docs/affinity.md): clients that show a mark which another one was given."""

import pytest

from fleet import Verdict, Visitor
from harness import answer, wait_for
from operators import Operated, command, operated_by  # noqa: F401  (a fixture)

HOME, ROAD, THIEF = ("192.0.2.77", "Firefox"), ("198.51.100.9", "Firefox"), ("203.0.113.66", "curl")


def like(client: tuple[str, str]) -> list[str]:
    return [f"X-Forwarded-For: {client[0]}", f"User-Agent: {client[1]}"]


def ask(who: Visitor, client: tuple[str, str], *more: str) -> Verdict:
    return Verdict.of(who.ask("GET / HTTP/1.1", *like(client), *more))


@pytest.fixture
def shop(operated_by):  # noqa: F811
    def make(**print_) -> Operated:
        return operated_by("ab", listener={"trusted-proxies": ["127.0.0.0/8"]},
                           pool={"affinity": [{"cookie": {"fingerprint": print_}}]})
    return make


def begun(node: Operated) -> tuple[Visitor, str]:
    who = node.visitor()
    server = ask(who, HOME).server
    assert ask(who, HOME) == Verdict("hit", "", server)
    return who, server


def copy_of(node: Operated, who: Visitor) -> Visitor:
    return node.visitor(who.cookie)


def challenges(node: Operated) -> list[str]:
    return [value for each in node.requests for value in each.values("Hawser-Challenge")]


def test_who_is_on_the_road_is_nobody_else(shop):
    node = shop(then="unbind")
    who, server = begun(node)
    for client in (ROAD, HOME, ROAD):
        assert ask(who, client) == Verdict("hit", "", server)


def test_another_client_is_told_in_log_and_metrics_once(shop):
    node = shop()
    who, server = begun(node)
    thief = copy_of(node, who)
    assert ask(thief, THIEF) == Verdict("hit", "other-client", server)
    assert ask(thief, THIEF) == Verdict("hit", "", server)
    assert ask(who, HOME) == Verdict("hit", "", server)
    assert node.unusable("other-client") == 1
    logged = wait_for(lambda: len(node.hawser.access()) == 5 and node.hawser.access(), "all are told")
    assert [each["cause"] for each in logged].count("other-client") == 1
    assert challenges(node) == []


def test_another_client_is_unbound(shop):
    node = shop(then="unbind")
    who, server = begun(node)
    thief = copy_of(node, who)
    told = node.act("/v1/explain", {"listener": "web", "host": "shop.example", "source": THIEF[0],
                                    "cookies": [who.cookie], "headers": like(THIEF)[1:]})
    assert '"cause":"other-client"' in told.text.replace(" ", "")
    first = ask(thief, THIEF)
    assert (first.verdict, first.cause) == ("new", "other-client")
    assert thief.cookie != who.cookie
    assert ask(thief, THIEF) == Verdict("hit", "", first.server)
    assert ask(who, HOME) == Verdict("hit", "", server), "whose mark it is keeps the session"


def test_a_server_is_challenged_until_it_accepts(shop):
    node = shop(then="challenge")
    who, server = begun(node)
    thief = copy_of(node, who)
    for count in (1, 2):
        assert ask(thief, THIEF, "Hawser-Challenge: none") == Verdict("hit", "other-client", server)
        assert challenges(node) == ["network, user-agent"] * count
    node[server].script = lambda _: [answer(server.encode(), "200 OK", "Hawser-Session: accept")]
    ask(thief, THIEF)
    assert ask(thief, THIEF) == Verdict("hit", "", server)
    assert challenges(node) == ["network, user-agent"] * 3


def test_a_mark_keeps_to_its_listener_where_that_is_wanted(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"affinity": [{"cookie": {"listeners": "own"}}]},
                       listeners={"web": {}, "intranet": {}})
    who = node.visitor()
    who.ask()
    assert Verdict.of(who.ask()).verdict == "hit"
    told = Verdict.of(node.hawser.ask(who.request(), "intranet"))
    assert (told.verdict, told.cause) == ("new", "foreign-listener")
    assert Verdict.of(who.ask()).verdict == "hit"
    assert node.unusable("foreign-listener") == 1


@pytest.mark.parametrize("wrong", [{"of": []}, {"of": ["tls", "tls"]}, {"ipv4-prefix": 33},
                                   {"then": "shout"}])
def test_a_fingerprint_of_nothing_is_an_error(tmp_path, wrong):
    file = tmp_path / "hawser.yaml"
    file.write_text(f"""
listeners: {{web: {{bind: ':8080'}}}}
pools: {{shop: {{servers: {{a: '127.0.0.1:1'}}, affinity: [{{cookie: {{fingerprint: {wrong}}}}}]}}}}
routes: [{{pool: shop}}]
""")
    told = command("check", str(file))
    assert told.returncode == 1 and "hawser.yaml:3:" in told.stdout + told.stderr
