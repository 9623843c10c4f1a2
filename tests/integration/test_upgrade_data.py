# SPDX-License-Identifier: Apache-2.0
"""What applications keep in memory only goes from one process to the next (issue 7).

HAWSER_UPGRADE_RECORDS says how many the last test takes; `-s` shows how long that took.
"""

import os
import pathlib
import re
import subprocess
import threading
import time

import pytest

from harness import free_port, wait_for
from processes import APPS
from session_stores import redis_cli
from test_sessions_api import Api
from test_sessions_resp import Resp, command
from upgrades import upgradable  # noqa: F401  (a fixture)

RECORDS = int(os.environ.get("HAWSER_UPGRADE_RECORDS", "20000"))
WRITERS = 4
AT_ONCE = 500
REMEMBERS = {"end-remembered": "10m"}  # however slow the machine is
KINDS = {
    "memory": {"store": "memory", "namespaces": {"default": REMEMBERS}},
    "light": {"namespaces": {"default": {"durability": "memory"} | REMEMBERS}},
    "mixed": {"namespaces": {"default": {
        "durability": "memory", "valuable": {"durability": "interval", "bytes": 200}} | REMEMBERS}},
}


class Door:
    """The RESP door of a node that is upgraded, whichever process answers there."""

    def __init__(self, upgradable, sessions: dict, **settings):  # noqa: F811
        self.port, self.api_port = free_port(), free_port()
        self.node = upgradable("a", workers=2, sessions=sessions | {
            "resp": f"127.0.0.1:{self.port}", "api": f"127.0.0.1:{self.api_port}"}, **settings)
        wait_for(lambda: redis_cli(self.port, "dbsize", check=False) == "0", "it is open")

    def upgrade(self) -> None:
        before = self.node.pid
        self.node.upgrade("--wait")
        self.node.wait_for_end_of(before)
        wait_for(lambda: redis_cli(self.port, "dbsize", check=False).isdigit(), "it is open")

    def has_said(self, what: str) -> list[str]:
        return re.findall(what, self.node.hawser.errors())


class Saver(threading.Thread):
    """Saves a session of its own again and again, and knows what it was told. Every third value is
    large, and every tenth step another session is begun and ended."""

    def __init__(self, number: int, port: int):
        super().__init__()
        self.number, self.port = number, port
        self.told = self.attempted = 0
        self.ended: list[str] = []
        self.wrong: list[bytes] = []
        self.over = threading.Event()

    def value(self, step: int) -> bytes:
        return b"%d:" % step + b"v" * (step % 3 * 150)

    def run(self) -> None:
        while not self.over.is_set() and not self.wrong:
            try:
                with Resp(self.port) as to:
                    while not self.over.is_set() and not self.wrong:
                        self.step(to)
            except (OSError, AssertionError):
                continue  # the process has ended the connection: whether the last one is kept

    def step(self, to: Resp) -> None:
        step = self.attempted = self.attempted + 1
        if not self.expect(to, b"+OK", "set", f"sess:{self.number}", self.value(step), "ex", "600"):
            return
        self.told = step
        name = f"sess:{self.number}:{step}"
        if step % 10 == 0 and self.expect(to, b"+OK", "set", name, "x", "ex", "600") \
                and self.expect(to, b":1", "del", name):
            self.ended.append(name)

    def expect(self, to: Resp, wanted: bytes, *words: str | bytes) -> bool:
        answer = to.asks(*words)
        if answer.startswith(b"-LOADING"):
            return False
        if answer != wanted + b"\r\n":
            self.wrong.append(answer)
        return not self.wrong


@pytest.mark.parametrize("kind", KINDS)
def test_upgrades_under_load_lose_nothing_that_was_told_and_undo_no_logout(upgradable, kind):  # noqa: F811
    door = Door(upgradable, KINDS[kind])
    savers = [Saver(number, door.port) for number in range(WRITERS)]
    for each in savers:
        each.start()
    for _ in range(3):
        wanted = sum(each.told for each in savers) + 500
        wait_for(lambda: sum(each.told for each in savers) > wanted, "saves")
        door.upgrade()
    wanted = sum(each.told for each in savers) + 500
    wait_for(lambda: sum(each.told for each in savers) > wanted, "saves after it")
    for each in savers:
        each.over.set()
        each.join()
        assert each.wrong == []
    with Resp(door.port) as to:
        for each in savers:
            kept = to.asks("get", f"sess:{each.number}").split(b"\r\n", 1)[1][:-2]
            step = int(kept.split(b":")[0])
            assert each.told <= step <= each.attempted
            assert kept == each.value(step)
            assert each.ended
        # Who has read before the end saves late: it is answered, and dropped.
        for name in (name for each in savers for name in each.ended):
            assert to.asks("set", name, "late", "ex", "600") == b"+OK\r\n"
            assert to.asks("exists", name) == b":0\r\n"
    assert door.has_said("have ended with the process before") == []
    if kind != "memory":
        assert door.node.metrics()['hawser_session_records_lost_total{namespace="default"}'] == 0


