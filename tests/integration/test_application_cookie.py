# SPDX-License-Identifier: Apache-2.0
"""Sessions by the cookie that the application sets: an Express shop with express-session."""

import re

import pytest

from fleet import Fleet, Verdict
from harness import answer
from processes import Application, curl

CARRIERS = ["learn", "shadow", "prefix"]


@pytest.fixture(scope="module")
def servers():
    all_of_them = [Application("shop.js") for _ in range(3)]
    yield all_of_them
    for each in all_of_them:
        each.stop()


@pytest.fixture(params=CARRIERS)
def shops(request, servers, tmp_path):
    """Three processes of the shop, each with the carts of its own clients in its memory."""
    fleet = Fleet(tmp_path, "", workers=2, pool={
        "balance": "round-robin",
        "affinity": [{"application-cookie": {"name": "connect.sid", "carrier": request.param}}]},
        servers={f"shop-{at}": each.address for at, each in enumerate(servers)})
    fleet.carrier = request.param
    yield fleet
    fleet.stop()


def url(fleet: Fleet, path: str) -> str:
    return f"http://127.0.0.1:{fleet.hawser.port}{path}"


def with_jar(path) -> tuple[str, ...]:
    return "-b", str(path), "-c", str(path)


def test_a_cart_stays_with_the_process_that_has_it(shops, tmp_path):
    processes = set()
    for n in range(6):
        jar = with_jar(tmp_path / f"jar-{n}")
        for item in range(4):
            told = curl(*jar, "-H", "Content-Type: application/json",
                        "-d", f'{{"item":{item}}}', url(shops, "/cart"))
            assert re.search(r'"items":\[(.*?)\]', told)[1] == ",".join(map(str, range(item + 1)))
        processes.add(re.search(r'"process":(\d+)', told)[1])
    assert len(processes) == 3, "the clients are spread over all of them"


def test_who_logs_in_gets_another_id_and_stays(shops, tmp_path):
    for name in ("ann", "bob", "cy", "dee"):
        path = tmp_path / name
        jar = with_jar(path)
        curl(*jar, url(shops, "/cart"))
        before = re.search(r"connect\.sid\t(\S+)", path.read_text())[1]
        home = re.search(r'"process":(\d+)', curl(*jar, url(shops, "/cart")))[1]
        assert curl(*jar, "-L", "-d", f"name={name}", url(shops, "/login")) == f"I am {name}"
        after = re.search(r"connect\.sid\t(\S+)", path.read_text())[1]
        assert after != before, "the application has regenerated it"
        for _ in range(5):
            assert curl(*jar, url(shops, "/me")) == f"I am {name}"
        assert re.search(r'"process":(\d+)', curl(*jar, url(shops, "/cart")))[1] == home


def test_what_the_client_has_is_the_applications_and_at_most_a_shadow(shops, tmp_path):
    path = tmp_path / "jar"
    curl(*with_jar(path), url(shops, "/cart"))
    names = sorted(re.findall(r"\t(\S+)\t\S+\n", path.read_text()))
    ours = [each for each in names if each.startswith("hawser-")]
    assert names == ["connect.sid", *ours] and len(ours) == (shops.carrier == "shadow")


@pytest.mark.parametrize("carrier", ["shadow", "prefix"])
def test_a_restarted_balancer_without_state_knows_what_clients_carry(servers, tmp_path, carrier):
    """What is learned is gone with the process; what clients carry is not."""
    fleet = Fleet(tmp_path, "", pool={
        "balance": "round-robin",
        "affinity": [{"application-cookie": {"name": "connect.sid", "carrier": carrier}}]},
        servers={f"shop-{at}": each.address for at, each in enumerate(servers)})
    try:
        jars = [with_jar(tmp_path / f"jar-{n}") for n in range(6)]
        homes = [curl(*jar, url(fleet, "/cart")) for jar in jars]
        fleet.hawser.kill_and_start_again()
        assert not (tmp_path / "state" / "snapshot").exists(), "it could not write anything down"
        assert [curl(*jar, url(fleet, "/cart")) for jar in jars] == homes
    finally:
        fleet.stop()


