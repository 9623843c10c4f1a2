# SPDX-License-Identifier: Apache-2.0
"""E174: draining a server by its sessions: who stays, who goes, what is shown, and how it ends."""

import json
import pathlib
import re
import signal
import subprocess

import pytest

from fleet import Verdict
from harness import STALL, binary, wait_for
from operators import JSON, Operated, operated_by  # noqa: F401  (a fixture)
from processes import Application, Chatters

DRAIN = "/v1/pools/shop/servers/{}/drain"
EMPTY, DEADLINE, LIFTED, INTERRUPTED = 0, 3, 4, 130


def short_lived(seconds: int) -> dict:
    """Sessions of the pool end after so long without a request."""
    return {"affinity": [{"cookie": {"ttl": f"{seconds}s"}}]}


def lives(seconds: int) -> dict:
    return {"sessions": {"idle-timeout": f"{seconds}s"}}


def settled(node: Operated, home: str | None = None):
    """A visitor whose session is established, on `home` or anywhere."""
    for _ in range(20):
        visitor = node.visitor()
        found = Verdict.of(visitor.ask()).server
        if home in (None, found):
            assert Verdict.of(visitor.ask()) == Verdict("hit", "", found)
            return visitor, found
    raise AssertionError(f"nobody came to {home}")


class Waiting:
    """`hawser drain ... --wait`, as a process beside the test."""

    def __init__(self, node: Operated, server: str, *arguments: str):
        self.process = subprocess.Popen(
            [binary(), "drain", f"shop/{server}", "--wait", *arguments,
             "--admin", f"127.0.0.1:{node.admin_port}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def first_line(self) -> str:
        return self.process.stdout.readline()

    def end(self) -> tuple[int, str, str]:
        out, errors = self.process.communicate(timeout=30)
        return self.process.returncode, out, errors


def drain_of(node: Operated, server: str) -> dict:
    return json.loads(node.admin("GET", DRAIN.format(server)).text)


# ---- the end --------------------------------------------------------------------------------

def test_e174_a_drain_ends_when_its_last_session_has(operated_by):  # noqa: F811
    node = operated_by("ab", pool=short_lived(2), **lives(2))
    visitor, home = settled(node)
    waiting = Waiting(node, home)
    assert f"shop/{home}: " in waiting.first_line()
    assert Verdict.of(visitor.ask()) == Verdict("hit", "", home), "it stays at home"
    for _ in range(4):
        assert Verdict.of(node.visitor().ask()).server != home
    status, out, _ = waiting.end()
    assert status == EMPTY and out.endswith(f"shop/{home} is empty\n")
    assert node.server(home)["state"] == "drained"
    assert node.sessions_of(home) == 0
    assert node.metrics()['hawser_drains_ended_total{outcome="empty"}'] == 1


def test_e174_at_its_deadline_whoever_is_left_moves_once(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, home = settled(node)
    status, out, _ = Waiting(node, home, "--deadline", "1s").end()
    assert status == DEADLINE and "sessions that move with their next request: 1" in out
    assert node.server(home)["state"] == "drained" and node.sessions_of(home) == 0
    marks = visitor.marks
    told = Verdict.of(visitor.ask())
    assert (told.verdict, told.cause) == ("moved", "drained") and told.server != home
    for _ in range(3):
        assert Verdict.of(visitor.ask()) == Verdict("hit", "", told.server)
    assert visitor.marks == marks + 1, "one new cookie"
    assert node.metrics()['hawser_session_moves_total{pool="shop",cause="drained"}'] == 1


def test_e174_a_server_without_sessions_is_drained_at_once(operated_by):  # noqa: F811
    node = operated_by("ab")
    status, out, _ = Waiting(node, "a").end()
    assert status == EMPTY and "shop/a is empty" in out


def test_e174_lifted_it_takes_part_again_and_the_command_says_so(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, home = settled(node)
    waiting = Waiting(node, home)
    waiting.first_line()
    assert node.command("ready", f"shop/{home}").returncode == 0
    status, out, _ = waiting.end()
    assert status == LIFTED and "somebody lifted it" in out
    assert Verdict.of(visitor.ask()) == Verdict("hit", "", home)
    wait_for(lambda: Verdict.of(node.visitor().ask()).server == home, "new sessions come again")


def test_a_drain_that_is_begun_anew_ends_the_wait_for_the_first(operated_by):  # noqa: F811
    node = operated_by("ab")
    _, home = settled(node)
    waiting = Waiting(node, home)
    waiting.first_line()
    assert node.command("drain", f"shop/{home}", "--deadline", "1h").returncode == 0
    status, out, _ = waiting.end()
    assert status == LIFTED and "drained anew" in out


def test_ctrl_c_leaves_the_drain_going_and_says_so(operated_by):  # noqa: F811
    node = operated_by("ab")
    _, home = settled(node)
    waiting = Waiting(node, home)
    waiting.first_line()
    waiting.process.send_signal(signal.SIGINT)
    status, _, errors = waiting.end()
    assert status == INTERRUPTED and f"shop/{home} goes on draining" in errors
    assert drain_of(node, home)["phase"] == "draining"


def test_a_drained_server_that_is_drained_goes_on_over_a_reload(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, home = settled(node)
    assert node.command("drain", f"shop/{home}", "--deadline", "1h").returncode == 0
    number = drain_of(node, home)["number"]
    assert node.command("reload").returncode == 0
    told = drain_of(node, home)
    assert (told["number"], told["phase"]) == (number, "draining")
    assert Verdict.of(visitor.ask()) == Verdict("hit", "", home)


def test_e174_a_node_that_starts_again_goes_on_draining(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, home = settled(node)
    assert node.command("drain", f"shop/{home}").returncode == 0
    node.hawser.kill_and_start_again()
    wait_for(node.status, "the admin endpoint answers again")
    wait_for(lambda: node.server(home)["state"] == "drain")
    assert Verdict.of(node.visitor().ask()).server != home
    assert Verdict.of(visitor.ask()) == Verdict("hit", "", home), "only its client knew of it"
    wait_for(lambda: "outcome" in drain_of(node, home), "the drain is seen")
    assert drain_of(node, home)["outcome"] is None


def test_e174_a_drain_keeps_its_deadline_and_its_terms_over_a_start(operated_by):  # noqa: F811
    node = operated_by("ab")
    _, home = settled(node)
    waiting = Waiting(node, home, "--deadline", "2h", "--idle", "5m")
    waiting.first_line()
    before = drain_of(node, home)
    node.hawser.stop_and_start_again()
    after = wait_for(lambda: drain_of(node, home), "it is drained")
    for same in ("number", "rules"):
        assert after[same] == before[same]
    assert 7000 < after["deadline_in_seconds"] <= before["deadline_in_seconds"]
    assert node.command("ready", f"shop/{home}").returncode == 0
    status, out, _ = waiting.end()
    assert status == LIFTED and "somebody lifted it" in out, "it waited for the same drain"


def test_e174_a_deadline_that_comes_while_nobody_serves_is_kept(operated_by):  # noqa: F811
    node = operated_by("ab")
    visitor, home = settled(node)
    assert node.command("drain", f"shop/{home}", "--deadline", "1s").returncode == 0
    wait_for(lambda: node.server(home)["state"] == "drained")
    node.hawser.kill_and_start_again()
    told = Verdict.of(visitor.ask())
    assert (told.verdict, told.cause) == ("moved", "drained")
    assert node.server(home)["state"] == "drained"


# ---- what is shown --------------------------------------------------------------------------

def test_a_drain_that_is_over_is_not_begun_anew_by_a_start(operated_by):  # noqa: F811
    node = operated_by("ab")
    ended = node.act(DRAIN.format("a"), {"deadline": "1h"}, "PUT")
    assert ended.status == 200
    wait_for(lambda: node.server("a")["state"] == "drained")
    number = drain_of(node, "a")["number"]
    for start_again in (node.hawser.stop_and_start_again, node.hawser.kill_and_start_again):
        start_again()
        wait_for(lambda: node.server("a")["state"] == "drained")
        told = drain_of(node, "a")
        assert (told["number"], told["outcome"]) == (number, "empty")
    assert node.set("a", state="ready").status == 200
    assert node.set("a", state="drain").status == 200
    wait_for(lambda: drain_of(node, "a")["number"] != number, "another one begins anew")


def test_what_is_left_is_told_by_class_and_idle_time(operated_by):  # noqa: F811
    node = operated_by("ab")
    _, home = settled(node)
    assert node.command("drain", f"shop/{home}", "--idle", "5m").returncode == 0
    told = wait_for(lambda: (now := drain_of(node, home))["sessions"] and now)
    assert told["sessions"] == {"tentative": 0, "idle": 0, "active": 1, "tunnel": 0}
    assert told["left"] == 1 and told["idle_ages"][0] == {"below_seconds": 10, "sessions": 1}
    assert told["rules"] == {"tentative": "1m", "idle": "5m", "active": "finish",
                             "tunnel": "finish"}
    assert 1700 < told["deadline_in_seconds"] <= 1800
    assert told["outcome"] is None and told["expected_in_seconds"] is None
    labels = f'pool="shop",server="{home}",class="active"'
    assert node.metrics()[f"hawser_drain_sessions{{{labels}}}"] == 1


def test_the_command_tells_who_is_left_and_until_when(operated_by):  # noqa: F811
    node = operated_by("ab")
    _, home = settled(node)
    told = node.command("drain", f"shop/{home}", "--deadline", "2h")
    assert told.returncode == 0
    assert told.stdout.startswith(f"shop/{home} takes no new sessions; sessions left 1 (active 1)")
    assert re.search(r"; at the latest in (2 h|1 h 59 min)\b", told.stdout)


def test_the_status_tells_how_far_it_is(operated_by):  # noqa: F811
    node = operated_by("ab")
    _, home = settled(node)
    assert node.command("drain", f"shop/{home}", "--deadline", "2h").returncode == 0
    shown = wait_for(lambda: (now := node.server(home)["drain"])["left"] == 1 and now)
    assert 7000 < shown["deadline_in_seconds"] <= 7200 and shown["expected_in_seconds"] is None
    page = node.command("status").stdout
    assert f"shop/{home} drains, sessions left 1; at the latest in " in page
    assert node.command("ready", f"shop/{home}").returncode == 0
    assert "drain" not in node.server(home) and "drains" not in node.command("status").stdout


def test_lines_of_json_tell_the_same(operated_by):  # noqa: F811
    node = operated_by("ab")
    _, home = settled(node)
    status, out, _ = Waiting(node, home, "--deadline", "2s", "--json").end()
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == DEADLINE and len(lines) >= 2
    assert lines[-1]["outcome"] == "deadline" and lines[-1]["released"] == 1
    assert lines[-1]["phase"] == "drained" and lines[-1]["left"] == 0


def test_the_end_is_told_by_the_lives_of_sessions_that_have_ended(operated_by):  # noqa: F811
    node = operated_by("ab", pool=short_lived(1), **lives(1))
    for _ in range(60):
        settled(node)
    ended = 'hawser_sessions_ended_total{pool="shop",cause="idle"}'
    wait_for(lambda: node.metrics()[ended] >= 60, "sessions have ended")
    _, home = settled(node)
    assert node.command("drain", f"shop/{home}").returncode == 0
    wait_for(lambda: drain_of(node, home)["expected_in_seconds"] in (0, 1, 2, 3),
             "an end is expected soon")


@pytest.mark.parametrize("body, why", [
    ('{"deadline": "soon"}', "`soon` is no duration"), ('{"idle": "stay"}', "`finish`, `move`, `cut`"),
    ('{"idel": "move"}', "idel"), ('{"deadline": "0s"}', "deadline"), ("[]", ""), ("{", "")])
def test_a_drain_that_makes_no_sense_is_refused(operated_by, body, why):  # noqa: F811
    node = operated_by("ab")
    told = node.admin("PUT", DRAIN.format("a"), JSON, body)
    assert told.status == 422 and why in told.error
    assert node.server("a")["state"] == "ready"


def test_a_dry_run_tells_and_changes_nothing(operated_by):  # noqa: F811
    node = operated_by("ab")
    _, home = settled(node)
    told = node.command("drain", f"shop/{home}", "--dry-run")
    assert told.returncode == 0 and "no session would move" in told.stdout
    told = node.command("drain", f"shop/{home}", "--dry-run", "--active", "move")
    assert told.returncode == 0 and "1 of 1 sessions would move" in told.stdout
    assert node.server(home)["state"] == "ready"


def test_a_drain_of_nobody_is_not_found(operated_by):  # noqa: F811
    node = operated_by("ab")
    assert node.admin("PUT", DRAIN.format("z"), JSON, "{}").status == 404
    assert node.admin("GET", DRAIN.format("a")).status == 404, "it has never been drained"


# ---- by class -------------------------------------------------------------------------------

def test_sessions_move_once_they_were_idle_for_long_enough(operated_by):  # noqa: F811
    node = operated_by("ab", pool={"drain": {"idle-after": "1s", "idle": "1s"}})
    visitor, home = settled(node)
    waiting = Waiting(node, home)
    waiting.first_line()
    assert Verdict.of(visitor.ask()) == Verdict("hit", "", home)
    status, _, _ = waiting.end()
    assert status == EMPTY, "nobody is left who would stay"
    told = Verdict.of(visitor.ask())
    assert (told.verdict, told.cause) == ("moved", "drained")


def test_active_sessions_move_at_once_where_they_shall(operated_by):  # noqa: F811
    node = operated_by("abc")
    visitor, home = settled(node)
    assert Waiting(node, home, "--active", "move", "--tentative", "move").end()[0] == EMPTY
    assert Verdict.of(visitor.ask()).cause == "drained"


@pytest.fixture
def chat(operated_by):  # noqa: F811
    """A node before two processes of the ws package; round robin, so that each gets clients."""
    servers = {name: Application("echo.js") for name in "ab"}
    node = operated_by("", pool={"balance": "round-robin"},
                       servers={name: each.address for name, each in servers.items()})
    yield node
    for each in servers.values():
        each.stop()


def test_websockets_that_are_cut_hear_why_and_those_elsewhere_nothing(chat):
    clients = Chatters(chat.hawser.port, 12)
    try:
        assert Waiting(chat, "a", "--tunnel", "cut", "--active", "move", "--tentative", "move",
                       "--idle", "move").end()[0] == EMPTY
        assert chat.server("a")["in_flight"] == 0 and chat.server("b")["in_flight"] == 6
        wait_for(lambda: [each["ended"] for each in chat.hawser.access()] == ["drained"] * 6)
        assert Waiting(chat, "b", "--deadline", "1s").end()[0] == DEADLINE
        assert clients.heard() == ["1012 server drained"] * 12
    finally:
        clients.stop()


@pytest.mark.parametrize("change", ["maintenance", "remove"])
def test_websockets_outlive_that_their_server_takes_nobody_and_hear_when_the_node_goes(chat, change):
    clients = Chatters(chat.hawser.port, 12)
    try:
        told = chat.command(change, "shop/a", "--force")
        assert told.returncode == 0, told
        assert {Verdict.of(chat.visitor().ask()).server for _ in range(4)} == {"b"}
        assert {each["ended"] for each in chat.hawser.access() if "ended" in each} <= {"", "answered"}
        chat.signal(signal.SIGTERM)
        assert clients.heard() == ["1001 shutting down"] * 12
    finally:
        clients.stop()


def test_websockets_stay_open_until_the_deadline(chat):
    clients = Chatters(chat.hawser.port, 8)
    try:
        waiting = Waiting(chat, "a", "--deadline", "3s", "--json")
        lines = [json.loads(waiting.first_line()) for _ in range(3)]
        assert lines[-1]["sessions"]["tunnel"] == 4 and lines[-1]["tunnels"] == 4
        status, out, _ = waiting.end()
        assert status == DEADLINE
        assert json.loads(out.splitlines()[-1])["tunnels"] == 0
    finally:
        clients.stop()


def test_answers_without_an_end_are_cut_at_the_deadline(operated_by):  # noqa: F811
    node = operated_by("ab")
    for origin in node.origins.values():
        origin.answers(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                       b"Transfer-Encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n", STALL)
    with node.connect() as client:
        client.send(b"GET /events HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        wait_for(lambda: node.server("a")["in_flight"] + node.server("b")["in_flight"] == 1)
        home = "a" if node.server("a")["in_flight"] else "b"
        assert Waiting(node, home, "--deadline", "1s").end()[0] == DEADLINE
        assert b"data: 1" in client.read_to_end()
        assert [each["ended"] for each in node.hawser.access_of(client)] == ["drained"]


# ---- a server that dies ---------------------------------------------------------------------

def test_e174_a_server_that_dies_while_it_drains_gives_its_sessions_to_others(
        operated_by):  # noqa: F811
    shops = {name: Application("shop.js") for name in "ab"}
    try:
        node = operated_by("", servers={name: each.address for name, each in shops.items()})
        visitor, home = settled(node)
        assert node.command("drain", f"shop/{home}").returncode == 0
        assert Verdict.of(visitor.ask()) == Verdict("hit", "", home)
        shops[home].kill()
        told = Verdict.of(visitor.ask())
        assert (told.verdict, told.cause) == ("moved", "home-down")
        assert Verdict.of(visitor.ask()) == Verdict("hit", "", told.server)
    finally:
        for each in shops.values():
            each.stop()