def test_a_session_is_the_same_in_the_next_process(upgradable):  # noqa: F811
    door = Door(upgradable, {"store": "memory", "idle-timeout": "20m"})
    api = Api(door.api_port)
    ids = [api.asks("POST", "/v1/sessions", {"data": {"cart": [number]}, "user": "ann"}).body["id"]
           for number in range(5)]
    renewed = api.asks("POST", "/v1/session/renew", {}, Session_Id=ids[0]).body["id"]
    assert redis_cli(door.port, "set", "lock:a", "1", "ex", "100") == "OK"
    before = [api.asks("GET", "/v1/session", Session_Id=each) for each in ids[1:]]
    listed = api.asks("GET", "/v1/sessions", Session_User="ann").body

    door.upgrade()
    after = [api.asks("GET", "/v1/session", Session_Id=each) for each in ids[1:]]
    for was, now in zip(before, after):
        assert now.status == 200
        assert now.fields["etag"] == was.fields["etag"]
        for field in ("data", "version", "durability", "has_user"):
            assert now.body[field] == was.body[field]
        assert was.body["expires_in"] - 30 < now.body["expires_in"] <= 1200
        assert now.body["age"] >= was.body["age"]
    assert 70 < int(redis_cli(door.port, "ttl", "lock:a")) <= 100
    # Whoever is under way with the old id of a renewed session still reads.
    old = api.asks("GET", "/v1/session", Session_Id=ids[0])
    assert (old.status, old.fields["session-renewed"]) == (200, "true")
    assert api.asks("GET", "/v1/session", Session_Id=renewed).status == 200
    now_listed = api.asks("GET", "/v1/sessions", Session_User="ann").body
    handles = [[each["handle"] for each in told["sessions"]] for told in (listed, now_listed)]
    assert len(handles[0]) == 5 and handles[0] == handles[1]  # the oldest first
    # And whoever holds an ETag from before makes its change over it, once.
    tag = before[0].fields["etag"]
    changed = api.asks("PUT", "/v1/session", {"data": {"cart": []}}, Session_Id=ids[1], If_Match=tag)
    assert changed.status == 200
    again = api.asks("PUT", "/v1/session", {"data": {"cart": []}}, Session_Id=ids[1], If_Match=tag)
    assert again.status == 412


def test_a_node_that_nobody_is_connected_to_hands_over_what_it_keeps(upgradable):  # noqa: F811
    """It is over as soon as it has retired: it must have said so, and have given its records."""
    door = Door(upgradable, {"store": "memory"})
    with Resp(door.port) as to:
        for number in range(10):
            assert to.asks("set", f"sess:{number}", str(number), "ex", "600") == b"+OK\r\n"
    for _ in range(5):
        door.upgrade()
        wait_for(lambda: redis_cli(door.port, "dbsize", check=False) == "10", "all of them")
    assert redis_cli(door.port, "get", "sess:7") == "7"
    assert door.has_said("have ended with the process before") == []


def test_a_client_of_node_notices_nothing_but_reconnects(upgradable):  # noqa: F811
    door = Door(upgradable, {"store": "memory"})
    with subprocess.Popen(["node", str(APPS / "save_on.js"), str(door.port)], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE) as client:
        wait_for(lambda: redis_cli(door.port, "get", "sess:node", check=False).isdigit(), "saves")
        for _ in range(2):
            before = int(redis_cli(door.port, "get", "sess:node"))
            door.upgrade()
            wait_for(lambda: int(redis_cli(door.port, "get", "sess:node")) > before + 100,
                     "saves in the new process")
        told, errors = client.communicate("that will do\n", timeout=30)
    assert client.returncode == 0, errors
    assert int(redis_cli(door.port, "get", "sess:node")) == int(told)


# ---- many ----

def fill(port: int, count: int) -> None:
    data = os.urandom(512).hex()
    with Resp(port) as to:
        for begin in range(0, count, AT_ONCE):
            to.send(b"".join(command("set", f"sess:{number}", f"{number}:{data}", "ex", "3600")
                             for number in range(begin, min(count, begin + AT_ONCE))))
            for _ in range(begin, min(count, begin + AT_ONCE)):
                assert to.answer() == b"+OK\r\n"


def resident(pid: int) -> int:
    """MiB; 0 once it has ended, waited for or not."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) // 1024 if found else 0


def test_every_one_of_many_records_is_in_the_next_process(upgradable):  # noqa: F811
    door = Door(upgradable, {"store": "memory", "memory": "4GiB", "namespaces": {"default": {
        "limits": {"sessions": RECORDS + 1000, "bytes": "4GiB"}}}})
    fill(door.port, RECORDS)
    held, peak = resident(door.node.pid), 0
    old = door.node.pid
    began = time.monotonic()
    door.node.upgrade()
    while redis_cli(door.port, "dbsize", check=False) != str(RECORDS):
        peak = max(peak, resident(old) + resident(door.node.pid))
        assert time.monotonic() < began + 60
    took = time.monotonic() - began
    door.node.wait_for_end_of(old)
    with Resp(door.port) as to:
        for number in range(0, RECORDS, 997):
            assert to.asks("get", f"sess:{number}").split(b"\r\n")[1].startswith(b"%d:" % number)
    [(count, seconds)] = door.has_said(r"(\d+) records of class memory of the namespace default came "
                                       r"from the process before, in ([\d.]+) s")
    assert int(count) == RECORDS
    print(f"\n{RECORDS} records of 1 KiB: {seconds} s to take, {took:.2f} s from `hawser upgrade` until "
          f"they are served; one process has {held} MiB, both had {peak} at the most, "
          f"{resident(door.node.pid)} after it")
