# SPDX-License-Identifier: Apache-2.0
"""E178: servers are asked whether they are fit, by real requests, handshakes, calls and programs."""

import os
import re
import signal
import socket
import stat
import threading
import time

import pytest

from announcements import COMMAND_LOCAL, length_of, v2
from authorities import Authority
from fleet import Verdict
from harness import STALL, RawOrigin, answer, free_port, wait_for
from operators import Operated, command, operated_by  # noqa: F401  (a fixture)
from processes import Application, Nginx
from test_tls_servers import TlsOrigin

# A check passes whatever else this machine does; only tests of hangs wait for a short timeout.
OFTEN = {"interval": "100ms", "timeout": "10s", "passive": "off"}
SOON_LATE = OFTEN | {"timeout": "300ms"}
IS_CHECK = "/healthz"


class Patient:
    """What a server says to checks; everything else it answers by its name."""

    def __init__(self, origin: RawOrigin, name: str):
        self.says: tuple = (answer(b"fit"),)
        self.checks = 0
        origin.script = lambda request: self._answer(request.target, name)

    def _answer(self, path: str, name: str):
        if path != IS_CHECK:
            return [answer(name.encode())]
        self.checks += 1
        return self.says

    def fails(self) -> None:
        self.says = (answer(b"", "503 Service Unavailable"),)

    def hangs(self) -> None:
        self.says = (STALL,)

    def passes(self) -> None:
        self.says = (answer(b"fit"),)


@pytest.fixture
def ward(operated_by):  # noqa: F811
    """A node before servers `a` and `b`, whose `/healthz` is checked, and what they say to it."""

    def make(health: dict | None = None, names: str = "ab", **settings):
        checks = {"http": IS_CHECK} | OFTEN | (health or {})
        node = operated_by(names, {"health": checks}, **settings)
        patients = {name: Patient(node[name], name) for name in names}
        wait_for(lambda: all(node.server(name)["check"] for name in names), "all were checked")
        return node, patients

    return make


def becomes(node: Operated, name: str, state: str) -> dict:
    return wait_for(lambda: (found := node.server(name))["state"] == state and found,
                    f"{name} becomes {state}")


def last_check(node: Operated, name: str) -> str:
    check = node.server(name)["check"]
    return check["result"] if check else ""


def comes_to(node: Operated, name: str, result: str) -> None:
    wait_for(lambda: last_check(node, name) == result, f"a check of {name} finds: {result}")


def count_of(node: Operated, series: str, **labels: str) -> float:
    wanted = [f'{label}="{value}"' for label, value in labels.items()]
    return sum(value for name, value in node.metrics().items()
               if name.startswith(series + "{") and all(each in name for each in wanted))


def homes(node: Operated, visits: int = 12) -> set[str]:
    return {node.visitor().ask().body.decode() for _ in range(visits)}


def test_e178_a_server_that_hangs_goes_down_at_the_timeout_and_comes_back(ward):
    node, patients = ward(SOON_LATE)
    patients["a"].hangs()
    found = becomes(node, "a", "down")
    assert found["check"]["result"] == "timeout"
    assert found["check"]["duration_ms"] >= 300
    assert homes(node) == {"b"}
    assert node.hawser.has_said("server shop/a down: 3 checks failed in a row: timeout")

    patients["a"].passes()
    becomes(node, "a", "ready")
    assert homes(node) == {"a", "b"}
    assert node.hawser.has_said("server shop/a up: 2 checks passed in a row: L7 200")


def test_e178_with_all_down_503_and_back_with_the_check_that_decides(ward):
    node, patients = ward()
    for each in patients.values():
        each.fails()
    for name in patients:
        assert becomes(node, name, "down")["check"]["result"] == "L7 503"
    assert node.visitor().ask().status == 503

    before = patients["a"].checks
    patients["a"].passes()
    told = wait_for(lambda: (found := node.visitor().ask()).status == 200 and found)
    assert told.body == b"a"
    assert patients["a"].checks >= before + 2
    assert node.server("b")["state"] == "down"


def test_e178_rise_and_fall_hold(ward):
    node, patients = ward({"fall": 3, "rise": 3})
    # One that failed once less than `fall` was never down.
    left = [0]

    def fails_while_any_is_left(_):
        left[0] -= 1
        return [answer(b"", "500 No") if left[0] >= 0 else answer(b"fit")]

    node["a"].script = fails_while_any_is_left
    for _ in range(3):
        left[0] = 2
        wait_for(lambda: left[0] < 0, "two checks failed, and one has passed")
        comes_to(node, "a", "L7 200")
    assert count_of(node, "hawser_health_checks_total", server="a", result="status") == 6
    assert count_of(node, "hawser_health_changes_total", server="a", to="down") == 0


