# SPDX-License-Identifier: Apache-2.0
"""The API as its own OpenAPI document describes it: all of it is there, and nothing else."""

import http.client
import json

import jsonschema
import pytest

from operators import JSON, Operated

# A body, or none, by which each change can be made; and what its path's names stand for here.
BODIES = {
    ("put", "/v1/pools/{pool}/servers/{server}"): {"address": "127.0.0.1:9", "weight": 2},
    ("put", "/v1/pools/{pool}/servers/{server}/state"): {"state": "drain"},
    ("put", "/v1/pools/{pool}/servers/{server}/weight"): {"weight": 3},
    ("put", "/v1/log"): {"level": "info", "for": "1m"},
    ("put", "/v1/pools/{pool}/servers/{server}/drain"): {"deadline": "5m", "idle": "move"},
    ("post", "/v1/reload"): {},
    ("post", "/v1/explain"): {"listener": "web"},
    ("post", "/v1/sessions/move"): {"pool": "shop", "to": "b"},
    ("post", "/v1/sessions/pin"): {"pool": "shop", "idle": "5m"},
    ("post", "/v1/sessions/end"): {"pool": "shop"},
    ("post", "/v1/upgrade"): {},
}
# It is told what belongs in no URL, and changes nothing.
QUESTION = ("post", "/v1/explain")
NAMES = {"{pool}": "shop", "{field}": "state"}


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    made = Operated(tmp_path_factory.mktemp("api"), "ab", workers=1)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def document(node):
    return json.loads(node.admin("GET", "/v1/openapi.json").text)


def operations(document) -> list:
    return [(method, path, what) for path, methods in document["paths"].items()
            for method, what in methods.items()]


def holds(document, schema: dict, value) -> None:
    jsonschema.Draft202012Validator(schema | {"components": document["components"]}).validate(value)


def schema_of(what: dict, status: int) -> tuple[str, dict]:
    told = what["responses"].get(str(status), what["responses"]["default"])
    [(kind, content)] = told["content"].items()
    return kind, content["schema"]


def ask(node, method: str, path: str, body, query: str = "") -> tuple[int, str, str]:
    for name, value in NAMES.items():
        path = path.replace(name, value)
    if path == "/v1/impact":
        query = "?servers=shop/a"
    is_made = method == "put" or (method == "delete" and "dry_run" not in query)
    server = "new" if is_made and path.endswith("{server}") else "a"
    asked = http.client.HTTPConnection("127.0.0.1", node.admin_port)
    asked.request(method.upper(), path.replace("{server}", server) + query,
                  json.dumps(body) if body is not None else None, JSON)
    answer = asked.getresponse()
    return answer.status, answer.headers["Content-Type"], answer.read().decode()


def test_the_document_is_openapi_and_its_schemas_are_schemas(document):
    assert document["openapi"] == "3.1.0"
    ids = [what["operationId"] for _, _, what in operations(document)]
    assert len(set(ids)) == len(ids) > 15
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for _, _, what in operations(document):
        assert what["x-level"] in ("none", "viewer", "operator", "admin")
        if "requestBody" in what:
            jsonschema.Draft202012Validator.check_schema(
                what["requestBody"]["content"]["application/json"]["schema"])


@pytest.mark.parametrize("query", ["?dry_run=true", ""])
def test_every_answer_is_as_its_schema_says(node, document, query):
    for method, path, what in operations(document):
        body = BODIES.get((method, path))
        assert (body is not None) == ("requestBody" in what), f"{method} {path}"
        if body is not None:
            jsonschema.validate(body, what["requestBody"]["content"]["application/json"]["schema"])
        if path == "/v1/upgrade" and not query:
            continue  # another process would answer then
        if path.endswith("/drain"):
            node.act("/v1/pools/shop/servers/a/drain", {}, "PUT")
        elif path.endswith("/overrides/{field}"):
            node.set("a", state="drain")
        elif path.endswith("/overrides"):
            node.set("a", weight=4)
        is_change = method != "get" and (method, path) != QUESTION
        status, kind, text = ask(node, method, path, body, query if is_change else "")
        assert status == 200, f"{method} {path}: {text}"
        wanted, schema = schema_of(what, status)
        assert kind.split(";")[0] == wanted
        if wanted == "application/json":
            holds(document, schema, json.loads(text))


def test_every_refusal_is_as_its_schema_says(node, document):
    problem = document["components"]["schemas"]["Problem"]
    told = [node.admin("GET", "/v1/nothing"), node.admin("POST", "/v1/status", JSON, "{}"),
            node.admin("PUT", "/v1/pools/shop/servers/a/weight", JSON, "{"),
            node.admin("PUT", "/v1/pools/shop/servers/a/weight", {}, "{}"),
            node.admin("GET", "/v1/pools/nothing"),
            node.admin("POST", "/v1/reload", JSON | {"If-Match": '"no"'}, "{}"),
            node.admin("POST", "/v1/reload?x=1", JSON, "{}")]
    assert [each.status for each in told] == [404, 405, 422, 415, 404, 412, 400]
    for each in told:
        holds(document, problem, json.loads(each.text))


def test_nothing_is_answered_that_is_not_in_the_document(node, document):
    known = {(method, path) for method, path, _ in operations(document)}
    for path in document["paths"]:
        for method in ("get", "put", "post", "delete", "patch"):
            status, _, _ = ask(node, method, path, {}, "?dry_run=true")
            if (method, path) not in known:
                assert status == 405, f"{method} {path}"


def test_each_change_says_how_it_is_tried_and_guarded(document):
    for method, path, what in operations(document):
        names = {each["name"] for each in what["parameters"]}
        is_change = method != "get" and (method, path) != QUESTION
        assert ({"dry_run", "force", "If-Match"} <= names) == is_change, path
        assert {f"{{{each['name']}}}" for each in what["parameters"] if each["in"] == "path"} == {
            part for part in path.split("/") if part.startswith("{")}
