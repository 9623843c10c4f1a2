# SPDX-License-Identifier: Apache-2.0
"""Who may ask the admin endpoint for what, and what is recorded of it."""

import hashlib
import http.client
import json
import os
import re
import subprocess
import sys

import pytest

from authorities import Authority
from harness import free_port
from operators import JSON, command, operated_by  # noqa: F401

STATE = "/v1/pools/shop/servers/a/state"
TOKENS = {"view": ("viewer", "v" * 32), "run": ("operator", "o" * 32), "all": ("admin", "a" * 32)}


def bearer(name: str) -> dict:
    return {"Authorization": f"Bearer {TOKENS[name][1]}"}


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / "tokens"
    lines = [f"{name} {level} {secret}" for name, (level, secret) in TOKENS.items()]
    lines[0] = f"view viewer sha256:{hashlib.sha256(TOKENS['view'][1].encode()).hexdigest()}"
    path.write_text("# who may what\n" + "\n".join(lines) + "\n")
    path.chmod(0o600)
    return path


def by_token(operated_by, token_file, **admin):
    port = free_port()
    node = operated_by("ab", admin={"bind": f"127.0.0.1:{port}", "tokens": str(token_file)} | admin)
    node.admin_port = port
    return node


def test_a_token_is_needed_once_there_are_tokens_at_the_loopback_too(operated_by, token_file):
    node = by_token(operated_by, token_file)
    for path in ("/healthz", "/readyz"):
        assert node.admin("GET", path).status == 200, path
    for path in ("/metrics", "/v1/status", "/v1/openapi.json"):
        assert node.admin("GET", path).status == 401, path
        assert node.admin("GET", path, bearer("view")).status == 200, path
    assert node.admin("GET", "/v1/status", {"Authorization": "Bearer " + "x" * 32}).status == 401


@pytest.mark.parametrize("who, drains, reloads", [
    ("view", 403, 403), ("run", 200, 403), ("all", 200, 200)])
def test_each_level_may_do_what_it_is_for(operated_by, token_file, who, drains, reloads):
    node = by_token(operated_by, token_file)
    fields = JSON | bearer(who)
    assert node.admin("PUT", STATE, fields, '{"state": "drain"}').status == drains
    assert node.admin("POST", "/v1/reload", fields, "{}").status == reloads
    [server] = [each for each in json.loads(node.admin("GET", "/v1/pools/shop", bearer("view")).text)
                ["servers"] if each["name"] == "a"]
    assert server["state"].startswith("drain" if drains == 200 else "ready")


def test_who_guesses_tokens_has_to_wait(operated_by, token_file):
    node = by_token(operated_by, token_file)
    told = [node.admin("GET", "/v1/status", {"Authorization": f"Bearer {guess:032}"}).status
            for guess in range(200)]
    assert set(told) == {401, 429} and told.count(401) < 100
    assert node.admin("GET", "/healthz").status == 200


def test_a_reload_reads_the_tokens_again(operated_by, token_file):
    node = by_token(operated_by, token_file)
    token_file.write_text("other admin " + "z" * 32 + "\n")
    assert node.admin("POST", "/v1/reload", JSON | bearer("all"), "{}").status == 200
    assert node.admin("GET", "/v1/status", bearer("all")).status == 401
    token_file.write_text("broken\n")
    told = node.admin("POST", "/v1/reload", JSON | {"Authorization": "Bearer " + "z" * 32}, "{}")
    assert told.status == 422 and "tokens:1:" in told.text
    assert node.admin("GET", "/v1/status", {"Authorization": "Bearer " + "z" * 32}).status == 200


def test_a_token_file_that_others_can_read_is_refused(token_file, operated_by):
    token_file.chmod(0o644)
    with pytest.raises(AssertionError):
        by_token(operated_by, token_file)


