# SPDX-License-Identifier: Apache-2.0
"""A binding and what the session service keeps for it, known as one (issue 7): shown, ended, of one
session and of all of a user, and worth as much as each other."""

import json
import subprocess

import pytest

from harness import answer, binary, free_port, wait_for
from operators import command
from session_stores import HawserStore
from test_sessions_api import Api


class Joined:
    """A shop behind Hawser whose session's id is in the cookie `sid`, and the JSON door."""

    def __init__(self, folder, namespace: dict | None = None, **pool):
        port = free_port()
        self.admin = f"unix:{folder}/admin"
        self.audit = folder / "audit.log"
        self.word = ""
        self.store = HawserStore(
            folder, {"api": f"127.0.0.1:{port}", "namespaces": {"default": namespace or {}}},
            admin={"bind": self.admin, "audit": str(self.audit)})
        self.hawser = self.store.hawser
        self.store.origin.script = lambda _: [answer(b"shop", "200 OK", *self.lines())]
        origin = f"127.0.0.1:{self.store.origin.port}"
        self.hawser.settings["pools"]["app"] = {
            "servers": {"a": origin}, "affinity": [{"application-cookie": "sid"}],
            "sessions": "default"} | pool
        self.hawser.reload()
        self.api = Api(port)

    def lines(self) -> list[str]:
        return [f"Hawser-Session: {self.word}"] if self.word else []

    def begins(self, **body) -> str:
        """A session of the application's, known to the registry too. Its id."""
        name = self.api.asks("POST", "/v1/sessions", body).body["id"]
        for _ in range(2):
            self.visits(name)
        return name

    def visits(self, name: str, path: str = "/") -> None:
        told = self.hawser.ask(f"GET {path} HTTP/1.1\r\nHost: shop.example\r\n"
                               f"Cookie: sid={name}\r\n\r\n".encode())
        assert told.status == 200

    def shows(self, name: str) -> int:
        """The status of its record."""
        return self.api.asks("GET", "/v1/session", Session_Id=name).status

    def record(self, name: str) -> dict:
        return self.api.asks("GET", "/v1/session", Session_Id=name).body

    def command(self, *words: str) -> subprocess.CompletedProcess:
        return command("sessions", *words, "--admin", self.admin)

    def listed(self, *words: str) -> list[dict]:
        return [json.loads(line) for line in self.command("--json", *words).stdout.splitlines()]

    def audited(self, count: int) -> list[dict]:
        def told() -> list[dict]:
            lines = self.audit.read_text().splitlines() if self.audit.exists() else []
            return [json.loads(line) for line in lines]
        wait_for(lambda: len(told()) >= count, f"{count} audit records")
        return told()


@pytest.fixture
def joined(tmp_path):
    made = []

    def make(**settings) -> Joined:
        made.append(Joined(tmp_path, **settings))
        return made[0]

    yield make
    for each in made:
        each.store.stop()


def test_a_list_shows_binding_and_data_as_one(joined):
    at = joined()
    name = at.begins(data={"cart": [1, 2]}, user="ann", valuable=True)
    [one] = at.listed()
    kept = at.record(name)
    assert one["server"] == "a" and one["state"] == "established"
    data = one["data"]
    assert data["namespace"] == "default" and data["handle"] == kept["handle"]
    assert (data["durability"], data["valuable"], data["has_user"]) == ("interval", True, True)
    assert data["bytes"] == len('{"cart":[1,2]}') and data["version"] == kept["version"]
    assert data["idle_limit_seconds"] == 1800 and data["absolute_limit_seconds"] == 43200
    assert 0 < data["ends_in_seconds"] <= 1800
    lines = at.command().stdout.splitlines()
    assert len(lines) == 2 and "interval" in lines[1].split()
    shown = at.command("show", one["id"]).stdout
    assert "data.bytes" in shown and "data.ends_in_seconds" in shown
    assert name not in at.command("--json").stdout + shown


def test_a_session_of_which_nothing_is_kept_has_no_data(joined):
    at = joined()
    at.visits("AAAAAAAAAAAAAAAAAAAAAA")
    [one] = at.listed()
    assert one["data"] is None


def test_the_operator_ends_binding_and_data(joined):
    at = joined()
    gone, stays = at.begins(data={"n": 1}), at.begins(data={"n": 2})
    handle = at.record(gone)["handle"]
    [one] = [each for each in at.listed() if each["data"]["handle"] == handle]
    tried = at.command("end", one["id"], "--dry-run")
    assert tried.returncode == 0 and at.shows(gone) == 200
    assert at.command("end", one["id"]).stdout == "1 session ended, with what is kept in 1\n"
    assert at.shows(gone) == 404 and at.shows(stays) == 200
    assert [each["data"]["handle"] for each in at.listed()] == [at.record(stays)["handle"]]
    late = at.api.asks("PUT", "/v1/session", {"data": {"n": 3}}, Session_Id=gone)
    assert late.status == 404, "its end is final"


