# SPDX-License-Identifier: Apache-2.0
"""E150-E160: the session cookie is found, kept from the server, and given only when it changes."""

import base64
import re
import threading

import pytest

from carriers import EVERY, http1_only
from edge import request
from fleet import (Fleet, Verdict, Visitor, answers_its_name, closed_port, marks_of,
                   pair_of)
from harness import answer, wait_for

OVER = EVERY


@pytest.fixture(scope="module")
def shared(tmp_path_factory, carrier):
    """Three servers, by round robin: who is not recognised is served by the next."""
    made = Fleet(tmp_path_factory.mktemp("affinity"), "abc", pool={"balance": "round-robin"},
                 carrier=carrier)
    yield made
    made.stop()


@pytest.fixture
def fleet(shared):
    for name, origin in shared.origins.items():
        origin.forget()
        origin.script = lambda _, name=name: [answer(name.encode())]
    yield shared
    shared.hawser.assert_alive()


def newcomer(fleet) -> tuple[Visitor, str]:
    """A visitor with a session, and its home."""
    visitor = fleet.visitor()
    told = visitor.ask()
    assert Verdict.of(told).verdict == "new" and visitor.cookie
    return visitor, told.body.decode()


def ask_with(fleet, *cookie_fields: str):
    lines = ["GET / HTTP/1.1", "Host: shop.example", *cookie_fields, "", ""]
    return fleet.hawser.ask("\r\n".join(lines).encode("latin-1"))


def flipped(token: str, at: int) -> str:
    return token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1:]


# ---- E150, E151, E153: which cookie it is ----

OTHERS = "; ".join(f"c{i}=v{i}" for i in range(50))


@pytest.mark.parametrize("shape", [
    ("Cookie: %s",), ("Cookie: a=b; %s",), ("Cookie: %s; a=b",), ("Cookie: a=b;%s;c=d",),
    (f"Cookie: {OTHERS}; %s; {OTHERS}",), ("Cookie: a=b", "Cookie: %s"),
    ("cookie: %s", "COOKIE: a=b"),
    ("Cookie: a=b;\t%s\t;c=d",), ("Cookie: ;;%s;;",), ("Cookie: lone; %s",), ("Cookie: =x; %s",),
    ("Cookie:   %s  ",), ("Cookie: a=b; ; %s;",)])
def test_e150_the_cookie_is_found_at_any_place(fleet, shape):
    visitor, home = newcomer(fleet)
    for _ in range(4):
        told = ask_with(fleet, *[line.replace("%s", visitor.cookie) for line in shape])
        assert told.body.decode() == home and Verdict.of(told).verdict == "hit"
        assert marks_of(told) == []


def test_e150_names_are_exact_and_other_names_are_others(fleet):
    visitor, _ = newcomer(fleet)
    name, token = visitor.cookie.split("=", 1)
    for other in (f"x{name}={token}", f"{name}x={token}", f"x={name}={token}",
                  f"{name.upper()}={token}", f"{name} x={token}", f"{name}",
                  f"{name[:-1]}={token}", f" x {name}={token}"):
        told = ask_with(fleet, f"Cookie: {other}")
        assert Verdict.of(told) == Verdict("new", "no-key", told.body.decode()), other
        assert len(marks_of(told)) == 1


@pytest.mark.parametrize("shape", ['Cookie: q="a; %s; b"', 'Cookie: q="; %s',
                                   'Cookie: q="\\"; %s; r="', 'Cookie: %s; q="'])
def test_e151_quotes_of_other_cookies_do_not_hide_ours(fleet, shape):
    visitor, home = newcomer(fleet)
    told = ask_with(fleet, shape.replace("%s", visitor.cookie))
    assert Verdict.of(told).verdict == "hit" and told.body.decode() == home


def test_e151_our_value_in_quotes_is_the_same_session_or_a_new_one(fleet):
    visitor, home = newcomer(fleet)
    name, token = visitor.cookie.split("=", 1)
    told = ask_with(fleet, f'Cookie: {name}="{token}"')
    assert told.status == 200
    assert Verdict.of(told) == Verdict("hit", "", home) or Verdict.of(told).verdict == "new"


