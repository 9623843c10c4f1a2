# SPDX-License-Identifier: Apache-2.0
"""Sessions by what a request shows or a server says: fields, parameters, addresses, several at once."""

import pytest

from carriers import EVERY
from fleet import Fleet, Verdict, answers_its_name, marks_of
from harness import answer, wait_for

OVER = EVERY


@pytest.fixture(scope="module")
def shared(tmp_path_factory, carrier):
    """Three servers, by round robin: who is not recognised is served by the next."""
    made = Fleet(tmp_path_factory.mktemp("keys"), "abc", carrier=carrier, pool={
        "balance": "round-robin",
        "affinity": [{"header": "X-Session"}, {"query": "sid"}, {"path-parameter": "jsessionid"}]})
    yield made
    made.stop()


@pytest.fixture
def fleet(shared):
    for name, origin in shared.origins.items():
        origin.forget()
        answers_its_name(origin, name)
    yield shared
    shared.hawser.assert_alive()


def ask(fleet, *fields: str, target: str = "/"):
    return fleet.hawser.ask(
        "\r\n".join([f"GET {target} HTTP/1.1", "Host: shop.example", *fields, "", ""]).encode())


def say(fleet, *lines: str) -> None:
    """From now on every server's answers have these lines."""
    for name, origin in fleet.origins.items():
        origin.script = lambda _, name=name: [answer(name.encode(), "200 OK", *lines)]


def home_of(told) -> str:
    return told.body.decode()


@pytest.mark.parametrize("key,fields,target", [
    ("k1", ["X-Session: k1"], "/"), ("k2", [], "/cart?sid=k2"), ("k3", [], "/cart?a=b&sid=k3&c"),
    ("k4", [], "/shop;jsessionid=k4/cart"), ("k5", [], "/cart;a=b;jsessionid=k5")])
def test_a_key_leads_home_wherever_it_stands(fleet, key, fields, target):
    told = ask(fleet, *fields, target=target)
    home = home_of(told)
    assert Verdict.of(told) == Verdict("new", "unknown-key", home)
    assert not told.values("Set-Cookie"), "nothing is left with the client"
    for _ in range(4):
        told = ask(fleet, *fields, target=target)
        assert Verdict.of(told) == Verdict("hit", "", home)


def test_the_server_sees_the_request_as_it_was(fleet):
    ask(fleet, "X-Session: seen", target="/cart;jsessionid=seen?sid=seen")
    [seen] = fleet.requests
    assert seen.target == "/cart;jsessionid=seen?sid=seen"
    assert seen.values("X-Session") == ["seen"]


def test_keys_of_one_request_name_one_session(fleet):
    home = home_of(ask(fleet, "X-Session: one", target="/?sid=two"))
    for _ in range(3):
        assert home_of(ask(fleet, "X-Session: one")) == home
        assert Verdict.of(ask(fleet, target="/?sid=two")) == Verdict("hit", "", home)


def test_requests_without_a_key_go_round(fleet):
    assert {home_of(ask(fleet)) for _ in range(3)} == set("abc")


def test_two_keys_in_one_place_name_nobody(fleet):
    ask(fleet, "X-Session: first")
    told = ask(fleet, "X-Session: first", "X-Session: second")
    assert Verdict.of(told) == Verdict("new", "ambiguous", home_of(told))


def test_a_session_that_its_server_named_or_renamed_is_known_after_a_restart(tmp_path, carrier):
    fleet = Fleet(tmp_path, "abc", carrier=carrier, pool={
        "balance": "round-robin", "affinity": [{"header": "X-Session"}]})
    try:
        homes = {}
        for n in range(6):
            say(fleet, f"X-Session: first-{n}")
            homes[n] = home_of(ask(fleet))
            if n % 2:
                ask(fleet, f"X-Session: first-{n}")
                say(fleet, f"X-Session: second-{n}")
                ask(fleet, f"X-Session: first-{n}")
        say(fleet)
        fleet.hawser.stop_and_start_again()
        for n, home in homes.items():
            key = f"second-{n}" if n % 2 else f"first-{n}"
            assert Verdict.of(ask(fleet, f"X-Session: {key}")) == Verdict("hit", "", home)
    finally:
        fleet.stop()