def test_s8_the_operator_ends_all_of_a_user_wherever_they_are_bound(joined):
    at = joined()
    of_ann = [at.begins(user="ann") for _ in range(2)]
    unbound = at.api.asks("POST", "/v1/sessions", {"user": "ann"}).body["id"]
    of_bob = at.begins(user="bob")
    assert len(at.listed("--namespace", "default", "--user-key", "ann")) == 2
    told = at.command("end", "--namespace", "default", "--user-key", "ann")
    assert told.stdout == "2 sessions ended, with what is kept in 3\n", told.stderr
    assert [at.shows(each) for each in (*of_ann, unbound, of_bob)] == [404, 404, 404, 200]
    [left] = at.listed()
    assert left["data"]["handle"] == at.record(of_bob)["handle"]
    refused = at.command("end", "--user-key", "ann")
    assert refused.returncode == 1 and "namespace" in refused.stderr
    refused = at.command("end", "--namespace", "nobody")
    assert refused.returncode == 1 and "no namespace is named nobody" in refused.stderr


def test_of_a_users_sessions_only_those_end_that_all_selectors_mean(joined):
    at = joined()
    busy = at.begins(user="ann")
    [one] = at.listed()
    unbound = at.api.asks("POST", "/v1/sessions", {"user": "ann"}).body["id"]
    of_ann = ("--namespace", "default", "--user-key", "ann")
    told = at.command("end", *of_ann, "--idle", "10m")
    assert told.stdout == "0 sessions ended\n", told.stderr
    assert at.command("end", "00000000000000aa", *of_ann).returncode == 1
    assert [at.shows(each) for each in (busy, unbound)] == [200, 200]
    told = at.command("end", one["id"], *of_ann)
    assert told.stdout == "1 session ended, with what is kept in 1\n", told.stderr
    assert [at.shows(each) for each in (busy, unbound)] == [404, 200]


def test_s19_what_applications_and_operators_end_is_in_one_audit_log(joined):
    at = joined()
    one = at.begins(user="secret-user")
    handle = at.record(one)["handle"]
    begun = at.begins(data={"secret-word": 1})
    assert at.api.asks("DELETE", "/v1/session", Session_Id=one).status == 200
    at.begins(user="secret-user")
    assert at.api.asks("DELETE", "/v1/sessions", Session_User="secret-user").status == 200
    assert at.command("end", "--pool", "app").returncode == 0
    told = at.audited(5)
    doors = [each for each in told if "sessions" in each]
    assert [(each["sessions"], each["status"]) for each in doors] == \
        [("create", 201), ("end", 200), ("create", 201), ("end-all", 200)]
    assert doors[1]["session"] == handle and doors[1]["ended"] == 1
    assert doors[0]["user"] == doors[2]["user"] == doors[3]["user"]
    assert doors[0]["who"] == "local" and doors[0]["from"] == "127.0.0.1"
    assert doors[0]["namespace"] == "default"
    [other] = [each for each in told if "sessions" not in each]
    assert other["path"] == "/v1/sessions/end"
    for secret in (one, begun, "secret-word", "secret-user"):
        assert secret not in at.audit.read_text() + at.hawser.errors(), secret


def test_a_pool_and_its_namespace_are_checked(tmp_path):
    for sessions, pool, wrong in (
            ({}, {"sessions": "shop"}, "there is no session service"),
            ({"resp": "127.0.0.1:6379"}, {"sessions": "shop"}, "there is no namespace `shop`"),
            ({"resp": "127.0.0.1:6379"}, {"sessions": "default"}, "say by `cookie`"),
            ({"resp": "127.0.0.1:6379"},
             {"sessions": {"namespace": "default", "cookie": "sid", "key-prefix": "other:"}},
             "has no name that begins with")):
        path = tmp_path / "hawser.yaml"
        path.write_text(json.dumps({
            "listeners": {"web": {"bind": "127.0.0.1:8080"}},
            "pools": {"app": {"servers": {"a": "127.0.0.1:8081"}} | pool},
            "routes": [{"pool": "app"}], "sessions": sessions}))
        checked = subprocess.run([binary(), "check", str(path)], capture_output=True, text=True)
        assert checked.returncode == 1 and wrong in checked.stdout + checked.stderr, wrong
