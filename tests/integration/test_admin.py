# SPDX-License-Identifier: Apache-2.0
"""The admin endpoint: what it shows, what it changes, and who may ask."""

import http.client
import os
import re
import socket
import stat

import pytest

from harness import ROOT, free_port, wait_for
from operators import JSON, Operated, operated_by  # noqa: F401


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    made = Operated(tmp_path_factory.mktemp("admin"), listener={}, workers=2)
    yield made
    made.stop()


def test_e170_health_and_readiness_are_plain_texts(node):
    assert node.admin("GET", "/healthz") == (200, "ok\n")
    assert node.admin("GET", "/readyz") == (200, "ready\n")


def test_e170_status_tells_of_listeners_pools_and_servers(node):
    told = node.status()
    assert told["workers"] == 2
    assert told["state"] == "serving"
    assert told["listeners"] == [
        {"name": "web", "address": f"127.0.0.1:{node.hawser.port}"}]
    first = told["pools"][0]["servers"][0]
    assert (first["name"], first["state"], first["weight"]) == ("a", "ready", 1)
    assert first["address"] == node["a"].address


def test_e170_status_counts_sessions_where_they_live(node):
    visitor = node.visitor()
    home = visitor.ask().body.decode()
    before = node.server(home)["sessions"]
    visitor.ask()  # its key comes back
    after = node.server(home)["sessions"]
    assert after["established"] == before["established"] + 1
    assert after["tentative"] == before["tentative"] - 1


@pytest.mark.parametrize("path", ["/v1/reload", "/v1/pools/shop/servers/a/state"])
def test_e170_get_changes_nothing(node, path):
    before = node.status()
    told = node.admin("GET", path)
    assert told.status == 405
    assert told.error
    after = node.status()
    assert after["generation"] == before["generation"]
    assert after["pools"][0]["servers"][0]["state"] == "ready"


@pytest.mark.parametrize("type_", [None, "text/plain", "application/x-www-form-urlencoded",
                                   "application/jsonp"])
def test_e170_what_changes_something_must_be_json(node, type_):
    fields = {} if type_ is None else {"Content-Type": type_}
    assert node.admin("POST", "/v1/reload", fields, "{}").status == 415


def test_e170_json_may_name_its_charset(node):
    fields = {"Content-Type": "Application/JSON; charset=utf-8"}
    path = "/v1/pools/shop/servers/a/state"
    assert node.admin("PUT", path, fields, '{"state": "ready"}').status == 200


@pytest.mark.parametrize("host", ["localhost", "localhost:9901", "LOCALHOST", "127.0.0.1",
                                  "127.8.9.10:1", "[::1]", "[::1]:9901"])
def test_e170_hosts_of_the_loopback_may_ask(node, host):
    assert node.admin("GET", "/healthz", {"Host": host}).status == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
                                  "10.0.0.1", "[2001:db8::1]"])
@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/v1/status", "/nowhere"])
def test_e170_a_rebound_name_is_refused(node, host, path):
    assert node.admin("GET", path, {"Host": host}).status == 403


@pytest.mark.parametrize("fields", [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:1"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_e170_pages_of_other_sites_are_refused(node, fields):
    assert node.admin("POST", "/v1/reload", JSON | fields, "{}").status == 403


def test_e170_its_own_pages_may_ask(node):
    fields = {"Origin": f"http://127.0.0.1:{node.admin_port}", "Sec-Fetch-Site": "same-origin"}
    path = "/v1/pools/shop/servers/a/state"
    assert node.admin("PUT", path, JSON | fields, '{"state": "ready"}').status == 200


def test_e170_what_is_not_there_is_told(node):
    assert node.admin("GET", "/").status == 404
    drain = {"state": "drain"}
    assert node.act("/v1/pools/shop/servers/nobody/state", drain, "PUT").status == 404
    assert node.act("/v1/pools/nothing/servers/a/state", drain, "PUT").status == 404
    assert node.act("/v1/pools/shop/servers/a/explode", drain, "PUT").status == 404
    assert node.act("/v1/pools/shop/servers", drain, "PUT").status == 404
    for path in ("/v1/pools/nothing", "/v1/pools/shop/servers/nobody"):
        assert node.admin("GET", path).status == 404


def test_e170_a_body_beyond_its_limit_is_refused(node):
    assert node.admin("POST", "/v1/reload", JSON, "x" * 100_000).status == 413
    assert node.admin("GET", "/healthz").status == 200


def test_allowed_hosts_may_ask_too(operated_by):
    port = free_port()
    node = operated_by(admin={"bind": f"127.0.0.1:{port}",
                              "allowed-hosts": ["ops.example", "fixed.example:9901"]})
    node.admin_port = port
    for host, status in [("ops.example", 200), ("OPS.example.:9", 200), ("fixed.example:9901", 200),
                         ("fixed.example", 403), ("other.example", 403)]:
        assert node.admin("GET", "/healthz", {"Host": host}).status == status, host


def test_a_unix_socket_is_for_owner_and_group(operated_by, tmp_path):
    path = tmp_path / "admin.sock"
    operated_by(admin={"bind": f"unix:{path}"})
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o660

    asked = http.client.HTTPConnection("localhost")
    asked.sock = socket.socket(socket.AF_UNIX)
    asked.sock.connect(str(path))
    asked.request("GET", "/healthz")
    assert asked.getresponse().status == 200
    asked.close()


def test_metrics_tell_of_servers_and_sessions(node):
    visitor = node.visitor()
    home = visitor.ask().body.decode()
    visitor.ask()
    told = node.metrics()
    of_server = f'pool="shop",server="{home}"'
    assert told[f"hawser_sessions_active{{{of_server}}}"] >= 1
    assert told[f'hawser_server_state{{{of_server},state="ready"}}'] == 1
    assert told[f'hawser_server_state{{{of_server},state="down"}}'] == 0
    assert told['hawser_sessions_started_total{pool="shop"}'] >= 1
    assert told['hawser_registry_entries{kind="established"}'] >= 1
    assert told['hawser_session_skew_ratio{pool="shop"}'] >= 1
    assert told["hawser_config_generation"] >= 1


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="sources without their history")
def test_metrics_tell_which_commit_was_built(node):
    [built] = [each for each in node.metrics() if each.startswith("hawser_build_info{")]
    assert re.search(r'revision="[0-9a-f]{12}"', built)


def test_metrics_count_every_record_of_the_access_log(node):
    node.visitor().ask()
    written = 'hawser_access_log_records_total{result="written"}'
    wait_for(lambda: node.metrics()[written] >= 1, "the record is counted")
