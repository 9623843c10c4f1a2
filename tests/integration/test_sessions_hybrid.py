# SPDX-License-Identifier: Apache-2.0
"""Sessions start light and become durable when they earn it (issue 7: Hybrid)."""

import json
import re
import subprocess

import pytest

from harness import binary, free_port, wait_for
from processes import curl
from session_stores import HawserStore, redis_cli
from test_sessions_api import Api
from test_sessions_joined import Joined


def metric_of(store: HawserStore, name: str) -> int:
    found = re.search(rf'^hawser_session_{name}{{namespace="default"}} (\d+)$',
                      store.metrics(), re.MULTILINE)
    assert found, name
    return int(found[1])


@pytest.fixture
def store_of(tmp_path):
    made = []

    def start(valuable: dict) -> HawserStore:
        port = free_port()
        store = HawserStore(
            tmp_path, {"api": f"127.0.0.1:{port}", "namespaces": {"default": {
                "durability": "memory", "valuable": valuable}}},
            admin={"bind": f"unix:{tmp_path}/admin"})
        store.metrics = lambda: curl("--unix-socket", f"{tmp_path}/admin",
                                     "http://localhost/metrics")
        store.api = Api(port)
        made.append(store)
        return store

    yield start
    for each in made:
        each.stop()


def kill_and_start_again(store: HawserStore) -> None:
    before = store.hawser.errors().count("namespace default: ")
    store.hawser.kill_and_start_again()
    wait_for(lambda: store.hawser.errors().count("namespace default: ") > before, "it is open")


def test_who_is_known_what_is_large_and_what_is_said_to_be_valuable_is_kept(store_of):
    store = store_of({"durability": "interval", "authenticated": True, "bytes": 200})
    api = store.api
    cases = {
        "light": {"data": {"cart": 1}}, "known": {"user": "ann"},
        "large": {"data": {"cart": "x" * 200}}, "said": {"valuable": True}}
    ids = {}
    for name, body in cases.items():
        begun = api.asks("POST", "/v1/sessions", body)
        assert begun.status == 201
        assert begun.body["durability"] == ("memory" if name == "light" else "interval")
        assert begun.body["valuable"] == (name != "light")
        ids[name] = begun.body["id"]
    begun = api.asks("POST", "/v1/sessions", {"data": {"cart": 1}}).body["id"]
    raised = api.asks("PATCH", "/v1/session", {"valuable": True}, Session_Id=begun).body
    assert raised["durability"] == "interval" and raised["data"] == {"cart": 1}
    ids["raised"] = begun
    # What was earned stays, whatever becomes of what it was earned by; but for the word.
    small = api.asks("PUT", "/v1/session", {"data": {}}, Session_Id=ids["large"]).body
    assert small["durability"] == "interval"
    back = api.asks("POST", "/v1/sessions", {"valuable": True}).body["id"]
    lowered = api.asks("PATCH", "/v1/session", {"valuable": False}, Session_Id=back).body
    assert lowered["durability"] == "memory" and not lowered["valuable"]
    ids["lowered"] = back

    kill_and_start_again(store)
    for name, each in ids.items():
        found = api.asks("GET", "/v1/session", Session_Id=each)
        assert found.status == (404 if name in ("light", "lowered") else 200), name


def test_a_renewed_session_is_worth_as_much(store_of):
    store = store_of({"durability": "sync", "authenticated": True})
    begun = store.api.asks("POST", "/v1/sessions", {"data": {"cart": 1}}).body["id"]
    renewed = store.api.asks("POST", "/v1/session/renew", {"user": "ann"}, Session_Id=begun).body
    assert renewed["durability"] == "sync"
    again = store.api.asks("POST", "/v1/session/renew", {"user": ""},
                           Session_Id=renewed["id"]).body
    assert again["durability"] == "sync" and not again["has_user"]


def test_valuable_sessions_outlive_more_than_others_or_it_is_refused(tmp_path):
    for store, namespace in (("memory", {"valuable": {}}),
                             ("embedded", {"durability": "sync", "valuable": {}}),
                             ("embedded", {"valuable": {"durability": "interval"}})):
        path = tmp_path / "hawser.yaml"
        path.write_text(json.dumps({
            "listeners": {"web": {"bind": "127.0.0.1:8080"}},
            "pools": {"app": {"servers": {"a": "127.0.0.1:8081"}}}, "routes": [{"pool": "app"}],
            "sessions": {"store": store, "resp": "127.0.0.1:6379",
                         "namespaces": {"default": namespace}}}))
        checked = subprocess.run([binary(), "check", str(path)], capture_output=True, text=True)
        assert checked.returncode == 1, (store, namespace)
        assert "valuable" in checked.stdout + checked.stderr


@pytest.fixture
def joined(tmp_path):
    made = Joined(tmp_path, namespace={"durability": "memory", "valuable": {"durability": "sync"}},
                  valuable={"paths": ["/checkout/"]})
    yield made
    made.store.stop()


def test_what_makes_a_home_valuable_makes_the_data_so(joined):
    names = {how: joined.begins(data={"cart": how}) for how in ("light", "path", "word")}
    assert {joined.record(each)["durability"] for each in names.values()} == {"memory"}
    joined.visits(names["path"], "/checkout/1")
    joined.word = "valuable"
    joined.visits(names["word"])
    joined.word = ""
    for how in ("path", "word"):
        wait_for(lambda how=how: joined.record(names[how])["durability"] == "sync", how)
        assert joined.record(names[how])["valuable"]
    assert joined.record(names["light"])["durability"] == "memory"
    # A library's save keeps what was earned.
    assert redis_cli(joined.store.port, "set", f"sess:{names['path']}", '{"cart":"saved"}') == "OK"
    assert joined.record(names["path"])["durability"] == "sync"

    kill_and_start_again(joined.store)
    assert {how: joined.shows(each) for how, each in names.items()} == \
        {"light": 404, "path": 200, "word": 200}
    assert joined.record(names["path"])["data"] == {"cart": "saved"}


def test_data_that_comes_after_is_worth_as_much_and_as_little_once_that_is_said(joined):
    name = "A" * 22
    joined.visits(name)
    joined.visits(name, "/checkout/1")
    assert redis_cli(joined.store.port, "set", f"sess:{name}", "{}") == "OK"
    assert joined.record(name)["durability"] == "memory"
    joined.visits(name)
    wait_for(lambda: joined.record(name)["durability"] == "sync", "it is worth more")
    joined.word = "ordinary"
    joined.visits(name)
    wait_for(lambda: joined.record(name)["durability"] == "memory", "it is worth no more")
    assert not joined.record(name)["valuable"]


def test_a_raise_is_no_save_that_others_cross(joined):
    name = joined.begins(data={"cart": 1})
    version = joined.record(name)["version"]
    joined.visits(name, "/checkout/1")
    wait_for(lambda: joined.record(name)["durability"] == "sync", "it is worth more")
    assert joined.record(name)["version"] == version
