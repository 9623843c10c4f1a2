# SPDX-License-Identifier: Apache-2.0
"""What applications keep outlives the process that kept it (issue 7: Stores, Loss)."""

import hashlib
import os
import random
import stat
import threading

import pytest

from harness import free_port, wait_for
from session_stores import HawserStore, redis_cli
from test_sessions_resp import Resp
from upgrades import upgradable  # noqa: F401

ROUNDS = int(os.environ.get("HAWSER_LOSS_ROUNDS", "3"))
WRITERS = 8
CLASSES = ["interval", "sync"]


def kept_by(folder, durability: str, **settings) -> HawserStore:
    return HawserStore(folder, {"namespaces": {"default": {"durability": durability}}}, **settings)


def start_again(store: HawserStore, how) -> None:
    before = store.hawser.errors().count("namespace default: ")
    how()
    wait_for(lambda: store.hawser.errors().count("namespace default: ") > before, "it is open")


# ---- kill -9 ----

def value_of(step: int, writer: int) -> bytes:
    """Whole or not: the step, filler, and a checksum over both."""
    text = b"%d:" % step + b"v" * ((step * 37 + writer) % 3000)
    return text + hashlib.sha256(text).hexdigest().encode()


def step_of(value: bytes, writer: int) -> int:
    step = int(value.split(b":")[0])
    assert value == value_of(step, writer), "torn"
    return step


class Writer(threading.Thread):
    """Changes its record step by step, every seventh time to nothing, and knows what it was told."""

    def __init__(self, number: int, port: int, attempted: int):
        super().__init__()
        self.number, self.port = number, port
        self.name_kept = f"cart:{number}"
        self.attempted = self.told = attempted
        self.wrong: bytes | None = None  # an answer that it should not have had

    @staticmethod
    def is_end(step: int) -> bool:
        return step % 7 == 0

    def run(self) -> None:
        with Resp(self.port) as to:
            while self.wrong is None:
                step = self.attempted = self.attempted + 1
                words = (("del", self.name_kept) if self.is_end(step) else
                         ("set", self.name_kept, value_of(step, self.number)))
                try:
                    answer = to.asks(*words)
                except (OSError, AssertionError):  # no answer, or none that is whole
                    return
                if answer in (b":1\r\n", b":0\r\n", b"+OK\r\n"):
                    self.told = step
                else:
                    self.wrong = answer

    def expect_kept(self) -> None:
        assert self.wrong is None
        with Resp(self.port) as asking:
            answer = asking.asks("get", self.name_kept)
        if answer in (b"$-1\r\n", b"_\r\n"):
            assert self.told == 0 or any(map(self.is_end, range(self.told, self.attempted + 1)))
            return
        assert answer.startswith(b"$"), answer
        step = step_of(answer.split(b"\r\n", 1)[1][:-2], self.number)
        assert not self.is_end(step)
        assert self.told <= step <= self.attempted


@pytest.mark.parametrize("durability", CLASSES)
def test_t5_kill_9_takes_nothing_that_was_told(tmp_path, durability):
    seed = random.randrange(1 << 32)
    dice = random.Random(seed)
    store = kept_by(tmp_path, durability)
    attempted = [0] * WRITERS
    for _ in range(ROUNDS):
        writers = [Writer(each, store.port, attempted[each]) for each in range(WRITERS)]
        for each in writers:
            each.start()
        wanted = sum(attempted) + dice.randrange(200, 2000)
        wait_for(lambda: sum(each.told for each in writers) > wanted, f"writes, seed {seed}")
        start_again(store, store.hawser.kill_and_start_again)
        for each in writers:
            each.join()
            each.expect_kept()
        attempted = [each.attempted for each in writers]
    store.stop()


def test_t5_kill_9_undoes_no_expiry_and_no_logout(tmp_path):
    store = kept_by(tmp_path, "interval")
    with Resp(store.port) as to:
        assert to.asks("set", "sess:gone", "x", "px", "1") == b"+OK\r\n"
        assert to.asks("set", "sess:out", "x", "ex", "600") == b"+OK\r\n"
        assert to.asks("set", "sess:in", "x", "ex", "600") == b"+OK\r\n"
        assert to.asks("del", "sess:out") == b":1\r\n"
        wait_for(lambda: to.asks("exists", "sess:gone") == b":0\r\n", "its end")
    start_again(store, store.hawser.kill_and_start_again)
    with Resp(store.port) as to:
        assert to.asks("get", "sess:gone") == b"$-1\r\n"
        assert to.asks("get", "sess:in") == b"$1\r\nx\r\n"
        assert 0 < int(to.asks("ttl", "sess:in")[1:]) <= 600
    with Resp(store.port) as slow:  # its save was under way when the session ended
        assert slow.asks("set", "sess:out", "late", "ex", "600") == b"+OK\r\n"
        assert slow.asks("exists", "sess:out") == b":0\r\n"
    store.stop()


# ---- in order ----