def test_a_server_names_and_renames_its_session(fleet):
    say(fleet, "X-Session: given")
    home = home_of(ask(fleet))
    say(fleet, "X-Session: renamed")
    assert Verdict.of(ask(fleet, "X-Session: given")) == Verdict("hit", "", home)
    say(fleet)
    for key in ("renamed", "given", "renamed"):
        assert Verdict.of(ask(fleet, f"X-Session: {key}")) == Verdict("hit", "", home)


def logged_below(fleet, path: str, count: int) -> list[dict]:
    """The log is of all tests of this module, and comes later than the answers."""
    def there():
        found = [each for each in fleet.hawser.access() if each["target"].startswith(path)]
        assert len(found) <= count
        return len(found) == count and found
    return wait_for(there, f"{count} are logged")


def test_no_key_is_ever_logged(fleet):
    ask(fleet, "X-Session: a-very-secret-id", target="/secret")
    ask(fleet, "X-Session: a-very-secret-id", "X-Session: another-secret-id", target="/secret")
    ask(fleet, "Referer: https://shop.example/x;jsessionid=secret-id?a=b",
        target="/secret;jsessionid=my-secret-id/x?a=b&sid=secret-id&c=d")
    logged = logged_below(fleet, "/secret", 3)
    assert [each["cause"] for each in logged[:2]] == ["unknown-key", "ambiguous"]
    assert logged[2]["target"] == "/secret;jsessionid=*/x?a=b&sid=*&c=d"
    assert logged[2]["referer"] == "https://shop.example/x;jsessionid=*?a=b"
    assert "secret-id" not in fleet.hawser.access_path.read_text() + fleet.hawser.errors()


def test_a_session_has_one_name_in_the_log_by_whichever_key_it_is_found(fleet):
    for fields, target in (([], "/named"), (["X-Session: one-name"], "/named?sid=of-many"),
                           (["X-Session: one-name"], "/named"), ([], "/named?sid=of-many")):
        ask(fleet, *fields, target=target)
    logged = logged_below(fleet, "/named", 4)
    assert "session" not in logged[0], "it was nobody's"
    assert len({each["session"] for each in logged[1:]}) == 1


def test_an_address_behind_a_trusted_proxy_is_a_session(tmp_path, carrier):
    fleet = Fleet(tmp_path, "abc", carrier=carrier, listener={"trusted-proxies": ["127.0.0.0/8"]},
                  pool={"balance": "round-robin",
                        "affinity": [{"source-address": {"ipv4-prefix": 24}}]})
    try:
        def home(client: str) -> str:
            return home_of(ask(fleet, f"X-Forwarded-For: {client}"))
        first = home("192.0.2.1")
        assert {home("192.0.2.1"), home("192.0.2.200")} == {first}
        assert {home(f"198.51.{n}.1") for n in range(3)} == set("abc")
    finally:
        fleet.stop()


def test_a_session_keeps_its_home_from_address_to_cookie_to_user(tmp_path, carrier):
    """Each request shows one thing more, and the last one nothing but that."""
    fleet = Fleet(tmp_path, "abc", carrier=carrier, pool={
        "balance": "round-robin",
        "affinity": ["cookie", {"header": "X-User"}, "source-address"]})
    try:
        visitor = fleet.visitor()
        home = home_of(visitor.ask())
        assert home_of(visitor.ask("GET / HTTP/1.1", "X-User: ann")) == home
        other_device = ask(fleet, "X-User: ann")
        assert Verdict.of(other_device) == Verdict("hit", "", home)
        assert marks_of(other_device), "it gets the session's cookie"
        stranger = ask(fleet)
        assert Verdict.of(stranger).verdict == "new" and home_of(stranger) == home
    finally:
        fleet.stop()


def test_who_must_show_a_key_is_refused_without(tmp_path, carrier):
    fleet = Fleet(tmp_path, "a", carrier=carrier, pool={
        "affinity": [{"header": {"name": "X-Session", "if-missing": "refuse"}}]})
    try:
        assert ask(fleet).status == 400
        assert ask(fleet, "X-Session: ann").status == 200
        assert len(fleet.requests) == 1
    finally:
        fleet.stop()