def test_e178_checks_use_no_connection_of_a_client_and_none_that_is_kept(ward):
    node, patients = ward(names="a")
    with node.connect() as client:
        for _ in range(5):
            node.visitor().ask(over=client)
    enough = patients["a"].checks + 3
    wait_for(lambda: patients["a"].checks >= enough, "checks go on")
    paths = [[each.target for each in one.requests] for one in node["a"].connections]
    carried = [each for each in paths if each]
    assert ["/"] * 5 in carried
    assert all(each in (["/"] * 5, [IS_CHECK]) for each in carried)


def test_checks_are_counted(ward):
    node, patients = ward()
    wait_for(lambda: patients["a"].checks >= 10, "ten checks")

    def passed() -> float:
        return count_of(node, "hawser_health_checks_total", server="a", result="passed")

    # All that came, also before the patient spoke; one more may be under way.
    before = passed()
    came = sum(each.target == IS_CHECK for each in node["a"].requests)
    assert before <= came <= passed() + 1


def test_one_check_serves_all_workers(ward):
    node, patients = ward({"timeout": "60s"}, workers=3)
    asked = []
    node["a"].script = lambda request: asked.append(request.target) or [STALL]
    enough = patients["b"].checks + 10
    wait_for(lambda: patients["b"].checks >= enough, "the other one is checked ten times")
    assert asked == [IS_CHECK]

    node["a"].forget()
    Patient(node["a"], "a").fails()
    becomes(node, "a", "down")
    assert homes(node, 30) == {"b"}


def test_e154_sessions_begin_anew_at_a_server_that_checks_found_gone_and_back(ward):
    node, patients = ward(names="a")
    ann = node.visitor()
    ann.ask()
    assert Verdict.of(ann.ask()).verdict == "hit"

    node["a"].stop()
    assert becomes(node, "a", "down")["check"]["result"] == "connect refused"
    # Bindings are dated in seconds: what was given in the very second of its return is believed.
    given = int(time.time())
    wait_for(lambda: int(time.time()) > given, "another second begins")
    node["a"].start_again()
    patients["a"] = Patient(node["a"], "a")
    becomes(node, "a", "ready")

    assert Verdict.of(ann.ask()) == Verdict("new", "stale", "a")
    assert Verdict.of(ann.ask()).verdict == "hit"


def test_sessions_stay_at_a_server_that_was_down_and_never_gone(ward):
    node, patients = ward(names="a")
    ann = node.visitor()
    ann.ask()
    patients["a"].fails()
    becomes(node, "a", "down")
    assert ann.ask().status == 503
    patients["a"].passes()
    becomes(node, "a", "ready")
    assert Verdict.of(ann.ask()).verdict == "hit"


def test_e178_drained_servers_are_checked_and_those_in_maintenance_are_not(ward):
    node, patients = ward()
    node.set("a", state="drain")
    node.set("b", state="maintenance")
    patients["a"].fails()
    patients["b"].fails()
    becomes(node, "a", "down")
    rests = patients["b"].checks
    enough = patients["a"].checks + 10
    wait_for(lambda: patients["a"].checks >= enough, "the other one is checked ten times")
    assert patients["b"].checks <= rests + 1
    assert node.server("b")["state"] == "maintenance"
    node.set("b", state="ready")
    becomes(node, "b", "down")


def test_a_reload_leaves_checks_alone_that_it_does_not_name(ward):
    node, patients = ward()
    patients["a"].fails()
    becomes(node, "a", "down")
    passed = count_of(node, "hawser_health_checks_total", server="b", result="passed")
    node.add("c")
    node.hawser.settings["pools"]["shop"]["servers"]["c"] = node["c"].address
    for _ in range(5):
        node.hawser.reload()
        assert node.server("a")["state"] == "down"
    assert count_of(node, "hawser_health_checks_total", server="b", result="passed") >= passed
    assert node.server("c")["state"] == "ready", "a new server begins up"
    comes_to(node, "c", "L7 200")

    del node.hawser.settings["pools"]["shop"]["servers"]["b"]
    node.hawser.reload()
    rests, enough = patients["b"].checks, patients["a"].checks + 10
    wait_for(lambda: patients["a"].checks >= enough, "others are checked ten times")
    assert patients["b"].checks <= rests + 1


