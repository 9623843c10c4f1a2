# SPDX-License-Identifier: Apache-2.0
"""Locks of session libraries: PHP's, by phpredis, when a process dies with one (T6)."""

import json
import subprocess

import pytest

from harness import free_port, wait_for
from processes import curl
from session_stores import HawserStore, redis_cli

HOLD = "session_id('held'); session_start(); echo \"held\\n\"; fgets(STDIN); session_write_close();"
COUNT = ("session_id('held'); if (!session_start()) exit(1); $_SESSION['n'] = ($_SESSION['n'] ?? 0) "
         "+ 1; echo $_SESSION['n']; session_write_close();")


def php(port: int, code: str) -> subprocess.Popen:
    settings = {"session.save_handler": "redis", "session.save_path": f"tcp://127.0.0.1:{port}",
                "session.use_cookies": "0", "session.cache_limiter": "",
                "redis.session.locking_enabled": "1", "redis.session.lock_expire": "3600",
                "redis.session.lock_retries": "-1", "redis.session.lock_wait_time": "5000"}
    return subprocess.Popen(
        ["/usr/bin/php", *(word for key, value in settings.items() for word in
                           ("-d", f"{key}={value}")), "-r", code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def store(tmp_path):
    port = free_port()
    made = HawserStore(tmp_path, {"api": f"127.0.0.1:{port}"},
                       admin={"bind": f"unix:{tmp_path}/admin"})
    made.locks = lambda: json.loads(curl(f"http://127.0.0.1:{port}/v1/locks"))["locks"]
    made.metrics = lambda: curl("--unix-socket", f"{tmp_path}/admin", "http://localhost/metrics")
    yield made
    made.stop()


def test_t6_a_lock_ends_with_the_process_that_held_it(store):
    holder = php(store.port, HOLD)
    assert holder.stdout.readline() == "held\n"
    assert redis_cli(store.port, "exists", "PHPREDIS_SESSION:held_LOCK") == "1"
    waiting = php(store.port, COUNT)
    wait_for(lambda: [each["waiting"] for each in store.locks()] == [1], "it is seen who waits")
    assert store.locks()[0]["expires_in"] > 3500
    assert 'hawser_session_locks{namespace="default"} 1' in store.metrics()
    holder.kill()
    holder.wait()
    assert waiting.communicate(timeout=20)[0] == "1"
    assert 'hawser_session_locks_freed_total{namespace="default"} 1' in store.metrics()
    wait_for(lambda: store.locks() == [], "nobody holds it")


def test_t6_who_waits_is_served_in_turn_and_no_count_is_lost(store):
    holder = php(store.port, HOLD)
    assert holder.stdout.readline() == "held\n"
    waiting = []
    for count in range(1, 5):
        waiting.append(php(store.port, COUNT))
        wait_for(lambda: [each["waiting"] for each in store.locks()] == [count], "one more waits")
    holder.communicate("go on\n", timeout=20)
    assert [each.communicate(timeout=20)[0] for each in waiting] == ["1", "2", "3", "4"]


def test_s4_locks_are_shown_without_the_ids_of_their_sessions(store):
    holder = php(store.port, HOLD)
    assert holder.stdout.readline() == "held\n"
    assert "held" not in json.dumps(store.locks())
    holder.communicate("go on\n", timeout=20)
