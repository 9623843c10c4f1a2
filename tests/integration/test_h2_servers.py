# SPDX-License-Identifier: Apache-2.0
"""Servers that speak HTTP/2 without TLS: nghttpd, and gRPC by @grpc/grpc-js at both ends."""

import concurrent.futures
import hashlib
import json
import os
import subprocess

import pytest

from harness import Hawser, free_port, wait_for
from processes import Application, curl, run_app

MEBIBYTE = 1 << 20


class Nghttpd:
    """Debian's nghttpd, serving the files of a folder and storing nothing."""

    def __init__(self, folder, files):
        self.port = free_port()
        self.log = (folder / "nghttpd.log").open("wb")
        self.process = subprocess.Popen(
            ["nghttpd", "--no-tls", "-a", "127.0.0.1", "-d", str(files), str(self.port)],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        wait_for(self._accepts, "nghttpd accepts connections")

    def _accepts(self):
        return subprocess.run(["curl", "-s", "--http2-prior-knowledge", "-o", "/dev/null",
                               f"http://127.0.0.1:{self.port}/"], check=False).returncode == 0

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "small").write_text("hello")
    (folder / "large").write_bytes(os.urandom(3 * MEBIBYTE))
    return folder


@pytest.fixture
def before(tmp_path):
    """A Hawser before servers of HTTP/2."""
    made = []

    def one(addresses, **pool):
        made.append(Hawser(tmp_path, {
            "listeners": {"web": {}},
            "pools": {"shop": {"protocol": "h2c", "balance": "round-robin",
                               "servers": dict(addresses), **pool}},
            "routes": [{"pool": "shop"}]}))
        return made[-1]

    yield one
    for each in made:
        if each.process.poll() is None:
            each.stop()


@pytest.fixture
def nghttpd(tmp_path, files):
    made = Nghttpd(tmp_path, files)
    yield made
    made.stop()


def test_requests_and_bodies_go_both_ways_whole(before, nghttpd, files, tmp_path):
    url = f"http://127.0.0.1:{before({'a': f'127.0.0.1:{nghttpd.port}'}).port}"
    assert curl(f"{url}/small") == "hello"
    assert curl("-I", f"{url}/large").startswith("HTTP/1.1 200")
    assert curl("-o", "/dev/null", "-w", "%{http_code}", f"{url}/none") == "404"
    assert curl("--data-binary", f"@{files}/large", "-o", "/dev/null", "-w", "%{http_code}",
                f"{url}/small") == "200"
    curl("-o", str(tmp_path / "got"), f"{url}/large")
    assert hashlib.sha256((tmp_path / "got").read_bytes()).digest() == \
        hashlib.sha256((files / "large").read_bytes()).digest()


def test_many_clients_share_one_connection(before, nghttpd):
    hawser = before({"a": f"127.0.0.1:{nghttpd.port}"})
    url = f"http://127.0.0.1:{hawser.port}/small"
    assert curl(url) == "hello"
    with concurrent.futures.ThreadPoolExecutor(20) as crowd:
        assert set(crowd.map(lambda _: curl(url), range(200))) == {"hello"}
    held = subprocess.run(["ss", "-Htn", "state", "established", "dport", f"= :{nghttpd.port}"],
                          capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(held) == 1


def test_a_server_that_has_gone_is_503_and_its_return_is_noticed(before, nghttpd, files, tmp_path):
    hawser = before({"a": f"127.0.0.1:{nghttpd.port}"}, health={"passive": "off"})
    url = f"http://127.0.0.1:{hawser.port}/small"
    assert curl(url) == "hello"
    nghttpd.stop()
    assert curl("-o", "/dev/null", "-w", "%{http_code}", url) == "503"
    again = Nghttpd.__new__(Nghttpd)
    again.port, again.log = nghttpd.port, (tmp_path / "again.log").open("wb")
    again.process = subprocess.Popen(
        ["nghttpd", "--no-tls", "-a", "127.0.0.1", "-d", str(files), str(again.port)],
        stdin=subprocess.DEVNULL, stdout=again.log, stderr=again.log)
    try:
        wait_for(again._accepts, "nghttpd is back")
        assert curl(url) == "hello"
    finally:
        again.stop()


def test_a_stop_does_not_wait_for_an_unused_connection(before, nghttpd):
    hawser = before({"a": f"127.0.0.1:{nghttpd.port}"})
    assert curl(f"http://127.0.0.1:{hawser.port}/small") == "hello"
    hawser.process.terminate()
    assert hawser.process.wait(1.5) == 0  # of the two seconds that it may take


# ---- gRPC ----

@pytest.fixture
def greeters():
    made = [Application("greeter.js", NAME=name) for name in ("ann", "bob")]
    yield made
    for each in made:
        each.stop()


@pytest.fixture
def grpc(before, greeters):
    hawser = before({f"s{at}": each.address for at, each in enumerate(greeters)}, affinity=[])
    return lambda *calls: json.loads(run_app("call.js", f"127.0.0.1:{hawser.port}", *calls))


def test_unary_calls_bring_their_answer_status_and_trailers(grpc):
    told = grpc("greet", "fail", "large")
    assert told["greet"]["code"] == 0 and told["greet"]["answer"]["said"] == "hello"
    assert told["greet"]["trailers"]["served-by"] in ("ann", "bob")
    assert (told["fail"]["code"], told["fail"]["details"], told["fail"]["reason"]) == \
        (9, "as you wish", "asked-for")
    assert told["large"] == {"code": 0, "whole": True}


def test_streams_go_one_way_and_both_ways_at_once(grpc):
    told = grpc("count", "sum", "echo")
    assert told["count"] == {"code": 0, "got": 1000, "last": {"at": 999}}
    assert told["sum"]["answer"] == {"sum": 500500}
    assert told["echo"] == {"code": 0, "got": 100, "last": {"number": 100}}


def test_a_deadline_and_a_cancel_end_the_call_alone(grpc):
    told = grpc("late", "cancel", "greet")
    assert told["late"]["code"] == 4
    assert told["cancel"]["code"] == 1
    assert told["greet"]["code"] == 0


def test_hundreds_of_calls_at_once_are_spread_over_the_servers(grpc):
    assert grpc("many")["many"] == {"codes": [0], "by": ["ann", "bob"]}


def test_our_own_errors_are_unavailable_to_a_grpc_client(grpc, greeters):
    for each in greeters:
        each.kill()
    told = grpc("greet")["greet"]
    assert told["code"] == 14, told
