# SPDX-License-Identifier: Apache-2.0
"""Live sessions: listed, looked at, moved, pinned and ended, with the client's own word for it."""

import itertools
import json
import re

import pytest

from fleet import Verdict
from harness import free_port, wait_for
from operators import operated_by  # noqa: F401  (a fixture)
from processes import Application, Chatters
from test_drain import settled

NUMBERS = itertools.count()


def listed(node, *arguments: str) -> list[dict]:
    told = node.command("sessions", "--json", "--limit", "0", *arguments)
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


def named(node, visitor) -> dict:
    """The session of a visitor, by what the access log calls it."""
    target = f"/who-{next(NUMBERS)}"
    visitor.ask(f"GET {target} HTTP/1.1")
    [told] = wait_for(lambda: [each for each in node.hawser.access() if each["target"] == target],
                      "the access log tells of it")
    return next(each for each in listed(node) if each["id"] == told["session"])


def other(home: str) -> str:
    return "b" if home == "a" else "a"


# ---- seeing -------------------------------------------------------------------------------------

def test_a_session_is_listed_by_the_name_that_the_log_gives_it(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, home = settled(node)
    one = named(node, visitor)
    assert (one["pool"], one["server"], one["kind"]) == ("shop", home, "cookie")
    assert (one["state"], one["carried"], one["pinned"], one["moves"]) == \
        ("established", True, False, 0)
    shown = node.command("sessions", "show", one["id"]).stdout
    assert re.search(rf"^server +{home}$", shown, re.M)
    table = node.command("sessions").stdout.splitlines()
    assert table[0].split()[:3] == ["SESSION", "HOME", "KIND"]
    assert any(line.startswith(f"{one['id']}  shop/{home}  cookie") for line in table)
    assert node.command("sessions", "show", "0123456789abcdef").returncode == 1


def test_nothing_that_a_client_shows_is_told(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"affinity": [{"header": "X-Sid"}, "cookie"]})
    visitor = node.visitor()
    for _ in range(2):
        visitor.ask("GET / HTTP/1.1", "X-Sid: 4711-very-secret")
    told = node.admin("GET", "/v1/sessions").text + node.command("sessions").stdout
    assert "4711" not in told and visitor.cookie.partition("=")[2] not in told
    node.command("sessions", "end", "--pool", "shop")
    assert "4711" not in node.hawser.errors()


def test_lists_select_by_what_is_asked(operated_by):  # noqa: F811
    node = operated_by("ab")
    homes = [settled(node)[1] for _ in range(6)]
    node.visitor().ask()
    count = homes.count("a")
    assert len(listed(node, "--server", "shop/a", "--idle-below", "1h", "--kind", "cookie")) in (
        count, count + 1)
    assert len(listed(node, "--tentative")) == 1
    assert len(listed(node, "--pool", "shop")) == 7
    assert listed(node, "--idle", "1h") == listed(node, "--age", "1h") == []
    assert len(listed(node, "--age-below", "1h")) == 7
    assert listed(node, "--kind", "header") == listed(node, "--pinned") == []


@pytest.mark.parametrize("arguments, says", [
    (("--pool", "nothing"), "no pool is named nothing"),
    (("--server", "shop/z"), "no server named z"), (("--server", "a"), "needs the `pool`"),
    (("--kind", "nothing"), "no kind of affinity"), (("--idle", "often"), "no duration"),
    (("--user", "me"), "hash"), (("--after", "1"), "`after`"), (("--after", "99999.1"), "`after`"),
    (("show", "me"), "hash")])
def test_what_makes_no_sense_is_said(operated_by, arguments, says):  # noqa: F811
    told = operated_by("a").command("sessions", *arguments)
    assert told.returncode == 1 and says in told.stderr


def test_pages_of_any_size_hold_every_session_once(operated_by):  # noqa: F811
    node = operated_by("ab")
    for _ in range(40):
        settled(node)
    whole = sorted(each["id"] for each in listed(node))
    for size in (1, 7, 1000):
        found, after = [], ""
        while True:
            page = json.loads(node.admin("GET", f"/v1/sessions?limit={size}{after}").text)
            assert len(page["sessions"]) <= size
            found += [each["id"] for each in page["sessions"]]
            if page["next"] is None:
                break
            after = "&after=" + page["next"]
        assert sorted(found) == whole, size


