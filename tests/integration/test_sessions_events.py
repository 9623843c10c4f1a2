# SPDX-License-Identifier: Apache-2.0
"""Channels and keyspace events of the RESP door, beside Debian's redis-server (R3.6, R6)."""

import json
import re
import subprocess
import time

import pytest

from authorities import Authority
from harness import free_port, wait_for
from processes import curl, run_app
from session_stores import HawserStore, RedisStore, redis_cli
from test_sessions_api import Api
from test_sessions_resp import Resp, command, run, small

EXPIRED = "__keyevent@0__:expired"


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hawser")
    store = HawserStore(folder, admin={"bind": f"unix:{folder}/admin"})
    store.metrics = lambda: curl("--unix-socket", f"{folder}/admin", "http://localhost/metrics")
    yield store
    store.stop()


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    store = RedisStore(tmp_path_factory.mktemp("redis"))
    yield store
    store.stop()


def parts(answer: bytes) -> list[bytes]:
    """The bulk strings of an answer."""
    return re.findall(rb"\$\d+\r\n([^\r]*)\r\n", answer)


class Listener(Resp):
    """Hears whatever is said, and all events."""

    def __init__(self, store, *channels: str, wrap=lambda plain: plain):
        super().__init__(store.port, wrap)
        for each in channels or ("*",):
            self.asks("psubscribe" if "*" in each else "subscribe", each)

    def hears(self) -> list[bytes]:
        return parts(self.answer())

    def hears_until(self, last: bytes) -> list[list[bytes]]:
        heard = []
        while not heard or heard[-1][-1] != last:
            heard.append(self.hears())
        return heard[:-1]


# ---- word for word ----

CONVERSATION = """
    subscribe a b a | psubscribe x* | ping | ping hello | unsubscribe b | unsubscribe none
    punsubscribe x* | unsubscribe | unsubscribe | punsubscribe | get k | subscribe | psubscribe a*
    get k | publish z b | hello 3 | set k v | punsubscribe a* | get k | pubsub channels
    pubsub numsub a b | pubsub numpat | pubsub | publish a | publish a b | pubsub nonsense
    subscribe a | reset | get k | del k
    """


@pytest.mark.parametrize("form", ["2", "3"])
def test_r3_6_answers_are_those_of_redis_word_for_word(ours, theirs, form):
    with Resp(ours.port) as mine, Resp(theirs.port) as their:
        for each in (mine, their):
            each.asks("hello", form)
        for line in re.split(r"[|\n]", CONVERSATION):
            words = line.split()
            if not words or (form == "3" and words[0] == "hello"):
                continue
            confirmed = len(words) - 1 if "subscribe" in words[0] else 1
            for each in (mine, their):
                each.send(line.strip().encode() + b"\r\n")
            for _ in range(max(confirmed, 1)):
                assert (line, mine.answer()) == (line, their.answer())


