# SPDX-License-Identifier: Apache-2.0
"""The sessions' JSON door over real sockets: its OpenAPI document against what it answers, what
goes from door to door, tokens, and reloads."""

import json
import subprocess
import threading

import jsonschema
import pytest

from harness import free_port, wait_for
from processes import curl
from session_stores import HawserStore, redis_cli


class Api:
    """curl before the door; each answer is checked against the door's own document."""

    def __init__(self, port: int, *more: str):
        self.port = port
        self.more = more
        self.document = None
        self.document = self.asks("GET", "/v1/openapi.json").body

    def asks(self, method: str, path: str, body: dict | None = None, **fields: str):
        words = ["-sS", "-i", "--max-time", "20", "-X", method, *self.more]
        if body is not None:
            words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        for name, value in fields.items():
            words += ["-H", f"{name.replace('_', '-')}: {value}"]
        done = subprocess.run(["curl", *words, f"http://127.0.0.1:{self.port}{path}"], text=True,
                              capture_output=True, check=True)
        return Answer(self, method, path, body, done.stdout)


class Answer:
    def __init__(self, api: Api, method: str, path: str, sent: dict | None, text: str):
        head, _, body = text.partition("\n\n")
        lines = head.split("\n")
        self.status = int(lines[0].split()[1])
        self.fields = {name.lower(): value for name, _, value in
                       (line.partition(": ") for line in lines[1:])}
        self.body = json.loads(body)
        if api.document is not None:
            self.check(api.document, method.lower(), path, sent)

    def check(self, document: dict, method: str, path: str, sent: dict | None) -> None:
        what = document["paths"][path].get(method)
        if what is None:
            assert self.status == 405
            return
        known = what["responses"].get(str(self.status), what["responses"]["default"])
        schema = known["content"]["application/json"]["schema"]
        jsonschema.Draft202012Validator(schema | {"components": document["components"]}).validate(
            self.body)
        if sent is not None and self.status < 300:
            jsonschema.validate(sent, what["requestBody"]["content"]["application/json"]["schema"])


def served(folder, **api) -> HawserStore:
    port = free_port()
    store = HawserStore(folder, {"api": {"bind": f"127.0.0.1:{port}"} | api})
    store.api_port = port
    return store