# ---- servers that say what the test wants ----

@pytest.fixture
def scripted(tmp_path):
    made = Fleet(tmp_path, "abc", pool={
        "balance": "round-robin", "affinity": [{"application-cookie": "SID"}]})
    yield made
    made.stop()


def ask(fleet, *cookies: str):
    lines = ["GET / HTTP/1.1", "Host: shop.example", *(f"Cookie: {each}" for each in cookies)]
    return fleet.hawser.ask("\r\n".join([*lines, "", ""]).encode())


def say(fleet, *lines: str) -> None:
    for name, origin in fleet.origins.items():
        origin.script = lambda _, name=name: [answer(name.encode(), "200 OK", *lines)]


def test_a_session_ends_when_the_application_deletes_its_cookie(scripted):
    say(scripted, "Set-Cookie: SID=1; Path=/")
    home = ask(scripted).body.decode()
    say(scripted)
    assert Verdict.of(ask(scripted, "SID=1")) == Verdict("hit", "", home)
    say(scripted, "Set-Cookie: SID=; Max-Age=0; Path=/")
    assert Verdict.of(ask(scripted, "SID=1")).verdict == "hit"
    say(scripted)
    assert Verdict.of(ask(scripted, "SID=1")).cause == "unknown-key"


def test_the_applications_cookie_passes_untouched(scripted):
    line = "SID=\"a b\"; Path=/shop; Domain=shop.example; SameSite=None; Secure; Priority=High"
    say(scripted, f"Set-Cookie: {line}")
    told = ask(scripted, "a=b; SID=x;c=d")
    assert told.values("Set-Cookie") == [line]
    assert scripted.requests[-1].values("Cookie") == ["a=b; SID=x;c=d"]


@pytest.fixture
def marked(tmp_path):
    made = Fleet(tmp_path, "abc", pool={
        "balance": "round-robin",
        "affinity": [{"application-cookie": {"name": "SID", "carrier": "prefix"}}]})
    yield made
    made.stop()


def test_the_server_never_sees_the_mark_and_the_client_no_server(marked):
    say(marked, "Set-Cookie: SID=4711; Path=/shop; HttpOnly", "Set-Cookie: other=1")
    told = ask(marked)
    home = told.body.decode()
    other, line = told.values("Set-Cookie")
    assert other == "other=1"
    [mark] = re.fullmatch(r"SID=([\w-]{108})~4711; Path=/shop; HttpOnly", line).groups()
    assert told.value("Cache-Control") == "private"
    say(marked)
    for _ in range(3):
        told = ask(marked, f"a=b; SID={mark}~4711;c=d")
        assert Verdict.of(told) == Verdict("hit", "", home)
        assert not told.values("Set-Cookie")
        assert marked.requests[-1].values("Cookie") == ["a=b; SID=4711;c=d"]
    again = ask(marked, "SID=4711")
    assert Verdict.of(again) == Verdict("hit", "", home), "the id alone is known here too"


def test_a_mark_is_worth_nothing_when_forged_or_before_another_id(marked):
    say(marked, "Set-Cookie: SID=4711")
    [line] = ask(marked).values("Set-Cookie")
    mark = line.split("=")[1].split("~")[0]
    say(marked)
    for mark, value in ((mark, "4712"), ("A" * 108, "4713")):
        assert Verdict.of(ask(marked, f"SID={mark}~{value}")).verdict == "new"
        assert marked.requests[-1].values("Cookie") == [f"SID={value}"]


def test_a_route_in_the_id_leads_where_nobody_knows_the_session(tmp_path):
    fleet = Fleet(tmp_path, "abc", pool={
        "balance": "round-robin",
        "affinity": [{"application-cookie": {"name": "SID", "carrier": "route"}}]})
    try:
        for name in "cab":
            assert ask(fleet, f"SID={name}17.{name}").body.decode() == name
            assert Verdict.of(ask(fleet, f"SID={name}17.{name}")) == Verdict("hit", "", name)
        assert ask(fleet, "SID=1.nobody").status == 200
    finally:
        fleet.stop()