def test_a_users_sessions_are_found_by_one_hash(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"affinity": ["cookie", {"bearer": {"claim": "sub"}}]})
    # {"sub": "ann"}, {"sub": "bob"}: nobody verifies them here.
    ann, bob = "e30.eyJzdWIiOiJhbm4ifQ.x", "e30.eyJzdWIiOiJib2IifQ.x"
    phone, laptop, bobs = node.visitor(), node.visitor(), node.visitor()
    for visitor, token in ((phone, ann), (laptop, ann), (bobs, bob)):
        visitor.ask()
        visitor.ask("GET / HTTP/1.1", f"Authorization: Bearer {token}")
        visitor.ask("GET / HTTP/1.1", f"Authorization: Bearer {token}")
    users = [each["user"] for each in listed(node)]
    assert len(set(users)) == 2 and None not in users
    of_phone = named(node, phone)["user"]
    assert {each["id"] for each in listed(node, "--user", of_phone)} == \
        {named(node, phone)["id"], named(node, laptop)["id"]}


# ---- steering -----------------------------------------------------------------------------------

def test_a_moved_session_is_served_elsewhere_with_one_new_mark(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, home = settled(node)
    bystander, stays = settled(node)
    one, marks = named(node, visitor), visitor.marks
    tried = node.command("sessions", "move", one["id"], "--to", other(home), "--dry-run")
    assert tried.stdout == "1 of 2 sessions would move, 0 with open tunnels\n"
    assert Verdict.of(visitor.ask()).server == home
    told = node.command("sessions", "move", one["id"], "--to", other(home))
    assert told.stdout == "1 session moved\n"
    for _ in range(3):
        assert Verdict.of(visitor.ask()) == Verdict("hit", "", other(home))
    assert visitor.marks == marks + 1
    assert Verdict.of(bystander.ask()).server == stays
    assert named(node, visitor)["moves"] == 1
    assert node.metrics()['hawser_session_moves_total{pool="shop",cause="operator"}'] == 1
    again = node.command("sessions", "move", one["id"], "--to", other(home))
    assert again.returncode == 1 and "nothing to change" in again.stderr


def test_nobody_is_moved_where_nobody_can_be_served(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, home = settled(node)
    node.set(other(home), state="maintenance")
    one = named(node, visitor)["id"]
    told = node.command("sessions", "move", one, "--to", other(home))
    assert told.returncode == 1 and "serves nobody now" in told.stderr
    told = node.command("sessions", "move", "--pool", "shop", "--to", "z")
    assert told.returncode == 1 and "no server named z" in told.stderr
    assert Verdict.of(visitor.ask()) == Verdict("hit", "", home)


def test_a_pinned_session_stays_while_a_drain_lets_the_others_go(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, home = settled(node)
    free, _ = settled(node, home)
    one = named(node, visitor)["id"]
    assert node.command("sessions", "pin", one).stdout == "1 session pinned\n"
    assert [each["id"] for each in listed(node, "--pinned")] == [one]
    node.command("drain", f"shop/{home}", "--active", "move", "--idle", "move")
    assert Verdict.of(free.ask()).cause == "drained"
    assert Verdict.of(visitor.ask()) == Verdict("hit", "", home)
    assert node.command("sessions", "pin", one, "--lift").stdout == "1 session let go of\n"
    assert Verdict.of(visitor.ask()).cause == "drained"


def test_an_ended_session_begins_anew_with_another_id(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, _ = settled(node)
    bystander, stays = settled(node)
    one, cookie = named(node, visitor)["id"], visitor.cookie
    assert node.command("sessions", "end", one).stdout == "1 session ended\n"
    assert one not in {each["id"] for each in listed(node)}
    told = Verdict.of(visitor.ask())
    assert (told.verdict, told.cause) == ("new", "ended")
    assert visitor.cookie != cookie
    assert Verdict.of(visitor.ask()) == Verdict("hit", "", told.server)
    assert named(node, visitor)["id"] != one
    assert Verdict.of(node.visitor(cookie).ask()).cause == "ended", "nor does who kept the mark"
    assert Verdict.of(bystander.ask()) == Verdict("hit", "", stays)
    assert sum(count for series, count in node.metrics().items()
               if series.startswith("hawser_affinity_invalid_total") and '"ended"' in series) == 2


def test_all_of_a_filter_end_and_it_is_audited(operated_by, tmp_path):  # noqa: F811
    port = free_port()
    node = operated_by("ab", admin={"bind": f"127.0.0.1:{port}", "confirm-above": 2,
                                    "audit": str(tmp_path / "audit.log")})
    node.admin_port = port
    for _ in range(3):
        settled(node)
    refused = node.command("sessions", "end", "--pool", "shop")
    assert refused.returncode == 1 and "3 of 3 sessions would end" in refused.stderr
    assert len(listed(node)) == 3
    tried = node.command("sessions", "end", "--pool", "shop", "--dry-run")
    assert tried.stdout == "3 of 3 sessions would end, 0 with open tunnels\n"
    assert node.command("sessions", "end", "--pool", "shop", "--force").stdout == \
        "3 sessions ended\n"
    assert listed(node) == []
    told = [json.loads(line) for line in (tmp_path / "audit.log").read_text().splitlines()]
    assert [(each["path"], each["status"]) for each in told] == \
        [("/v1/sessions/end", 409), ("/v1/sessions/end", 200)]
    assert json.loads(told[1]["body"]) == {"pool": "shop"}


def test_a_change_of_everything_must_be_asked_for_by_name(operated_by):  # noqa: F811
    node = operated_by("a")
    settled(node)
    told = node.command("sessions", "end")
    assert told.returncode == 1 and "say which sessions" in told.stderr
    assert len(listed(node)) == 1


def test_a_pin_outlives_the_process(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, _ = settled(node)
    node.command("sessions", "pin", named(node, visitor)["id"])
    node.hawser.stop_and_start_again()
    assert [each["pinned"] for each in listed(node)] == [True]


# ---- their WebSockets ---------------------------------------------------------------------------

@pytest.fixture
def chat(operated_by):  # noqa: F811
    """A node before two processes of the ws package, and six clients of it, three of each."""
    servers = {name: Application("echo.js") for name in "ab"}
    node = operated_by("", pool={"balance": "round-robin"},
                       servers={name: each.address for name, each in servers.items()})
    clients = Chatters(node.hawser.port, 6)
    yield node, clients
    for each in [clients, *servers.values()]:
        each.stop()


def in_flight(node) -> dict[str, int]:
    return {name: node.server(name)["in_flight"] for name in "ab"}


def test_the_websockets_of_a_session_that_is_moved_come_to_its_new_home(chat):
    node, clients = chat
    tried = node.command("sessions", "move", "--server", "shop/a", "--to", "b", "--dry-run")
    assert "3 with open tunnels" in tried.stdout and in_flight(node) == {"a": 3, "b": 3}
    assert node.command("sessions", "move", "--server", "shop/a", "--to", "b").returncode == 0
    wait_for(lambda: in_flight(node) == {"a": 0, "b": 3}, "those of the others stay")
    assert {each["server"] for each in listed(node)} == {"b"}
    assert node.command("sessions", "end", "--pool", "shop").returncode == 0
    assert sorted(clients.heard()) == ["1008 session ended"] * 3 + ["1012 session moved"] * 3
    wait_for(lambda: sorted(each["ended"] for each in node.hawser.access()) ==
             ["moved"] * 3 + ["session-ended"] * 3, "each has its line")


def test_the_websockets_of_a_pinned_session_stay(chat):
    node, clients = chat
    assert node.command("sessions", "pin", "--pool", "shop").returncode == 0
    assert in_flight(node) == {"a": 3, "b": 3}
    assert node.command("sessions", "end", "--server", "shop/b").returncode == 0
    wait_for(lambda: in_flight(node) == {"a": 3, "b": 0}, "only those that were ended go")
