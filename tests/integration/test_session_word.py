# SPDX-License-Identifier: Apache-2.0
"""What servers say of sessions in `Hawser-Session` (docs/policies.md), with every kind that has a key."""

import pytest

from fleet import Fleet, Verdict
from harness import answer

KINDS = {"cookie": ("cookie", ()),
         "header": ({"header": "X-Session"}, ("X-Session: 4711",)),
         "application-cookie": ({"application-cookie": "SID"}, ("Cookie: SID=4711",)),
         "shadow": ({"application-cookie": {"name": "SID", "carrier": "shadow"}},
                    ("Cookie: SID=4711",))}


class Talk:
    """One client of a fleet whose servers say what the test wants."""

    def __init__(self, fleet: Fleet, fields: tuple[str, ...]):
        self.fleet, self.fields, self.cookie = fleet, fields, ""
        self.home = self.ask().body.decode()
        assert self.told().verdict == "hit"

    def ask(self, *more: str, word: str = ""):
        for name, origin in self.fleet.origins.items():
            lines = [f"Hawser-Session: {word}"] if word else []
            origin.script = lambda _, name=name, lines=lines: [
                answer(name.encode(), "200 OK", *lines)]
        cookies = [f"Cookie: {self.cookie}"] if self.cookie else []
        told = self.fleet.hawser.ask("\r\n".join([
            "GET / HTTP/1.1", "Host: shop.example", *self.fields, *cookies, *more, "", ""]).encode())
        for mark in told.values("Set-Cookie"):
            self.cookie = "" if "Max-Age=0" in mark else mark.split(";")[0]
        assert told.value("Hawser-Session") is None
        assert not self.fleet.requests[-1].values("Hawser-Session")
        return told

    def told(self, word: str = "") -> Verdict:
        return Verdict.of(self.ask(word=word))


@pytest.fixture(params=KINDS)
def talk(request, tmp_path):
    affinity, fields = KINDS[request.param]
    fleet = Fleet(tmp_path, "abc", pool={"balance": "round-robin", "affinity": [affinity]})
    yield Talk(fleet, fields)
    fleet.stop()


def test_end(talk):
    assert talk.told("end") == Verdict("hit", "", talk.home)
    assert talk.cookie == ""
    assert talk.told().verdict == "new"


def test_move_to_whichever_and_to_one_that_is_named(talk):
    assert talk.told("move") == Verdict("moved", "application", talk.home)
    second = talk.told()
    assert second.verdict == "hit" and second.server != talk.home
    [third] = set("abc") - {talk.home, second.server}
    assert talk.told(f"move={third}") == Verdict("moved", "application", second.server)
    assert talk.told() == Verdict("hit", "", third)


def test_what_a_client_says_is_nothing(talk):
    for word in ("end", "move", "may-move"):
        talk.ask(f"Hawser-Session: {word}")
        assert talk.told() == Verdict("hit", "", talk.home)