def test_e153_of_several_values_the_first_that_verifies_counts(fleet):
    first, home = newcomer(fleet)
    second, other_home = newcomer(fleet)
    assert home != other_home
    name, token = first.cookie.split("=", 1)
    bad = f"{name}={flipped(token, 60)}"
    for shape, wanted in (((first.cookie, second.cookie), home),
                          ((second.cookie, first.cookie), other_home),
                          ((bad, first.cookie), home), ((first.cookie, bad), home),
                          ((f"{name}=", f"{name}=x", first.cookie), home)):
        for fields in (["Cookie: " + "; ".join(shape)], [f"Cookie: {each}" for each in shape]):
            told = ask_with(fleet, *fields)
            assert told.body.decode() == wanted and Verdict.of(told).verdict == "hit"


# ---- E152: what the server sees ----

@pytest.mark.parametrize("sent,seen", [
    ("%s", None), ("a=b; %s", "a=b"), ("%s; a=b", "a=b"), ("a=b; %s; c=d", "a=b; c=d"),
    ("a=b;%s;c=d", "a=b;c=d"), ('q="x y"; %s; r=1; lone', 'q="x y"; r=1; lone'),
    ("%s; %s; a=b; %s", "a=b"), ("a=b; %n=forged; c=d", "a=b; c=d"), ("%n=; a=b", "a=b"),
    ("x%s; a=b", "x%s; a=b"), ("a=1;  b=2;c=3; %s", "a=1;  b=2;c=3"), ("%n=x", None)])
def test_e152_ours_is_stripped_and_all_others_stay(fleet, sent, seen):
    visitor, _ = newcomer(fleet)
    name = visitor.cookie.split("=")[0]

    def filled(shape: str) -> str:
        return shape.replace("%s", visitor.cookie).replace("%n", name)

    home = ask_with(fleet, "Cookie: " + filled(sent)).body.decode()
    assert fleet[home].requests[-1].values("Cookie") == ([filled(seen)] if seen is not None else [])


@http1_only
def test_e152_a_second_field_that_is_left_empty_vanishes(fleet):
    visitor, home = newcomer(fleet)
    ask_with(fleet, "Cookie: a=b", f"Cookie: {visitor.cookie}", "Cookie: c=d")
    assert fleet[home].requests[-1].values("Cookie") == ["a=b", "c=d"]


def test_e152_the_setting_forward_lets_the_server_see_it(fleet_of):
    fleet = fleet_of("a", pool={"affinity": [{"cookie": {"forward": True}}]})
    visitor = fleet.visitor()
    for _ in range(2):
        visitor.ask()
    assert fleet["a"].requests[1].values("Cookie") == [visitor.cookie]


# ---- E154: what does not verify ----

