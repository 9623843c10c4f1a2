# SPDX-License-Identifier: Apache-2.0
"""The commands of an operator: their effect, their exit codes, and what they say."""

import json
import os
import signal
import stat

from harness import free_port
from operators import command, operated_by  # noqa: F401


def bound_to(node, name: str):
    """A visitor whose home is that server."""
    for _ in range(50):
        visitor = node.visitor()
        if visitor.ask().body == name.encode():
            return visitor
    raise AssertionError(f"no new session came to {name}")


def test_e174_drain_keeps_the_bound_and_sends_new_sessions_elsewhere(operated_by):
    node = operated_by("ab")
    bound = bound_to(node, "a")
    assert node.command("drain", "shop/a").returncode == 0

    assert {node.visitor().ask().body for _ in range(20)} == {b"b"}
    assert [bound.ask().body for _ in range(5)] == [b"a"] * 5
    assert node.server("a")["state"] == "drain"


def test_e174_a_forged_cookie_does_not_get_into_a_drained_server(operated_by):
    node = operated_by("ab")
    bound = bound_to(node, "a")
    node.command("drain", "shop/a")
    forged = bound.cookie[:-1] + ("A" if bound.cookie[-1] != "A" else "B")
    assert {node.visitor(forged).ask().body for _ in range(10)} == {b"b"}


def test_e174_once_ready_again_it_takes_part(operated_by):
    node = operated_by("ab")
    node.command("drain", "shop/a")
    assert node.command("ready", "shop/a").returncode == 0
    bound_to(node, "a")


def test_e174_a_drained_server_that_dies_gives_its_sessions_away(operated_by):
    node = operated_by("ab", pool={"health": {"passive": {"connect-failures": 1}}})
    bound = bound_to(node, "a")
    node.command("drain", "shop/a")
    node["a"].stop()
    assert [bound.ask().body for _ in range(5)] == [b"b"] * 5
    node.signal(signal.SIGTERM)  # then the log is whole
    assert node.wait_until_over() == 0
    moved = [each for each in node.hawser.access() if each.get("verdict") == "moved"]
    assert [each["cause"] for each in moved] == ["home-down"]


def test_e174_maintenance_moves_sessions_once(operated_by):
    node = operated_by("ab")
    bound = bound_to(node, "a")
    assert node.command("maint", "shop/a").returncode == 0
    assert [bound.ask().body for _ in range(5)] == [b"b"] * 5
    assert bound.marks == 2
    assert node.metrics()['hawser_session_moves_total{pool="shop",cause="maintenance"}'] == 1


def test_status_is_a_table_or_json(operated_by):
    node = operated_by("ab")
    table = node.command("status")
    assert table.returncode == 0
    assert "shop/a" in table.stdout and "SESSIONS" in table.stdout
    told = json.loads(node.command("status", "--json").stdout)
    assert [each["name"] for each in told["pools"][0]["servers"]] == ["a", "b"]


def test_status_finds_the_node_by_its_configuration(operated_by):
    node = operated_by("a")
    assert command("status", "-f", str(node.hawser.config_path)).returncode == 0


def test_a_command_reaches_a_unix_socket(operated_by, tmp_path):
    path = tmp_path / "admin.sock"
    operated_by("a", admin={"bind": f"unix:{path}"})
    assert command("status", "--admin", f"unix:{path}").returncode == 0


def test_a_command_to_nobody_fails_and_says_what_to_do():
    told = command("status", "--admin", f"127.0.0.1:{free_port()}")
    assert told.returncode == 1
    assert "--admin" in told.stderr and told.stdout == ""


def test_an_unknown_server_is_an_error(operated_by):
    node = operated_by("a")
    told = node.command("drain", "shop/nobody")
    assert told.returncode == 1
    assert "nobody" in told.stderr


def test_wrong_usage_exits_2():
    assert command().returncode == 2
    assert command("drain").returncode == 2
    assert command("drain", "shop").returncode == 2
    assert command("fly").returncode == 2
    assert command("run", "--admin", "nonsense").returncode == 2


def test_help_and_version_exit_0():
    assert command("--help").returncode == 0
    assert command("drain", "--help").returncode == 0
    assert command("-V").stdout.startswith("hawser ")


def test_t_and_c_check_a_file(tmp_path):
    good = tmp_path / "good.yaml"
    good.write_text("listeners: {web: {bind: ':8080'}}\n"
                    "pools: {shop: {servers: {a: '127.0.0.1:9'}}}\nroutes: [{pool: shop}]\n")
    bad = tmp_path / "bad.yaml"
    bad.write_text("listeners: {web: {bnid: ':8080'}}\n")
    for option in ("-t", "-c"):
        assert command(option, str(good)).returncode == 0
        told = command(option, str(bad))
        assert told.returncode == 1
        assert "bad.yaml:1:" in told.stderr and "bind" in told.stderr


def test_reference_is_the_page_of_the_docs():
    assert command("reference").stdout.startswith("#")


def test_keys_are_added_and_listed_without_a_secret(tmp_path):
    ring = tmp_path / "keys"
    told = command("keys", "add", "--after", "10m", "--ring", str(ring))
    assert told.returncode == 1, "there is no ring yet: a node makes it"
    assert str(ring) in told.stderr


def test_a_key_that_was_added_seals_later(operated_by):
    node = operated_by("a")
    ring = node.hawser.settings["keys"]
    assert command("keys", "add", "--after", "10m", "--ring", ring).returncode == 0
    told = command("keys", "list", "--ring", ring)
    lines = told.stdout.splitlines()
    assert told.returncode == 0 and len(lines) == 2
    assert lines[0].endswith("now") and not lines[1].endswith("now")
    with open(ring) as text:
        secrets = [line.split()[-1] for line in text if not line.startswith("#")]
    assert not any(secret in told.stdout for secret in secrets)
    assert stat.S_IMODE(os.stat(ring).st_mode) == 0o600