def test_without_checks_nobody_stays_down_by_them(ward):
    node, patients = ward()
    patients["a"].fails()
    becomes(node, "a", "down")
    del node.hawser.settings["pools"]["shop"]["health"]["http"]
    node.hawser.reload()
    assert node.server("a")["state"] == "ready"
    assert node.server("a")["check"] is None


def test_status_and_metrics_show_checks(ward):
    node, patients = ward()
    patients["a"].fails()
    becomes(node, "a", "down")
    table = node.command("status").stdout
    [line] = [each for each in table.splitlines() if each.startswith("shop/a ")]
    assert re.search(r"down +L7 503", line)
    assert count_of(node, "hawser_health_checks_total", server="a", result="status") >= 3
    assert count_of(node, "hawser_health_changes_total", server="a", to="down") == 1
    assert count_of(node, "hawser_health_check_duration_seconds_count", pool="shop") >= 4


def test_secrets_of_checks_are_not_told(ward):
    node, patients = ward({"http": {"path": IS_CHECK, "headers": {"Authorization": "s3cret"}}})
    patients["a"].fails()
    becomes(node, "a", "down")
    assert any(each.value("Authorization") == "s3cret" for each in node["a"].requests)
    assert "s3cret" not in node.hawser.errors()
    assert "s3cret" not in node.admin("GET", "/v1/status").text
    shown = command("check", "--dump", str(node.hawser.config_path)).stdout
    assert "s3cret" not in shown and "(hidden)" in shown


def test_check_warns_of_a_check_slower_than_its_interval(tmp_path):
    file = tmp_path / "slow.yaml"
    file.write_text("listeners: {web: {bind: '127.0.0.1:1'}}\n"
                    "pools: {shop: {servers: {a: '127.0.0.1:2'},\n"
                    "  health: {http: /up, interval: 1s, timeout: 3s}}}\n"
                    "routes: [{pool: shop}]\n")
    told = command("check", str(file))
    assert told.returncode == 0
    assert "slow.yaml:3:46" in told.stdout + told.stderr
    assert "slow-check" in told.stdout + told.stderr
    assert command("check", "--strict", str(file)).returncode == 1


def test_a_proxy_header_of_ours_names_nobody(operated_by):  # noqa: F811
    origin = RawOrigin(length_of=length_of)
    origin.script = lambda request: [answer(b"fit")]
    try:
        node = operated_by("", {"health": {"http": IS_CHECK} | OFTEN}, servers={
            "a": {"address": origin.address, "proxy-protocol": "v2"}})
        comes_to(node, "a", "L7 200")
        [first, *_] = [each for each in origin.connections if each.requests]
        assert first.preamble == v2(0, b"", COMMAND_LOCAL)
        assert first.requests[0].target == IS_CHECK
    finally:
        origin.stop()


# ---- real servers ---------------------------------------------------------------------------------


def test_nginx_over_a_unix_socket_by_what_a_page_says(operated_by, tmp_path):  # noqa: F811
    files = tmp_path / "files"
    files.mkdir()
    page = files / "up.txt"
    page.write_text("database up, 12 ms\n")
    place = tmp_path / "nginx.sock"
    nginx = Nginx(tmp_path, files, f"listen unix:{place};")
    try:
        node = operated_by("", {"health": OFTEN | {"http": {
            "path": "/up.txt", "contains": "database up", "matches": "[0-9]+ ms"}}},
            servers={"a": f"unix:{place}"})
        comes_to(node, "a", "L7 200")
        page.write_text("database up, at last\n")
        becomes(node, "a", "down")
        assert last_check(node, "a") == "L7 200, another body"
        page.unlink()
        comes_to(node, "a", "L7 404")
        page.write_text("database up, 3 ms\n")
        becomes(node, "a", "ready")
    finally:
        nginx.stop()
    assert becomes(node, "a", "down")["check"]["passed"] is False


def test_nginx_by_http2(operated_by, tmp_path):  # noqa: F811
    files = tmp_path / "files"
    files.mkdir()
    (files / "up.txt").write_text("fit")
    port = free_port()
    nginx = Nginx(tmp_path, files, f"listen 127.0.0.1:{port} http2;")
    try:
        node = operated_by("", {"protocol": "h2c", "health": OFTEN | {"http": {
            "path": "/up.txt", "contains": "fit"}}}, servers={"a": f"127.0.0.1:{port}"})
        comes_to(node, "a", "L7 200")
        (files / "up.txt").unlink()
        becomes(node, "a", "down")
        assert last_check(node, "a") == "L7 404"
    finally:
        nginx.stop()