def test_r3_6_redis_cli_listens_as_to_redis(ours, theirs):
    heard = []
    for store in (ours, theirs):
        listener = subprocess.Popen(
            ["/usr/bin/redis-cli", "-p", str(store.port), "--csv", "psubscribe", "cli:*"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        lines = [listener.stdout.readline() for _ in range(2)]  # that it reads, and what is confirmed
        assert redis_cli(store.port, "publish", "cli:news", "a b") == "1"
        assert redis_cli(store.port, "-3", "publish", "cli:", "") == "1"
        assert redis_cli(store.port, "pubsub", "numpat") == "1"
        lines += [listener.stdout.readline() for _ in range(2)]
        listener.terminate()
        listener.wait()
        wait_for(lambda: redis_cli(store.port, "publish", "cli:news", "x") == "0", "it is gone")
        heard.append(lines)
    assert heard[0] == heard[1]
    assert heard[0][2] == '"pmessage","cli:*","cli:news","a b"\n'


@pytest.mark.parametrize("library", ["node-redis", "ioredis"])
def test_r6_libraries_hear_the_same_as_of_redis(ours, theirs, library):
    told = [json.loads(run_app("listener.js", PORT=str(store.port), LIBRARY=library))
            for store in (ours, theirs)]
    assert told[0] == told[1]
    assert told[0]["heard"] == [["message", "news", "one"], ["pattern", "room:5", "two"],
                                ["message", EXPIRED, "soon"]]
    assert (told[0]["told"], told[0]["left"]) == ([1, 1, 0, 0], 0)


CHANGES = """
    set k v | set k v nx | set k v xx | set k v ex 100 | set k w keepttl | setex k 100 v | psetex k 10000 v
    append k z | append new "" | append new x | strlen k | get k | persist k | persist k | expire k 100
    expire k 50 gt | expire k 500 gt | pexpire k 100000 | expireat k 4102444800 | expire none 5
    getex k ex 100 | getex k persist | getex k persist | getex k | expire k -1 | expire k 10
    incr k | incrby k 5 | decr k | decrby k 2 | mset a 1 b 2 | set a 2 get | getdel a | getdel a
    setnx b 1 | setnx c 1 | exists b c | touch b c | del b c none | unlink k | del k | ttl k
    hset h a 1 b 2 | hset h a 1 | hset h a 3 | hmset h c 4 | hsetnx h a 9 | hsetnx h d 5 | hincrby h a 2
    hincrby h a 0 | hdel h none | hdel h a | expire h 100 | hdel h b c d | hget h a | sadd s x y | sadd s x
    srem s none | srem s x | srem s y | zadd z 1 m 2 n | zadd z 1 m | zadd z 5 m | zrem z none | zrem z m
    zremrangebyscore z 0 10 | rpush l a b | lpush l c | set l v | del l | set k v ex 100 | rename k b
    renamenx b c | rename none x | set b v | renamenx c b | copy c k | copy c k | copy c k replace
    multi | set a 1 | expire a 100 | hset h f v | del a | exec | multi | set a 1 | discard | del h k c b
    """


@pytest.mark.parametrize("kinds", ["KEA", "Eg", "K$", "Egx", "E"])
def test_r6_1_events_are_those_of_redis_in_their_order(ours, theirs, kinds):
    heard = []
    for store in (ours, theirs):
        with Listener(store) as listener, Resp(store.port) as client:
            client.asks("del", "k", "new", "a", "b", "c", "h", "s", "z", "l", "x")
            client.asks("config", "set", "notify-keyspace-events", kinds)
            for line in re.split(r"[|\n]", CHANGES):
                if line.strip():
                    client.send(line.strip().encode() + b"\r\n")
                    client.answer()
            client.asks("publish", "end", "it is over")
            heard.append(listener.hears_until(b"it is over"))
            client.asks("config", "set", "notify-keyspace-events", "")
    assert heard[0] == heard[1]
    assert (len(heard[0]) > 10) == (kinds != "E")


def test_r6_1_config_tells_them_as_redis_does(ours, theirs):
    for said in ("", "A", "KEA", "Ex", "xE", "gxE", "g$lshzxetd", "Eg$", "KKEE", "K", "tE", "q", "E q"):
        answers = []
        for store in (ours, theirs):
            with Resp(store.port) as client:
                done = client.asks("config", "set", "notify-keyspace-events", said)
                answers.append((done[:3], client.asks("config", "get", "notify-keyspace-events")))
                client.asks("config", "set", "notify-keyspace-events", "")
        assert answers[0] == answers[1], said


# ---- expiry ----

def test_r6_2_every_subscriber_on_every_worker_hears_of_each_end_once(ours):
    keys = [f"ends:{at}" for at in range(300)]
    with Resp(ours.port) as client:
        client.asks("config", "set", "notify-keyspace-events", "Ex")
        listeners = [Listener(ours, EXPIRED) for _ in range(20)]
        for each in keys:
            client.asks("set", each, "v", "px", "400")
        client.asks("set", "stays", "v")
        for listener in listeners:
            heard = [listener.hears() for _ in keys]
            assert sorted(each[2].decode() for each in heard) == sorted(keys)
            assert client.asks("exists", heard[0][2], heard[-1][2]) == b":0\r\n"
        assert client.asks("get", "stays") == b"$1\r\nv\r\n"
        assert client.asks("publish", EXPIRED, "end") == b":20\r\n"
        for listener in listeners:
            assert listener.hears()[2] == b"end"
            listener.__exit__()
        client.asks("config", "set", "notify-keyspace-events", "")


def test_r6_3_an_empty_string_made_by_append_expires_with_its_event(ours, theirs):
    for store in (ours, theirs):
        with Listener(store) as listener, Resp(store.port) as client:
            client.asks("config", "set", "notify-keyspace-events", "EA")
            assert client.asks("append", "marker", "") == b":0\r\n"
            assert client.asks("pexpire", "marker", "300") == b":1\r\n"
            heard = [listener.hears()[2:] for _ in range(3)]
            assert heard == [[b"__keyevent@0__:" + name, b"marker"]
                             for name in (b"append", b"expire", b"expired")]
            client.asks("config", "set", "notify-keyspace-events", "")


def test_t7_many_sessions_that_end_together_are_each_told_of_once(ours):
    count = 60_000
    with Listener(ours, EXPIRED) as listener, Resp(ours.port) as client:
        client.asks("config", "set", "notify-keyspace-events", "Ex")
        end = str(int(time.time() * 1000) + 4000)
        for begin in range(0, count, 1000):
            client.send(b"".join(command("set", f"many:{at}", "v", "pxat", end)
                                 for at in range(begin, begin + 1000)))
            for _ in range(1000):
                client.answer()
        heard = {listener.hears()[2] for _ in range(count)}
        assert len(heard) == count
        assert client.asks("publish", EXPIRED, "end") == b":1\r\n"
        assert listener.hears()[2] == b"end"
        client.asks("config", "set", "notify-keyspace-events", "")


# ---- who listens ----

def test_s18_a_subscriber_that_takes_nothing_is_cut_off_and_counted(ours):
    text = "x" * 1_000_000
    with Resp(ours.port) as speaker, Listener(ours, "other") as fine, \
            Listener(ours, "flood") as stuck:
        for _ in range(200):
            if speaker.asks("publish", "flood", text) == b":0\r\n":
                break
        assert speaker.asks("publish", "flood", text) == b":0\r\n"
        assert 'hawser_session_subscribers_cut_off_total{namespace="default"} 1' in ours.metrics()
        assert speaker.asks("publish", "other", "x") == b":1\r\n"
        assert fine.hears()[2] == b"x"
        with pytest.raises((AssertionError, OSError)):
            while stuck.answer():
                pass
    wait_for(lambda: 'hawser_session_subscriptions{namespace="default"} 0' in ours.metrics(),
             "nobody listens")


def test_s16_nobody_hears_another_application(tmp_path):
    for name in ("shop", "blog"):
        (tmp_path / name).write_text(f"the password of {name}\n")
        (tmp_path / name).chmod(0o600)
    store = HawserStore(tmp_path, {
        "namespaces": {"shop": {"notify-keyspace-events": "KEA"}, "blog": {}},
        "resp": {"users": {name: {"namespace": name, "password-file": str(tmp_path / name)}
                           for name in ("shop", "blog")}}})
    with Resp(store.port) as shop, Resp(store.port) as blog, Resp(store.port) as ear:
        for client, name in ((shop, "shop"), (blog, "blog"), (ear, "blog")):
            client.asks("auth", name, f"the password of {name}")
        ear.asks("psubscribe", "*")
        assert shop.asks("publish", "news", "secret") == b":0\r\n"
        shop.asks("set", "a", "v", "px", "1")
        assert blog.asks("config", "get", "notify*") == \
            b"*2\r\n$22\r\nnotify-keyspace-events\r\n$0\r\n\r\n"
        assert blog.asks("publish", "news", "ours") == b":1\r\n"
        assert parts(ear.answer()) == [b"pmessage", b"*", b"news", b"ours"]
        # A subscriber whose user is gone hears nothing more.
        store.hawser.settings["sessions"]["resp"]["users"]["blog"]["namespace"] = "shop"
        (tmp_path / "blog").write_text("another password of blog\n")
        store.hawser.reload()
        with Resp(store.port) as again:
            again.asks("auth", "blog", "another password of blog")
            again.asks("publish", "news", "secret")
    store.stop()


def test_a_reload_keeps_subscribers_and_what_a_client_has_said(tmp_path):
    store = HawserStore(tmp_path, {"namespaces": {"shop": {"notify-keyspace-events": "Ex"}}})
    with Listener(store) as listener, Resp(store.port) as client:
        assert client.asks("config", "get", "notify-keyspace-events").endswith(b"\r\nxE\r\n")
        client.asks("config", "set", "notify-keyspace-events", "Egx")
        store.hawser.settings["sessions"]["namespaces"]["shop"]["idle-timeout"] = "1h"
        store.hawser.reload()
        assert client.asks("config", "get", "notify-keyspace-events").endswith(b"\r\ngxE\r\n")
        client.asks("set", "a", "v", "ex", "100")
        assert listener.hears()[2:] == [b"__keyevent@0__:expire", b"a"]
        store.hawser.settings["sessions"]["namespaces"]["shop"]["notify-keyspace-events"] = "K$"
        store.hawser.reload()
        client.asks("set", "a", "v", "ex", "100")
        assert listener.hears()[2:] == [b"__keyspace@0__:a", b"set"]
    store.stop()


def test_r6_events_of_a_command_on_one_worker_are_heard_on_all_and_over_tls(tmp_path):
    authority = Authority(tmp_path)
    chain = authority.issue("localhost")
    store = HawserStore(tmp_path, {"resp": {"tls": chain.settings}})
    trusted = authority.trust()

    def secure(plain):
        return trusted.wrap_socket(plain, server_hostname="localhost")

    listeners = [Listener(store, wrap=secure) for _ in range(12)]
    with Resp(store.port, secure) as client:
        client.asks("config", "set", "notify-keyspace-events", "E$")
        for at in range(50):
            client.asks("set", f"k{at}", "v" * 20_000)
        client.asks("publish", "end", "x" * 300_000)
        for each in listeners:
            assert [each.hears()[3] for _ in range(50)] == [b"k%d" % at for at in range(50)]
            assert each.hears()[3] == b"x" * 300_000
            each.__exit__()
    store.stop()


def test_the_json_door_tells_of_its_sessions_too(tmp_path):
    port = free_port()
    store = HawserStore(tmp_path, {
        "namespaces": {"shop": {"notify-keyspace-events": "EA", "limits": {"user-sessions": 1},
                                "when-user-full": "end-oldest"}},
        "api": f"127.0.0.1:{port}"})
    api = Api(port)
    with Listener(store) as listener:
        def hears(session: str, *events: str) -> None:
            for each in events:
                assert listener.hears()[2:] == [b"__keyevent@0__:" + each.encode(),
                                                b"sess:" + session.encode()]

        first = api.asks("POST", "/v1/sessions", {"data": {}, "user": "ann"}).body["id"]
        hears(first, "set")
        api.asks("PUT", "/v1/session", {"data": {"a": 1}, "expires_in": 100}, Session_Id=first)
        hears(first, "set", "expire")
        api.asks("PATCH", "/v1/session", {"data": {"b": 1}}, Session_Id=first)
        hears(first, "set")
        api.asks("POST", "/v1/session/touch", {"expires_in": 200}, Session_Id=first)
        hears(first, "expire")
        second = api.asks("POST", "/v1/session/renew", {}, Session_Id=first).body["id"]
        hears(first, "rename_from")
        hears(second, "rename_to")
        third = api.asks("POST", "/v1/sessions", {"user": "ann"}).body["id"]
        hears(second, "del")
        hears(third, "set")
        api.asks("DELETE", "/v1/sessions", Session_User="ann")
        hears(third, "del")
        fourth = api.asks("POST", "/v1/sessions", {"expires_in": 1}).body["id"]
        hears(fourth, "set", "expire", "expired")
    store.stop()


def test_letters_that_are_no_events_are_told_with_their_place(tmp_path):
    done = run("check", small(tmp_path, {
        "resp": "127.0.0.1:6379", "namespaces": {"shop": {"notify-keyspace-events": "Eq"}}}))
    assert done.returncode != 0
    assert "events are of `g$lshzxetd`" in done.stdout + done.stderr
