# SPDX-License-Identifier: Apache-2.0
"""Session libraries as they are, against Hawser's RESP door and against redis-server (R9)."""

import pathlib
import subprocess

import pytest

from processes import APPS, Application, curl
from session_stores import HawserStore, RedisStore, redis_cli

STORES = {"hawser": HawserStore, "redis": RedisStore}


@pytest.fixture(scope="module", params=STORES)
def store(request, tmp_path_factory):
    made = STORES[request.param](tmp_path_factory.mktemp(request.param))
    yield made
    made.stop()


@pytest.fixture(params=["node-redis", "ioredis"])
def shop_of(request, store):
    """Starts processes of the shop on that store."""
    made = []

    def start() -> Application:
        made.append(Application("cart.js", CLIENT=request.param, STORE_PORT=str(store.port)))
        return made[-1]

    yield start
    for each in made:
        each.stop()


class Visitor:
    def __init__(self, folder: pathlib.Path):
        self.jar = ("-b", str(folder / "jar"), "-c", str(folder / "jar"))

    def asks(self, shop: Application, path: str) -> str:
        return curl(*self.jar, f"http://{shop.address}{path}")


# ---- Express with connect-redis ----

def test_express_a_session_outlives_kill_9_of_its_process(shop_of, tmp_path):
    visitor = Visitor(tmp_path)
    first = shop_of()
    assert visitor.asks(first, "/add/tea") == '["tea"]'
    first.kill()
    second = shop_of()
    assert visitor.asks(second, "/cart") == '["tea"]'
    assert visitor.asks(second, "/add/milk") == '["tea","milk"]'
    assert visitor.asks(shop_of(), "/cart") == '["tea","milk"]'


def test_express_login_gives_a_new_session_and_logout_ends_it(shop_of, store, tmp_path):
    visitor = Visitor(tmp_path)
    shop = shop_of()
    visitor.asks(shop, "/add/tea")
    before = set(redis_cli(store.port, "--scan", "--pattern", "sess:*").split())
    assert visitor.asks(shop, "/login") == "in"
    after = set(redis_cli(store.port, "--scan", "--pattern", "sess:*").split())
    assert len(before - after) == 1 and len(after - before) == 1
    assert visitor.asks(shop, "/me") == "ann"
    assert 590 <= int(redis_cli(store.port, "ttl", (after - before).pop())) <= 600
    assert visitor.asks(shop, "/logout") == "out"
    assert visitor.asks(shop, "/me") == "nobody"
    assert set(redis_cli(store.port, "--scan", "--pattern", "sess:*").split()) == before & after


def test_express_all_sessions_are_listed(shop_of, store, tmp_path):
    for each in redis_cli(store.port, "--scan", "--pattern", "sess:*").split():
        redis_cli(store.port, "del", each)
    shop = shop_of()
    for at in range(25):
        (tmp_path / str(at)).mkdir()
        Visitor(tmp_path / str(at)).asks(shop, f"/add/{at}")
    listed = curl(f"http://{shop.address}/all")
    assert '"count":25' in listed
    assert all(f'["{at}"]' in listed for at in range(25)), listed


def test_t2_express_a_slow_request_undoes_a_logout_with_redis_and_not_with_us(shop_of, store,
                                                                              tmp_path):
    visitor = Visitor(tmp_path)
    shop = shop_of()
    visitor.asks(shop, "/login")
    slow = subprocess.Popen(["curl", "-sS", "--max-time", "20", *visitor.jar[:2],
                             f"http://{shop.address}/slow"], stdout=subprocess.PIPE, text=True)
    assert shop.process.stdout.readline() == "read\n"
    other = tmp_path / "other"
    other.mkdir()
    (other / "jar").write_text((tmp_path / "jar").read_text())
    assert visitor.asks(shop, "/logout") == "out"
    curl(f"http://{shop.address}/go")
    assert slow.communicate()[0] == "saved"
    assert Visitor(other).asks(shop, "/me") == ("nobody" if store.name == "hawser" else "ann")


# ---- PHP's redis handler ----

def start_count(store, session: str, *more: str, locks: bool = False) -> subprocess.Popen:
    settings = {"session.save_handler": "redis",
                "session.save_path": f"tcp://127.0.0.1:{store.port}", "session.use_cookies": "0",
                "session.cache_limiter": "", "redis.session.locking_enabled": str(int(locks)),
                "redis.session.lock_retries": "-1", "redis.session.lock_wait_time": "1000"}
    return subprocess.Popen(
        ["/usr/bin/php", *(word for key, value in settings.items() for word in
                           ("-d", f"{key}={value}")), str(APPS / "count.php"), session, *more],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(counting: subprocess.Popen) -> str:
    told, errors = counting.communicate(timeout=30)
    assert counting.returncode == 0, told + errors
    return told


def count(store, session: str, *more: str, locks: bool = False) -> str:
    return finish(start_count(store, session, *more, locks=locks))


def test_php_counts_over_processes_and_ends(store):
    assert [count(store, "a1b2") for _ in range(3)] == ["1", "2", "3"]
    assert count(store, "another") == "1"
    ttl = int(redis_cli(store.port, "ttl", "PHPREDIS_SESSION:a1b2"))
    assert 1430 <= ttl <= 1440
    assert count(store, "a1b2", "end") == "ended"
    assert redis_cli(store.port, "exists", "PHPREDIS_SESSION:a1b2") == "0"
    assert count(store, "a1b2") == "1"


def test_r5_2a_php_with_its_lock_loses_no_count_and_leaves_no_lock(store):
    """T1: without the lock, parallel requests of one session undo each other's changes."""
    for _ in range(5):
        at_once = [start_count(store, "locked", locks=True) for _ in range(4)]
        for each in at_once:
            finish(each)
    assert count(store, "locked", locks=True) == "21"
    assert redis_cli(store.port, "exists", "PHPREDIS_SESSION:locked_LOCK") == "0"