def test_checks_may_go_to_another_port(operated_by):  # noqa: F811
    beside = RawOrigin()
    try:
        node = operated_by("a", {"health": {"http": IS_CHECK, "port": beside.port} | OFTEN})
        comes_to(node, "a", "L7 200")
        beside.answers(answer(b"", "503 Service Unavailable"))
        becomes(node, "a", "down")
        assert not any(each.target == IS_CHECK for each in node["a"].requests)
    finally:
        beside.stop()


@pytest.mark.parametrize("kind", ["http", "tls"])
def test_over_tls_by_the_terms_of_the_pool(operated_by, tmp_path, kind):  # noqa: F811
    authority = Authority(tmp_path / "servers", "Servers' Authority")
    ours = authority.issue("hawser.internal")
    origin = TlsOrigin(authority.issue("shop.internal"), clients=authority)
    try:
        node = operated_by("", {
            "tls": {"ca": str(authority.path), "server-name": "shop.internal"} | ours.settings,
            "health": {kind: "on"} | OFTEN}, servers={"a": origin.address})
        comes_to(node, "a", "L7 200" if kind == "http" else "L6 TLSv1.3")
        [first, *_] = wait_for(lambda: origin.shaken, "a handshake is over")
        assert first["client"], "our certificate was shown"

        node.hawser.settings["pools"]["shop"]["tls"]["server-name"] = "other.internal"
        node.hawser.reload()
        found = becomes(node, "a", "down")
        assert found["check"]["result"].startswith("TLS: ")
    finally:
        origin.stop()


def test_grpc_health_protocol(operated_by):  # noqa: F811
    calls = Application("fit.js")
    try:
        node = operated_by("", {"protocol": "h2c", "health": {"grpc": "shop.Cart"} | OFTEN},
                           servers={"a": calls.address})
        comes_to(node, "a", "L7 SERVING")
        os.kill(calls.pid, signal.SIGUSR2)
        becomes(node, "a", "down")
        assert last_check(node, "a") == "L7 NOT_SERVING"
        os.kill(calls.pid, signal.SIGUSR2)
        becomes(node, "a", "ready")

        node.hawser.settings["pools"]["shop"]["health"]["grpc"] = "shop.Other"
        node.hawser.reload()
        comes_to(node, "a", "L7 gRPC status 5")
        becomes(node, "a", "down")
    finally:
        calls.stop()


def test_a_program_decides(operated_by, tmp_path):  # noqa: F811
    program = tmp_path / "fit.sh"
    seen = tmp_path / "seen"
    ill = tmp_path / "ill"
    program.write_text(f"""#!/bin/sh
echo "$HAWSER_POOL/$HAWSER_SERVER $HAWSER_ADDRESS $1" >> {seen}
test "$HAWSER_SERVER" = b || ! test -e {ill}
""")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    node = operated_by("ab", {"health": OFTEN | {"command": {
        "program": str(program), "arguments": ["deep"]}}})
    comes_to(node, "a", "exit 0")
    assert f"shop/a {node['a'].address} deep" in seen.read_text().splitlines()
    ill.touch()
    assert becomes(node, "a", "down")["check"]["result"] == "exit 1"
    assert node.server("b")["state"] == "ready"
    ill.unlink()
    becomes(node, "a", "ready")


