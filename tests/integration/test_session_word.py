# SPDX-License-Identifier: Apache-2.0
"""What servers say of sessions in `Hawser-Session` (docs/policies.md), with every kind that has a key."""

import concurrent.futures
import threading

import pytest

from fleet import Fleet, Verdict
from harness import PATIENCE, answer, wait_for
from operators import operated_by  # noqa: F401  (a fixture)

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


def test_a_mark_that_was_to_be_forgotten_is_replayed(operated_by):  # noqa: F811
    node = operated_by("abc")
    talk = Talk(node, ())
    kept = talk.cookie
    assert talk.told("end").verdict == "hit"
    for _ in range(2):
        talk.cookie = kept
        told = talk.told()
        assert (told.verdict, told.cause) == ("new", "replayed")
        assert talk.cookie not in ("", kept), "its client has another session"
        assert talk.told().verdict == "hit"
    assert node.unusable("replayed") == 2
    logged = wait_for(lambda: len(node.hawser.access()) == 7 and node.hawser.access(), "all are told")
    assert [each["cause"] for each in logged].count("replayed") == 2


def test_an_answer_that_comes_after_the_end_gives_the_session_to_nobody(tmp_path):
    fleet = Fleet(tmp_path, "a")
    talk = Talk(fleet, ())
    kept, gate = talk.cookie, threading.Event()

    def hold(_):
        gate.wait(PATIENCE)
        return [answer(b"a")]
    fleet["a"].script = hold
    with concurrent.futures.ThreadPoolExecutor(1) as beside:
        late = beside.submit(fleet.hawser.ask, "\r\n".join(
            ["GET /late HTTP/1.1", "Host: shop.example", f"Cookie: {kept}", "", ""]).encode())
        wait_for(lambda: fleet["a"].requests[-1].target == "/late", "the first one is under way")
        talk.told("end")
        gate.set()
        [mark] = late.result().values("Set-Cookie")
    assert mark.startswith(kept.partition("=")[0]) and "Max-Age=0" in mark
    fleet.stop()


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