def test_commands_show_a_token_of_a_file_or_of_the_environment(operated_by, token_file, tmp_path):
    node = by_token(operated_by, token_file)
    own = tmp_path / "own-token"
    own.write_text(TOKENS["run"][1] + "\n")
    own.chmod(0o600)
    assert node.command("drain", "shop/a").returncode == 1
    assert node.command("drain", "shop/a", "--token-file", str(own)).returncode == 0
    told = command("status", "--admin", f"127.0.0.1:{node.admin_port}",
                   env=os.environ | {"HAWSER_ADMIN_TOKEN": TOKENS["view"][1]})
    assert told.returncode == 0 and re.search(r"drain(ed)?\*", told.stdout)
    told = node.command("remove", "shop/a", "--token-file", str(own))
    assert told.returncode == 1 and "this is for admins" in told.stderr


@pytest.mark.parametrize("more, says", [
    ({}, "could change this node"),
    ({"allowed-hosts": ["ops.example"]}, "could change this node")])
def test_nobody_opens_it_to_everybody(tmp_path, more, says):
    path = tmp_path / "hawser.yaml"
    path.write_text(json.dumps({
        "listeners": {"web": {"bind": "127.0.0.1:18080"}}, "routes": [{"pool": "shop"}],
        "pools": {"shop": {"servers": {"a": "127.0.0.1:9"}}},
        "admin": {"bind": ":19901"} | more}))
    told = command("check", str(path))
    assert told.returncode == 1 and says in told.stderr
    told = command("run", "--listen", "127.0.0.1:18080", "--server", "127.0.0.1:9",
                   "--admin", "0.0.0.0:19901")
    assert told.returncode == 1 and says in told.stderr


ASK = """import http.client, socket, sys
asked = http.client.HTTPConnection("localhost")
asked.sock = socket.socket(socket.AF_UNIX)
asked.sock.connect(sys.argv[1])
asked.request(sys.argv[2], sys.argv[3], sys.argv[4] or None, {"Content-Type": "application/json"})
print(asked.getresponse().status)
"""


def ask_as(uid: int, path, method: str, target: str, body: str = "") -> int:
    told = subprocess.run([sys.executable, "-c", ASK, str(path), method, target, body],
                          capture_output=True, text=True, timeout=20, user=uid)
    return int(told.stdout)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root asks as somebody else")
def test_at_a_unix_socket_the_kernel_says_who_asks(operated_by, tmp_path):
    folder = tmp_path
    path = folder / "admin.sock"
    operated_by("ab", admin={"bind": f"unix:{path}", "users": {"65533": "viewer",
                                                                "65532": "operator"}})
    path.chmod(0o666)
    for parent in [folder, *folder.parents]:
        if parent != parent.parent and parent.stat().st_uid == os.geteuid():
            parent.chmod(parent.stat().st_mode | 0o011)
    drain = ("PUT", STATE, '{"state": "drain"}')
    assert ask_as(0, path, *drain) == 200
    assert ask_as(65533, path, "GET", "/v1/status") == 200
    assert ask_as(65533, path, *drain) == 403
    assert ask_as(65532, path, *drain) == 200
    assert ask_as(65532, path, "POST", "/v1/reload", "{}") == 403
    assert ask_as(65531, path, "GET", "/v1/status") == 401
    assert ask_as(65531, path, "GET", "/healthz") == 200


def test_certificates_say_who_asks(operated_by, tmp_path):
    authority = Authority(tmp_path / "authority")
    own = authority.issue("IP:127.0.0.1")
    ops = authority.issue("ops", subject="/O=Example/CN=ops")
    other = authority.issue("other", subject="/CN=other")
    port = free_port()
    node = operated_by("ab", admin={
        "bind": f"127.0.0.1:{port}", "tls": own.settings | {"client-ca": str(authority.path)},
        "certificates": [{"subject": "CN=ops,O=Example", "level": "operator"}]})

    def ask(by, path: str, method: str = "GET", body: str = "") -> int:
        asked = http.client.HTTPSConnection("127.0.0.1", port, context=authority.trust(by))
        asked.request(method, path, body or None, JSON)
        status = asked.getresponse().status
        asked.close()
        return status

    assert ask(ops, "/v1/status") == 200
    assert ask(ops, STATE, "PUT", '{"state": "drain"}') == 200
    assert ask(ops, "/v1/reload", "POST", "{}") == 403
    assert ask(other, "/v1/status") == 401
    assert ask(None, "/v1/status") == 401
    assert ask(None, "/healthz") == 200
    assert node.hawser.has_said("by CN=ops,O=Example from 127.0.0.1")