def test_e178_a_program_that_hangs_is_killed_and_nothing_of_it_stays(operated_by, tmp_path):  # noqa: F811
    program = tmp_path / "hang.sh"
    program.write_text("#!/bin/sh\nsleep 54321 &\nwait\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    node = operated_by("a", {"health": SOON_LATE | {"command": str(program)}})
    assert becomes(node, "a", "down")["check"]["result"] == "timeout"
    node.hawser.settings["pools"]["shop"]["health"] = {"passive": "off"}
    node.hawser.reload()

    def is_gone() -> bool:
        for each in os.listdir("/proc"):
            try:
                with open(f"/proc/{each}/cmdline", "rb") as words:
                    if b"54321" in words.read():
                        return False
            except OSError:
                pass
        return True

    wait_for(is_gone, "no process of the check is left")


def test_a_program_that_is_missing_takes_nobody_down(operated_by):  # noqa: F811
    node = operated_by("a", {"health": OFTEN | {"command": "/nowhere/at/all"}})
    assert node.hawser.has_said("server shop/a could not be checked: /nowhere/at/all: No such file")
    assert node.server("a")["state"] == "ready"
    assert count_of(node, "hawser_health_checks_total", result="not-made") >= 1


# ---- traffic compared, panic ----------------------------------------------------------------------

COMPARED = {"window": "1s", "requests-at-least": 10, "answer-failures": 1000}


def test_a_server_whose_error_rate_stands_out_is_taken_out(operated_by):  # noqa: F811
    node = operated_by("abc", {"affinity": [], "health": {
        "passive": COMPARED | {"error-rate": "30%"}}})
    turns = iter(range(10**9))
    node["a"].script = lambda _: [answer(b"", "500 No") if next(turns) % 2 else answer(b"a")]
    wait_for(lambda: [node.visitor().ask() for _ in range(30)]
             and node.server("a")["state"] == "down", "a is taken out")
    assert node.server("b")["state"] == node.server("c")["state"] == "ready"
    assert node.hawser.has_said("server shop/a went-out: error-rate (")
    assert count_of(node, "hawser_server_ejections_total", server="a", cause="error-rate") == 1


def test_a_server_that_is_slow_beside_the_others_is_taken_out(operated_by):  # noqa: F811
    node = operated_by("abc", {"affinity": [], "balance": "round-robin", "health": {
        "passive": COMPARED | {"slowness": 5, "requests-at-least": 1}}})
    node["a"].answers(0.3, answer(b"a"))
    wait_for(lambda: [node.visitor().ask() for _ in range(30)]
             and count_of(node, "hawser_server_ejections_total", server="a", cause="slow"),
             "a is taken out")
    assert node.hawser.has_said("server shop/a went-out: slow (answers took ")


def test_in_panic_health_is_not_believed_and_sessions_stay(ward):
    node, patients = ward({"passive": "off"}, names="abcd")
    node.hawser.settings["pools"]["shop"]["health"]["panic-threshold"] = "50%"
    node.hawser.reload()
    ann = node.visitor()
    home = ann.ask().body.decode()
    for name in "abcd":
        patients[name].fails()
        becomes(node, name, "down")
    assert homes(node, 40) == set("abcd")
    assert Verdict.of(ann.ask()) == Verdict("hit", "", home)


# ---- what servers say of themselves ---------------------------------------------------------------


class Agent:
    """A port that says one line to whoever connects."""

    def __init__(self, says: str):
        self.says = says
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                peer.sendall(self.says.encode())

    def stop(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def test_an_agent_reports_weight_state_and_fitness(operated_by):  # noqa: F811
    agent = Agent("25%\n")
    try:
        node = operated_by("a", {"health": {"passive": "off", "agent": {
            "port": agent.port, "interval": "100ms", "timeout": "10s"}}})
        wait_for(lambda: node.server("a")["reported_percent"] == 25, "the weight is reported")
        assert node.server("a")["weight"] == 1
        assert "1 x 25%" in node.command("status").stdout
        ann = node.visitor()
        assert ann.ask().status == 200

        agent.says = "drain\n"
        wait_for(lambda: node.is_drained("a"), "it drains")
        assert Verdict.of(ann.ask()).verdict == "hit"
        assert node.visitor().ask().status == 503

        agent.says = "down # the disk is full\n"
        becomes(node, "a", "down")
        agent.says = "up ready 100%\n"
        becomes(node, "a", "ready")
        agent.says = "maint\n"
        becomes(node, "a", "maintenance")

        agent.says = "ready, but tired\n"
        wait_for(lambda: node.server("a")["agent"]["passed"] is False, "it is not understood")
        assert node.server("a")["state"] == "maintenance"
        assert node.hawser.has_said("no report of its agent: `but` is no word of a report here")
    finally:
        agent.stop()


def test_a_field_of_answers_reports_the_weight(operated_by):  # noqa: F811
    node = operated_by("ab", {"affinity": [], "balance": "round-robin",
                              "health": {"passive": "off", "weight-header": "Hawser-Weight"}})
    node["a"].script = lambda _: [answer(b"a", "200 OK", "Hawser-Weight: 10")]
    wait_for(lambda: node.visitor().ask().body == b"a", "a has answered")
    assert node.server("a")["reported_percent"] == 10
    told = [node.visitor().ask() for _ in range(44)]
    assert sum(each.body == b"a" for each in told) in (3, 4, 5)
    assert all(each.value("Hawser-Weight") is None for each in told)

    node["a"].script = lambda _: [answer(b"a", "200 OK", "Hawser-Weight: all of it")]
    wait_for(lambda: node.visitor().ask().body == b"a", "a has answered again")
    assert node.server("a")["reported_percent"] == 10
    node["a"].script = lambda _: [answer(b"a", "200 OK", "Hawser-Weight: 0")]
    wait_for(lambda: node.visitor().ask().body == b"a", "a has answered once more")
    assert node.server("a")["reported_percent"] == 1, "nobody leaves service by an answer"