@pytest.fixture
def store(tmp_path):
    made = served(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def api(store):
    return Api(store.api_port)


def test_the_document_is_openapi_and_its_schemas_are_schemas(api):
    assert api.document["openapi"] == "3.1.0"
    for schema in api.document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    names = [what["operationId"] for path in api.document["paths"].values()
             for what in path.values()]
    assert len(names) == len(set(names)) == 11


def test_a_session_from_its_beginning_to_its_end(api):
    made = api.asks("POST", "/v1/sessions", {"data": {"cart": ["tea"]}, "user": "ann",
                                             "expires_in": 600})
    assert made.status == 201 and made.body["expires_in"] == 600
    name = made.body["id"]
    read = api.asks("GET", "/v1/session", Session_Id=name)
    assert read.status == 200 and read.body["data"] == {"cart": ["tea"]}
    assert read.fields["etag"] == made.fields["etag"] and read.fields["cache-control"] == "no-store"
    patched = api.asks("PATCH", "/v1/session", {"data": {"name": "Ann"}}, Session_Id=name)
    assert patched.body["data"] == {"cart": ["tea"], "name": "Ann"}
    late = api.asks("PUT", "/v1/session", {"data": {}}, Session_Id=name,
                    If_Match=read.fields["etag"])
    assert late.status == 412
    assert api.asks("POST", "/v1/session/touch", Session_Id=name).status == 200
    renewed = api.asks("POST", "/v1/session/renew", {}, Session_Id=name)
    assert renewed.status == 201 and renewed.body["id"] != name
    listed = api.asks("GET", "/v1/sessions", Session_User="ann")
    assert [each["handle"] for each in listed.body["sessions"]] == [renewed.body["handle"]]
    assert api.asks("DELETE", "/v1/sessions", Session_User="ann").body == {"ended": 1}
    assert api.asks("GET", "/v1/session", Session_Id=renewed.body["id"]).status == 404
    assert api.asks("OPTIONS", "/v1/session", Session_Id=name).status == 405


def test_s17a_what_a_library_keeps_is_read_here_and_the_other_way_round(api, store):
    redis_cli(store.port, "set", "sess:of-a-library", '{"cookie":{},"n":1.50}')
    read = api.asks("GET", "/v1/session", Session_Id="of-a-library")
    assert read.body["data"] == {"cookie": {}, "n": 1.5}
    made = api.asks("POST", "/v1/sessions", {"data": {"a": [1]}})
    assert redis_cli(store.port, "get", f"sess:{made.body['id']}") == '{"a":[1]}'
    assert redis_cli(store.port, "del", f"sess:{made.body['id']}") == "1"
    assert api.asks("GET", "/v1/session", Session_Id=made.body["id"]).status == 404


def test_t1_of_parallel_changes_by_if_match_none_is_lost(api):
    name = api.asks("POST", "/v1/sessions", {"data": {"n": 0}}).body["id"]

    def count() -> None:
        for _ in range(10):
            while True:
                seen = api.asks("GET", "/v1/session", Session_Id=name)
                done = api.asks("PUT", "/v1/session", {"data": {"n": seen.body["data"]["n"] + 1}},
                                Session_Id=name, If_Match=seen.fields["etag"])
                if done.status == 200:
                    break
                assert done.status == 412

    all_at_once = [threading.Thread(target=count) for _ in range(4)]
    for each in all_at_once:
        each.start()
    for each in all_at_once:
        each.join()
    assert api.asks("GET", "/v1/session", Session_Id=name).body["data"] == {"n": 40}


def test_s9_of_parallel_log_ins_no_more_succeed_than_a_user_may_have(tmp_path):
    port = free_port()
    store = HawserStore(tmp_path, {"api": f"127.0.0.1:{port}", "namespaces": {
        "default": {"limits": {"user-sessions": 3}}}})
    api = Api(port)
    told = []
    all_at_once = [threading.Thread(target=lambda: told.append(
        api.asks("POST", "/v1/sessions", {"user": "ann"}).status)) for _ in range(12)]
    for each in all_at_once:
        each.start()
    for each in all_at_once:
        each.join()
    assert sorted(told) == [201] * 3 + [409] * 9
    store.stop()


def test_s9_a_session_that_has_expired_leaves_its_place(tmp_path):
    port = free_port()
    store = HawserStore(tmp_path, {"api": f"127.0.0.1:{port}", "namespaces": {
        "default": {"limits": {"user-sessions": 1}}}})
    api = Api(port)
    assert api.asks("POST", "/v1/sessions", {"user": "ann", "expires_in": 1}).status == 201
    wait_for(lambda: api.asks("POST", "/v1/sessions", {"user": "ann"}).status == 201,
             "the place is free again")
    store.stop()


def test_s16_a_token_of_each_application(tmp_path):
    for name in ("shop", "blog"):
        (tmp_path / name).write_text(f"the long token of {name}\n")
        (tmp_path / name).chmod(0o600)
    port = free_port()
    users = {name: {"namespace": name, "password-file": str(tmp_path / name)}
             for name in ("shop", "blog")}
    admin = f"unix:{tmp_path}/admin"
    store = HawserStore(tmp_path, {"namespaces": {"shop": {}, "blog": {}},
                                   "resp": {"users": users},
                                   "api": {"bind": f"127.0.0.1:{port}", "users": users}},
                        admin={"bind": admin})
    shop = Api(port, "-H", "Authorization: Bearer the long token of shop")
    blog = Api(port, "-H", "Authorization: Bearer the long token of blog")
    name = shop.asks("POST", "/v1/sessions", {"data": {"secret-word": 1}, "user": "secret-word"}).body["id"]
    assert blog.asks("GET", "/v1/session", Session_Id=name).status == 404
    assert blog.asks("GET", "/v1/sessions", Session_User="secret-word").body == {"sessions": []}
    assert curl("-o", "/dev/null", "-w", "%{http_code}",
                f"http://127.0.0.1:{port}/v1/openapi.json") == "401"
    (tmp_path / "shop").write_text("another long token of shop\n")
    store.hawser.reload()
    assert shop.asks("GET", "/v1/session", Session_Id=name).status == 401
    metrics = curl("--unix-socket", f"{tmp_path}/admin", "http://localhost/metrics")
    assert 'hawser_session_api_requests_total{action="create",status="2xx"} 1' in metrics
    assert "hawser_session_api_tokens_failed_total 1" in metrics
    for secret in (name, "secret-word", "long token"):
        assert secret not in metrics + store.hawser.errors()
    store.stop()


def test_a_reload_opens_and_closes_the_door(tmp_path):
    store = served(tmp_path)
    Api(store.api_port)
    door = store.hawser.settings["sessions"].pop("api")
    store.hawser.reload()
    assert subprocess.run(["curl", "-sS", f"http://127.0.0.1:{store.api_port}/v1/openapi.json"],
                          capture_output=True).returncode == 7
    store.hawser.settings["sessions"]["api"] = door
    store.hawser.reload()
    Api(store.api_port)
    store.stop()


def test_it_is_served_without_the_other_door(tmp_path):
    store = served(tmp_path)
    store.hawser.settings["sessions"].pop("resp")
    store.hawser.reload()
    api = Api(store.api_port)
    name = api.asks("POST", "/v1/sessions", {"expires_in": 1}).body["id"]
    wait_for(lambda: api.asks("GET", "/v1/session", Session_Id=name).status == 404, "it has expired")
    store.stop()