def test_commands_reach_a_node_over_tls(operated_by, token_file, tmp_path):
    authority = Authority(tmp_path / "authority")
    own = tmp_path / "own-token"
    own.write_text(TOKENS["all"][1])
    own.chmod(0o600)
    node = by_token(operated_by, token_file, tls=authority.issue("IP:127.0.0.1").settings)
    told = command("weight", "shop/a", "5", "--admin", f"https://127.0.0.1:{node.admin_port}",
                   "--ca", str(authority.path), "--token-file", str(own))
    assert told.returncode == 0, told.stderr
    told = command("status", "--admin", f"https://127.0.0.1:{node.admin_port}",
                   "--token-file", str(own))
    assert told.returncode == 1 and told.stdout == "", "an authority that nobody trusts"


def test_every_change_is_recorded_with_who_and_what(operated_by, token_file, tmp_path):
    path = tmp_path / "audit.log"
    node = by_token(operated_by, token_file, audit=str(path))
    node.admin("PUT", STATE, JSON | bearer("run"), '{"state": "drain"}')
    node.admin("PUT", STATE, JSON | bearer("run"), '{"state": "fly"}')
    node.admin("GET", "/v1/status", bearer("view"))
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert all(each.pop("time") for each in records)
    common = {"who": "run", "level": "operator", "from": "127.0.0.1", "method": "PUT", "path": STATE}
    assert records == [common | {"body": '{"state": "drain"}', "status": 200},
                       common | {"body": '{"state": "fly"}', "status": 422}]
    path.rename(tmp_path / "audit.log.1")
    node.signal(10)  # USR1
    assert node.hawser.process.poll() is None
    node.hawser.settings["admin"]["audit"] = "log"
    node.hawser.reload()
    node.admin("PUT", STATE, JSON | bearer("run"), '{"state": "ready"}')
    assert node.hawser.has_said('audit: {"time":')


def test_a_change_that_is_meant_for_something_else_is_not_made(operated_by):
    node = operated_by("ab")

    def tag() -> str:
        asked = http.client.HTTPConnection("127.0.0.1", node.admin_port)
        asked.request("GET", "/v1/pools/shop/servers/a")
        return asked.getresponse().headers["ETag"]

    seen = tag()
    assert node.admin("PUT", STATE, JSON | {"If-Match": seen}, '{"state": "drain"}').status == 200
    assert tag() != seen
    told = node.admin("PUT", STATE, JSON | {"If-Match": seen}, '{"state": "ready"}')
    assert told.status == 412 and node.is_drained("a")


def test_a_revision_may_be_required(operated_by):
    port = free_port()
    node = operated_by("ab", admin={"bind": f"127.0.0.1:{port}", "require-if-match": True})
    node.admin_port = port
    assert node.set("a", state="drain").status == 428
    assert node.command("drain", "shop/a").returncode == 0, "a command means what is there"


def test_who_asks_too_often_is_told_so_and_traffic_goes_on(operated_by):
    node = operated_by("ab")
    told = subprocess.run(["wrk", "-t1", "-c4", "-d2s",
                           f"http://127.0.0.1:{node.admin_port}/healthz"],
                          capture_output=True, text=True, timeout=30)
    assert "Non-2xx or 3xx responses" in told.stdout
    assert node.visitor().ask().status == 200