def test_a_restart_keeps_sessions_and_class_memory_does_not(tmp_path):
    spaces = {"shop": {"durability": "sync"}, "blog": {"durability": "memory"}}
    for name in spaces:
        path = tmp_path / f"{name}.password"
        path.write_text(f"a long password of {name}")
        path.chmod(0o600)
    users = {name: {"namespace": name, "password-file": str(tmp_path / f"{name}.password")}
             for name in spaces}
    store = HawserStore(tmp_path, {"namespaces": spaces, "resp": {"users": users}})

    def asks(name: str, *words: str) -> str:
        return redis_cli(store.port, "--user", name, "--pass", f"a long password of {name}",
                         "--no-auth-warning", *words)

    for name in spaces:
        assert asks(name, "set", "cart", name) == "OK"
    before = store.hawser.errors().count("namespace shop: ")
    store.hawser.stop_and_start_again()
    wait_for(lambda: store.hawser.errors().count("namespace shop: ") > before, "it is open")
    assert asks("shop", "get", "cart") == "shop"
    assert asks("blog", "get", "cart") == ""
    store.stop()


def test_a_store_of_class_memory_makes_no_files(tmp_path):
    store = HawserStore(tmp_path, {"store": "memory"})
    assert redis_cli(store.port, "set", "a", "1") == "OK"
    assert not (tmp_path / "state" / "sessions").exists()
    store.stop()


def test_s3_its_files_are_its_owners_and_say_nothing(tmp_path):
    store = kept_by(tmp_path, "sync")
    redis_cli(store.port, "set", "sess:SECRETNAME", "SECRETVALUE")
    store.stop()
    place = tmp_path / "state" / "sessions"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    everything = b"".join(each.read_bytes() for each in place.iterdir())
    assert b"default" in everything
    assert b"SECRETNAME" not in everything and b"SECRETVALUE" not in everything


def test_a_damaged_store_is_set_aside_and_told(tmp_path):
    store = kept_by(tmp_path, "sync")
    for number in range(50):
        redis_cli(store.port, "set", f"cart:{number}", "x" * 200)
    place = tmp_path / "state" / "sessions"

    def stop_damage_start():
        store.hawser.process.kill()
        store.hawser.process.wait()
        for log in place.glob("*.log"):
            content = bytearray(log.read_bytes())
            if content:
                content[len(content) // 2] ^= 0x55
                log.write_bytes(content)
        store.hawser.kill_and_start_again()

    start_again(store, stop_damage_start)
    assert store.hawser.has_said("the store of sessions is damaged and not used")
    assert (tmp_path / "state" / "sessions.damaged").is_dir()
    assert redis_cli(store.port, "dbsize") == "0"
    assert redis_cli(store.port, "set", "cart:anew", "1") == "OK"
    start_again(store, store.hawser.kill_and_start_again)
    assert redis_cli(store.port, "get", "cart:anew") == "1"
    store.stop()


def test_whoever_comes_while_another_has_the_store_is_told_loading(tmp_path):
    first = kept_by(tmp_path, "sync")
    redis_cli(first.port, "set", "cart", "1")
    (tmp_path / "other").mkdir()
    settings = {"state": str(tmp_path / "state"), "keys": str(tmp_path / "keys")}
    second = HawserStore(tmp_path / "other",
                         {"namespaces": {"default": {"durability": "sync"}}},
                         wait=False, **settings)
    with Resp(second.port) as to:
        assert to.asks("get", "cart").startswith(b"-LOADING ")
        assert b"\r\nloading:1\r\n" in to.asks("info")
        first.stop()
        second.wait_until_open()
        assert to.asks("get", "cart") == b"$1\r\n1\r\n"
        assert b"\r\nloading:0\r\n" in to.asks("info")
    second.stop()


def test_an_upgrade_hands_over_what_is_kept_and_status_tells_of_it(upgradable):
    port = free_port()
    node = upgradable("a", sessions={"resp": f"127.0.0.1:{port}",
                                     "namespaces": {"default": {"durability": "sync"}}})
    wait_for(lambda: redis_cli(port, "set", "cart", "1", check=False) == "OK", "it is open")
    assert node.metrics()["hawser_session_store_up"] == 1
    assert node.metrics()['hawser_session_store_sync_seconds_count'] > 0
    assert node.metrics()["hawser_session_store_bytes_total"] > 0
    for thread in ("writing", "syncing"):
        spent = f'hawser_session_store_cpu_seconds_total{{thread="{thread}"}}'
        wait_for(lambda spent=spent: node.metrics()[spent] > 0, spent)
    assert "the store is ready" in node.command("status").stdout
    node.upgrade("--wait")
    wait_for(lambda: redis_cli(port, "get", "cart", check=False) == "1", "the new one has it")
    assert redis_cli(port, "set", "cart", "2") == "OK"
    node.wait_for_end_of(node.pids[0])
    assert redis_cli(port, "get", "cart") == "2"


def test_another_store_needs_a_restart(tmp_path):
    store = HawserStore(tmp_path)
    store.hawser.settings["sessions"]["store"] = "memory"
    store.hawser.reload()
    assert store.hawser.has_said("`sessions.store` changes with a restart only")
    assert redis_cli(store.port, "set", "a", "1") == "OK"
    store.stop()