def damaged(token: str) -> dict[str, str]:
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    return {
        "empty": "", "one byte": "A", "cut": token[:-1], "half": token[:len(token) // 2],
        "longer": token + "A", "twice": token + token, "padded": token + "=",
        "other alphabet": token.replace("-", "+").replace("_", "/") + "+",
        "blank inside": token[:9] + " " + token[10:],
        "version": base64.urlsafe_b64encode(b"\x02" + raw[1:]).decode().rstrip("="),
        "zeros": "A" * len(token), "oversize": "A" * 1500, "percent": "%41" + token[1:],
        "non-ascii": token[:9] + "\xff" + token[10:],
    }


@pytest.mark.parametrize("kind", damaged("A" * 108))
def test_e154_a_damaged_token_begins_a_new_session(fleet, kind):
    visitor, _ = newcomer(fleet)
    name, token = visitor.cookie.split("=", 1)
    told = ask_with(fleet, f"Cookie: {name}={damaged(token)[kind]}")
    assert told.status == 200
    verdict = Verdict.of(told)
    assert verdict.verdict == "new" and verdict.cause in ("forged", "foreign", "no-key"), verdict
    assert len(marks_of(told)) == 1 and pair_of(marks_of(told)[0]) != visitor.cookie


def test_e154_every_changed_character_is_noticed(fleet):
    visitor, _ = newcomer(fleet)
    name, token = visitor.cookie.split("=", 1)
    with fleet.connect() as client:
        for at in range(len(token)):
            client.send(Visitor(fleet.hawser, f"{name}={flipped(token, at)}").request())
            assert Verdict.of(client.read_answer()).cause in ("forged", "foreign"), at


def test_e154_tokens_of_another_pool_or_another_key_are_foreign(fleet, fleet_of):
    visitor, _ = newcomer(fleet)
    stranger = fleet_of("a")  # the same pool's name, a key of its own
    told = Visitor(stranger.hawser, visitor.cookie).ask()
    assert Verdict.of(told) == Verdict("new", "foreign", "a")
    assert len(marks_of(told)) == 1


def test_e154_an_expired_token_begins_a_new_session(fleet_of):
    fleet = fleet_of("a", pool={"affinity": [{"cookie": {"ttl": "1s", "absolute": "1s"}}]},
                     sessions={"idle-timeout": "1s", "absolute-timeout": "1s"})
    visitor = fleet.visitor()
    visitor.ask()
    old = visitor.cookie
    told = wait_for(lambda: (lambda t: t if Verdict.of(t).verdict == "new" else None)(
        Visitor(fleet.hawser, old).ask()), "the session expires")
    assert Verdict.of(told).cause == "expired"
    assert len(marks_of(told)) == 1 and pair_of(marks_of(told)[0]) != old


def test_e154_a_token_is_never_logged(fleet):
    visitor, _ = newcomer(fleet)
    name, token = visitor.cookie.split("=", 1)
    with fleet.connect() as client:
        client.send(visitor.request())
        client.read_answer()
        client.send(Visitor(fleet.hawser, f"{name}={flipped(token, 50)}").request())
        client.read_answer()
        client.close()
        fleet.hawser.access_of(client, 2)
    logged = fleet.hawser.access_path.read_text() + fleet.hawser.errors()
    assert token[:40] not in logged and token[-40:] not in logged


# ---- E155: decided by the request ----

def test_e155_every_request_of_a_pipeline_goes_to_its_own_home(fleet):
    visitors = [newcomer(fleet) for _ in range(6)]
    order = [visitors[at] for at in (0, 1, 2, 0, 3, 4, 5, 5, 1, 0, 2)]
    with fleet.connect() as client:
        client.send(b"".join(visitor.request() for visitor, _ in order))
        assert [client.read_answer().body.decode() for _ in order] == [home for _, home in order]


def test_e155_a_request_without_the_cookie_on_a_sessions_connection_is_a_new_session(fleet):
    visitor, _ = newcomer(fleet)
    with fleet.connect() as client:
        seen = set()
        for _ in range(5):
            assert Verdict.of(visitor.ask(over=client)).verdict == "hit"
            told = client.send(request()).read_answer()
            assert Verdict.of(told).verdict == "new"
            seen.add(pair_of(marks_of(told)[0]))
        assert len(seen) == 5


# ---- E156, E157, E158: what the client gets ----

def test_e156_one_cookie_only_when_the_mark_changes(fleet):
    visitor = fleet.visitor()
    for _ in range(10):
        visitor.ask()
    assert visitor.marks == 1


def test_e156_it_is_for_the_whole_site_and_out_of_reach_of_scripts(fleet, carrier):
    prefix, secure = ("", "") if carrier == "clear" else ("__Host-", "; Secure")
    mark = marks_of(fleet.visitor().ask())[0]
    token = r"hawser-[0-9a-f]{8}=[A-Za-z0-9_-]+"
    assert re.fullmatch(f"{prefix}{token}; Path=/{secure}; HttpOnly; SameSite=Lax", mark), mark


def test_e156_secure_marks_are_bound_to_the_host(fleet_of):
    settings = {"secure": "always", "same-site": "none"}
    fleet = fleet_of("a", pool={"affinity": [{"cookie": settings}]})
    visitor = fleet.visitor()
    mark = marks_of(visitor.ask())[0]
    assert mark.startswith("__Host-hawser-")
    assert {"Path=/", "Secure", "HttpOnly", "SameSite=None"} <= set(mark.split("; "))
    assert Verdict.of(visitor.ask()).verdict == "hit"


@pytest.mark.parametrize("line,status", [
    ("GET / HTTP/1.1", "200 OK"), ("HEAD / HTTP/1.1", "200 OK"), ("GET / HTTP/1.1", "204 None"),
    ("GET / HTTP/1.1", "304 Same"), ("GET / HTTP/1.1", "301 Moved"), ("GET / HTTP/1.1", "404 None"),
    ("GET / HTTP/1.1", "500 Oops"), ("GET / HTTP/1.1", "599 Odd"),
    ("OPTIONS / HTTP/1.1", "200 OK")])
def test_e156_it_is_given_on_every_status(fleet, line, status):
    for name in "abc":
        body = "" if status[:3] in ("204", "304") else "Content-Length: 0\r\n"
        fleet[name].answers(f"HTTP/1.1 {status}\r\n{body}\r\n".encode())
    visitor = fleet.visitor()
    told = visitor.ask(line)
    assert told.status == int(status[:3])
    assert visitor.marks == 1 and "private" in told.value("Cache-Control")
    home = Verdict.of(told).server
    told = visitor.ask(line)
    assert visitor.marks == 1 and Verdict.of(told) == Verdict("hit", "", home)


def test_e156_it_is_renewed_when_a_tenth_of_its_life_has_passed(fleet_of):
    fleet = fleet_of("ab", pool={"affinity": [{"cookie": {"ttl": "10s"}}]})
    visitor = fleet.visitor()
    home = visitor.ask().body
    first = visitor.cookie
    assert visitor.ask().body == home and visitor.marks == 1
    wait_for(lambda: visitor.ask().body == home and visitor.marks == 2, "it is renewed", 5)
    assert Visitor(fleet.hawser, first).ask().body == home, "the old one leads home as well"


def test_e156_interim_answers_carry_none(fleet):
    for name in "abc":
        fleet[name].answers(b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n", answer())
    with fleet.connect() as client:
        client.send(request())
        assert client.read_answer().values("Set-Cookie") == []
        assert len(marks_of(client.read_answer())) == 1


@pytest.mark.parametrize("theirs", [None, "max-age=60", "public, max-age=60", "s-maxage=600",
                                    "private, max-age=60", "no-store", "no-cache"])
def test_e157_an_answer_that_carries_it_is_not_cacheable_by_shared_caches(fleet, theirs):
    lines = [f"Cache-Control: {theirs}"] if theirs else []
    for name in "abc":
        fleet[name].answers(answer(b"x", "200 OK", *lines))
    visitor = fleet.visitor()
    first = ", ".join(visitor.ask().values("Cache-Control")).lower()
    assert "private" in first or "no-store" in first
    assert "public" not in first and "s-maxage" not in first
    assert theirs != "no-store" or "no-store" in first, "stricter than ours"
    later = visitor.ask().values("Cache-Control")
    assert later == ([theirs] if theirs else []), "untouched without"


def test_e158_cookies_of_the_server_pass_untouched_and_in_order(fleet):
    theirs = ["sid=1; Path=/; HttpOnly", "b=2", 'q="a, b"; Expires=Wed, 21 Oct 2026 07:28:00 GMT',
              "b=3"]
    for name in "abc":
        fleet[name].answers(answer(b"x", "200 OK", *[f"Set-Cookie: {each}" for each in theirs]))
    visitor = fleet.visitor()
    told = visitor.ask().values("Set-Cookie")
    assert told[:4] == theirs and len(told) == 5
    assert visitor.ask().values("Set-Cookie") == theirs


def test_e158_where_the_server_sets_ours_ours_comes_last_and_leads_back(fleet):
    visitor, home = newcomer(fleet)
    name = visitor.cookie.split("=")[0]
    fleet[home].answers(answer(home.encode(), "200 OK", f"Set-Cookie: {name}=theirs; Path=/"))
    told = fleet.hawser.ask(visitor.request())
    given = told.values("Set-Cookie")
    assert given[0] == f"{name}=theirs; Path=/" and len(given) == 2
    answers_its_name(fleet[home], home)
    back = Visitor(fleet.hawser, pair_of(given[1])).ask()
    assert back.body.decode() == home and Verdict.of(back).verdict == "hit"


def test_e159_the_value_is_opaque(fleet):
    for _ in range(3):
        visitor, home = newcomer(fleet)
        token = visitor.cookie.split("=", 1)[1]
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        port = fleet[home].port
        for secret in (b"127.0.0.1", b"shop", str(port).encode(), port.to_bytes(2, "big"),
                       port.to_bytes(2, "little"), bytes([127, 0, 0, 1]), bytes([1, 0, 0, 127])):
            assert secret not in raw or len(secret) == 2, secret
    assert len({newcomer(fleet)[0].cookie for _ in range(20)}) == 20


# ---- E148, E160: one home ----

def test_e160_parallel_requests_of_a_session_whose_home_has_died_end_on_one_new_home(fleet_of):
    fleet = fleet_of("abcd", pool={"balance": "round-robin", "retry-budget": "100%"},
                     workers=2)
    for _ in range(2):
        visitor, home = newcomer(fleet)
        fleet[home].stop()
        clients = [fleet.connect() for _ in range(40)]
        for client in clients:
            client.send(visitor.request())
        told = [client.read_answer() for client in clients]
        for client in clients:
            client.close()
        assert {each.status for each in told} == {200}
        assert len({each.body for each in told}) == 1, fleet.hawser.errors()[-2000:] + "\n".join(
            str((each["server"], each["verdict"], each.get("cause"), each.get("attempts")))
            for each in fleet.hawser.access()[-40:])
        new_home = told[0].body.decode()
        assert new_home != home
        later = Visitor(fleet.hawser, pair_of(marks_of(told[0])[0]))
        assert later.ask().body.decode() == new_home and later.marks == 0
        assert fleet.hawser.ask(visitor.request()).body.decode() == new_home, "also by its old mark"


def test_e160_parallel_first_requests_with_one_old_mark_get_one_home(fleet_of):
    """The registry has forgotten nothing, but the server is gone from the configuration."""
    fleet = fleet_of("abc", pool={"balance": "round-robin"}, workers=2)
    visitor, home = newcomer(fleet)
    del fleet.hawser.settings["pools"]["shop"]["servers"][home]
    fleet.hawser.reload()
    told = []

    def ask() -> None:
        told.append(fleet.hawser.ask(visitor.request()))

    threads = [threading.Thread(target=ask) for _ in range(30)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len({each.body for each in told}) == 1 and told[0].body.decode() != home
    assert Verdict.of(told[0]).verdict in ("moved", "hit")


def test_e160_a_flood_of_first_requests_does_not_push_out_sessions_that_came_back(fleet_of):
    fleet = fleet_of("abc", pool={"balance": "round-robin"},
                     sessions={"capacity": 1000, "tentative-capacity": 100})
    regulars = [newcomer(fleet) for _ in range(20)]
    for visitor, home in regulars:
        assert visitor.ask().body.decode() == home
    with fleet.connect() as client:
        for _ in range(40):
            client.send(request() * 100)
            for _ in range(100):
                assert client.read_answer().status == 200
    for visitor, home in regulars:
        told = visitor.ask()
        assert told.body.decode() == home and Verdict.of(told).verdict == "hit"


def test_e177_a_session_moves_once_says_so_and_stays_when_its_home_comes_back(fleet_of):
    passive = {"connect-failures": 1, "out-for": "100ms"}
    fleet = fleet_of("ab", pool={"health": {"passive": passive}, "balance": "round-robin"})
    visitor, home = newcomer(fleet)
    other = "b" if home == "a" else "a"
    fleet[home].stop()
    told = visitor.ask()
    assert Verdict.of(told) == Verdict("moved", "home-down", other) and visitor.marks == 2
    fleet[home].start_again()
    answers_its_name(fleet[home], home)
    wait_for(lambda: fleet.hawser.ask(request()).body.decode() == home, "it is back")
    for _ in range(5):
        assert Verdict.of(visitor.ask()) == Verdict("hit", "", other)
    assert visitor.marks == 2


def test_e148_no_server_left_is_503_and_the_session_is_kept(fleet_of):
    fleet = fleet_of("", servers={"a": f"127.0.0.1:{closed_port()}"})
    told = fleet.hawser.ask(request())
    assert told.status == 503 and marks_of(told) == []
