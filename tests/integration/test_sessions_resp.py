# SPDX-License-Identifier: Apache-2.0
"""The RESP door beside Debian's redis-server: the same words, and the same answers (R1 to R4)."""

import json
import pathlib
import re
import socket
import subprocess

import pytest

from authorities import Authority
from harness import binary, free_port, wait_for
from processes import curl
from session_stores import HawserStore, RedisStore, redis_cli

PATIENCE = 10


class Resp:
    """One connection; `asks` sends a command and returns the bytes of its answer."""

    def __init__(self, port: int, wrap=lambda plain: plain):
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = wrap(plain)
        self.file = self.socket.makefile("rb")

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def asks(self, *words: str | bytes) -> bytes:
        self.send(command(*words))
        return self.answer()

    def answer(self) -> bytes:
        """One answer, whatever it is made of."""
        line = self.file.readline()
        assert line.endswith(b"\r\n"), line
        kind, rest = line[:1], line[1:-2]
        if kind == b"$" and rest != b"-1":
            return line + self.file.read(int(rest) + 2)
        if kind in b"*%~>" and rest != b"-1":
            parts = int(rest) * (2 if kind == b"%" else 1)
            return line + b"".join(self.answer() for _ in range(parts))
        return line

    def __enter__(self) -> "Resp":
        return self

    def __exit__(self, *_) -> None:
        self.file.close()
        self.socket.close()


def command(*words: str | bytes) -> bytes:
    raw = [each if isinstance(each, bytes) else each.encode() for each in words]
    return b"*%d\r\n" % len(raw) + b"".join(b"$%d\r\n%s\r\n" % (len(each), each) for each in raw)


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    store = HawserStore(tmp_path_factory.mktemp("hawser"))
    yield store
    store.stop()


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    store = RedisStore(tmp_path_factory.mktemp("redis"))
    yield store
    store.stop()


# ---- word for word ----

SCRIPTS = {
    "r3_1_strings": """
        set k v | get k | set k w nx | set k w xx | get k | set k x get | set n v xx | set n v nx get
        setnx k a | setnx m a | getdel m | getdel m | strlen k | strlen none | append k yz | get k
        mset a 1 b 2 | mget a none b | mset a | mset a 1 b | incr c | incrby c 41 | decr c | decrby c 2
        incr k | incrby c x | incrby c 1.5 | append none "" | exists none | get none | getex k
        getex k persist | getex none | set e "" | get e | exists e | strlen e | set "" empty | get ""
        set c 9223372036854775807 | incr c | decrby c -1 | set c -9223372036854775808 | decr c
        set c " 1" | incr c | set c 01 | incr c | set c -0 | incr c | set c +1 | incr c
        """,
    "r3_2_keys": """
        del k | set k v | exists k k none | touch k none | type k | type none | unlink k none k
        set k v | expire k 100 | ttl k | persist k | persist k | ttl k | ttl none | pttl none
        persist none | expire none 5 | expire k 100 nx | expire k 200 nx | expire k 50 gt
        expire k 300 gt | ttl k | expire k 400 lt | expire k 40 lt | ttl k | expire k 40 xx
        expireat k 4102444800 | expiretime k | pexpireat k 4102444800123 | pexpiretime k
        expiretime none | expire k 0 | exists k | expire k -1
        set k v | expire k -1 | exists k | set k v | expireat k 1 | exists k | set k v ex 100 | set k v
        ttl k | set k v ex 100 | set k w keepttl | ttl k | append k z | ttl k | set n 1 ex 100 | incr n
        ttl n | setex k 100 v | ttl k | psetex k 100000 v | ttl k | getex k ex 50 | ttl k
        set k v exat 4102444800 | expiretime k | set k v pxat 4102444800123 | pexpiretime k
        """,
    "r4_3_refused_without_effect": """
        set k v | set k w ex 0 | set k w ex -1 | set k w px 0 | set k w ex x | set k w ex 1.5 | set k w ex
        set k w nx xx | set k w xx nx | set k w ex 1 px 1 | set k w keepttl ex 1 | set k w persist
        set k w zz | set k w ex 9223372036854775807 | setex k 0 w | setex k -5 w | psetex k 0 w
        setex k x w | getex k ex 0 | getex k nx | getex k ex | expire k x | expire k 1.5
        expire k 9223372036854775807 | expire k 10 zz | expire k 10 nx gt | expire k 10 gt lt | expire k 10 xx lt | get k | ttl k
        """,
    "r3_2_names_that_change": """
        set a 1 ex 100 | rename a b | get a | get b | ttl b | rename a b | renamenx b b | set c 2
        renamenx b c | renamenx b a | get a | copy a c | copy a c replace | get c | ttl c | copy none a
        copy a a | copy a c db 99 | copy a c zz | rename a a | rename none none | hset k f v | rename k c
        type c | hget c f | rename c k | ttl k
        """,
    "r3_3_hashes": """
        hset k a 1 b 2 | hset k b 3 c 4 | hset k a | hmset k d 5 | hget k a | hget k z | hget none a
        hmget k a z d | hmget none a | hgetall k | hgetall none | hkeys k | hvals k | hlen k | hlen none
        hexists k a | hexists k z | hstrlen k a | hstrlen k z | hsetnx k a x | hsetnx k e x
        hincrby k a 5 | hincrby k e 1 | hincrby k a x | hincrby k n 1 | hdel k n z | hdel k a b c d
        type k | hscan k 0 | hscan k 0 match z* | hscan none 0 | hscan k x | hscan k 0 count 0
        hscan k 0 zz 1 | expire k 100 | hset k f v | ttl k | hdel k e f | exists k | hdel k e | type k
        hset k a 9223372036854775807 | hincrby k a 1 | hget | hset k | hdel k | hgetall k k
        """,
    "r3_4_sets_and_lists": """
        sadd k 2 1 2 | sadd k 1 | smembers k | smembers none | sismember k 1 | sismember k 3 | scard k
        scard none | sscan k 0 match 2 | srem k 1 3 | srem k 2 | exists k | srem none 1 | type k | sadd k
        rpush m a b | lpush m c d | lrange m 0 -1 | lrange m 1 2 | lrange m -2 9 | lrange m 3 1
        lrange m -9 0 | lrange none 0 -1 | lrange m x 1 | llen m | llen none | type m | lpush m
        """,
    "r3_4_sorted_sets": """
        zadd k 3 c 1 a 2 b | zadd k 2 b | zadd k ch 5 b 2 d | zadd k nx 9 a 7 e | zadd k xx 9 a 7 f
        zadd k gt 1 a | zadd k gt ch 11 a | zadd k lt ch 4 a | zadd k x a | zadd k 1 | zadd k 1 a 2
        zadd k nx xx 1 a | zadd k gt lt 1 a | zadd k nx gt 1 a | zcard k | zcard none | zscore k a
        zscore k zz | zscore none a | zrange k 0 -1 | zrange k 0 -1 withscores | zrange k 1 2 rev
        zrange k -2 -1 rev | zrange k 2 4 byscore | zrange k 4 2 byscore rev | zrange k 2 4 byscore limit 1 1
        zrange k 0 1 limit 0 1 | zrange k 0 1 zz | zrange k a 1 | zrange none 0 1 | zrangebyscore k (2 (5
        zrangebyscore k -inf +inf withscores limit 1 2 | zrangebyscore k 5 2 | zrangebyscore k x 2
        zrangebyscore k 1 9 limit -1 2 | zrangebyscore k 1 9 limit 0 -1 | zrangebyscore k 1 9 limit x 1
        zrangebyscore k 1 9 limit 1 | zrevrangebyscore k +inf -inf limit 0 2
        zrevrangebyscore k 5 (2 withscores | zscan k 0 match a | zadd k 1.5 f -3 g inf h 1e3 i
        zscore k f | zscore k h | zscore k i | zremrangebyscore k -inf (2 | zremrangebyscore k x 1
        zrem k h zz | type k | zremrangebyscore k -inf +inf | exists k | zrem none a
        """,
    "r3_5_transactions": """
        multi | multi | watch k | set k 1 | incr k | hset k f v | get k | exec | get k | exec | discard
        multi | set k 9 | discard | get k | multi | nosuch | exec | multi | get | set k 8 | exec | get k
        multi | exec | watch k | get k | multi | set k 3 | exec | watch k | set k 4 | multi | set k 5
        exec | get k | watch k | set k 6 | unwatch | multi | set k 7 | exec | watch k none | expire k 100
        multi | get k | exec | watch | multi | unwatch | ping | exec | hset a f v | multi | hgetall a | exec
        """,
    "r4_7_kinds": """
        hset a f v | sadd b 1 | rpush c x | zadd e 1 x | set k v | get a | getdel a | getex a | strlen a
        append a x | incr a | set a x get | hget k f | hset k f v | hgetall b | hincrby b f 1 | hscan k 0
        sadd a 1 | smembers a | srem k 1 | sscan e 0 | zadd a 1 x | zscore k x | zrange a 0 1 | zrem b 1
        rpush a x | lrange b 0 1 | llen k | mget a k none | setnx a x | type a | type b | type c | type e
        set a x nx | set a x | get a | expire b 100 | ttl b | persist b | exists a b c e
        """,
    "r4_7_texts": """
        get | get a b | set a | setex a 1 | mget | del | exists | expire a | ttl | scan x | scan 0 count 0
        scan 0 count x | scan 0 match | echo | echo a b | ping | ping hello | echo "" | select 0
        select x | client getname | client setname web-1 | client getname | client setname "a b"
        hello 4 | client setname "" | client getname | append a | incr | incrby a | getdel | strlen
        """,
}


# What came with an unknown command is not repeated here: it may be a session (S4).
NAMED = re.compile(rb"(?<=beginning with: )[^\r]*")


@pytest.mark.parametrize("form", ["2", "3"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_r1_1_answers_are_those_of_redis_word_for_word(ours, theirs, script, form):
    with Resp(ours.port) as mine, Resp(theirs.port) as their:
        for each in (mine, their):
            each.asks("hello", form)
        for line in re.split(r"[|\n]", SCRIPTS[script]):
            if not line.strip():
                continue
            for each in (mine, their):
                each.send(line.strip().encode() + b"\r\n")
            answers = [NAMED.sub(b"", each.answer()) for each in (mine, their)]
            assert (line, answers[0]) == (line, answers[1])
        for each in (mine, their):
            each.asks("del", "k", "m", "n", "a", "b", "c", "e", "", "none")


def test_r1_4_binary_keys_and_values_and_large_ones(ours, theirs):
    everything = bytes(range(256)) * 2000
    for store in (ours, theirs):
        with Resp(store.port) as client:
            assert client.asks("set", everything[:256], everything) == b"+OK\r\n"
            assert client.asks("get", everything[:256]) == b"$512000\r\n" + everything + b"\r\n"
            assert client.asks("del", everything[:256]) == b":1\r\n"


def test_r1_2_a_pipeline_that_comes_byte_by_byte_is_answered_in_order(ours):
    words = b"".join(command("set", "k", str(at)) + command("get", "k") for at in range(20))
    with Resp(ours.port) as client:
        for at in range(len(words)):
            client.send(words[at:at + 1])
        for at in range(20):
            assert client.answer() == b"+OK\r\n"
            assert client.answer() == b"$%d\r\n%d\r\n" % (len(str(at)), at)


@pytest.mark.parametrize("broken", [b"*1\r\n:3\r\n", b"*x\r\n", b"*1\r\n$-1\r\n", b'set k "a\r\n'])
def test_r1_3_wrong_framing_is_told_and_closed_and_harms_nobody_else(ours, theirs, broken):
    for store in (ours, theirs):
        with Resp(store.port) as other, Resp(store.port) as client:
            client.send(broken)
            assert client.answer().startswith(b"-ERR Protocol error")
            assert client.file.read() == b""
            assert other.asks("ping") == b"+PONG\r\n"


def test_r1_5_a_browser_is_closed_on(ours, theirs):
    for store in (ours, theirs):
        with Resp(store.port) as client:
            client.send(b"POST / HTTP/1.1\r\nHost: x\r\n\r\nset posted stolen\r\n")
            assert client.file.read() == b""
            with Resp(store.port) as other:
                assert other.asks("get", "posted") == b"$-1\r\n"


def test_r4_1_a_key_that_nobody_reads_is_gone_in_time(ours):
    with Resp(ours.port) as client:
        others = client.asks("dbsize")
        client.asks("set", "soon", "v", "px", "200")
        wait_for(lambda: client.asks("dbsize") == others, "it is gone")


def test_r4_4_of_parallel_callers_one_takes_the_lock(ours):
    clients = [Resp(ours.port) for _ in range(20)]
    for round_number in range(50):
        for each in clients:
            each.send(command("set", f"lock:{round_number}", "mine", "nx", "px", "60000"))
        answers = [each.answer() for each in clients]
        assert sorted(answers) == [b"$-1\r\n"] * 19 + [b"+OK\r\n"]
    for each in clients:
        each.asks("del", *(f"lock:{at}" for at in range(50)))
        each.__exit__()


def test_r4_6_scan_finds_all(ours):
    with Resp(ours.port) as client:
        for at in range(300):
            client.asks("set", f"scanned:{at}", "v")
    found = redis_cli(ours.port, "--scan", "--pattern", "scanned:*").split()
    assert sorted(found) == sorted(f"scanned:{at}" for at in range(300))
    with Resp(ours.port) as client:
        client.asks("del", *found)


def test_r3_7_what_a_client_writes_in_a_row_others_see_in_that_order(ours):
    count = 3000
    with Resp(ours.port) as writer, Resp(ours.port) as one, Resp(ours.port) as another:
        writer.asks("set", "in order", "0")
        writer.send(b"".join(command("set", "in order", str(at)) for at in range(1, count)))
        seen = {one: [0], another: [0]}
        while min(each[-1] for each in seen.values()) < count - 1:
            for reader, values in seen.items():
                values.append(int(reader.asks("get", "in order").split(b"\r\n")[1]))
        for values in seen.values():
            assert values == sorted(values)
        for _ in range(1, count):
            assert writer.answer() == b"+OK\r\n"
        writer.asks("del", "in order")


# ---- redis-cli and redis-benchmark ----

def test_redis_cli_works_as_with_redis(ours, theirs):
    for store in (ours, theirs):
        assert redis_cli(store.port, "-3", "set", "cli", "a b", "EX", "100") == "OK"
        assert redis_cli(store.port, "ttl", "cli") == "100"
        assert redis_cli(store.port, text="get cli\ndel cli\nget cli\n").split("\n")[0] == "a b"
        assert "redis_version:" in redis_cli(store.port, "info", "server")
        assert redis_cli(store.port, "nonsense", check=False).startswith(
            "ERR unknown command 'nonsense'")


@pytest.mark.parametrize("pipeline", [1, 16])
def test_redis_benchmark_runs_to_its_end(ours, pipeline):
    done = subprocess.run(
        ["/usr/bin/redis-benchmark", "-p", str(ours.port), "-t", "ping,set,get,incr,mset", "-n",
         "5000", "-c", "50", "-P", str(pipeline), "-r", "1000", "-d", "1024", "--csv"],
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    rows = [each for each in done.stdout.splitlines() if each.startswith('"')]
    assert [row.split('"')[1] for row in rows if "test" not in row] == \
        ["PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "MSET (10 keys)"]
    assert "ERR" not in done.stdout + done.stderr
    with Resp(ours.port) as client:
        assert client.asks("ping") == b"+PONG\r\n"


# ---- who may come in ----

def secured(folder: pathlib.Path, **more) -> dict:
    for name in ("shop", "blog"):
        (folder / name).write_text(f"the password of {name}\n")
        (folder / name).chmod(0o600)
    return {"namespaces": {"shop": {}, "blog": {}},
            "resp": {"users": {name: {"namespace": name, "password-file": str(folder / name)}
                               for name in ("shop", "blog")}} | more}


def test_s16_each_application_has_its_password_and_its_own_sessions(tmp_path):
    store = HawserStore(tmp_path, secured(tmp_path))
    with Resp(store.port) as client:
        assert client.asks("get", "a").startswith(b"-NOAUTH")
        assert client.asks("auth", "shop", "the password of blog").startswith(b"-WRONGPASS")
        assert client.asks("auth", "shop", "the password of shop") == b"+OK\r\n"
        assert client.asks("set", "sess:a", "v") == b"+OK\r\n"
        with Resp(store.port) as other:
            assert other.asks("hello", "3", "auth", "blog",
                              "the password of blog").startswith(b"%7")
            assert other.asks("get", "sess:a") == b"_\r\n"
    store.stop()


def test_a_reload_changes_passwords_and_keeps_what_is_there(tmp_path):
    store = HawserStore(tmp_path, secured(tmp_path))
    with Resp(store.port) as client:
        client.asks("auth", "shop", "the password of shop")
        client.asks("set", "sess:a", "v")
        (tmp_path / "shop").write_text("another password of shop\n")
        store.hawser.reload()
        client.send(command("get", "sess:a"))
        assert client.file.read() == b""
    with Resp(store.port) as client:
        assert client.asks("auth", "shop", "the password of shop").startswith(b"-WRONGPASS")
        assert client.asks("auth", "shop", "another password of shop") == b"+OK\r\n"
        assert client.asks("get", "sess:a") == b"$1\r\nv\r\n"
    store.stop()


def test_a_reload_opens_and_closes_the_door(tmp_path):
    store = HawserStore(tmp_path)
    door = store.hawser.settings["sessions"].pop("resp")
    with Resp(store.port) as client:
        client.asks("set", "a", "v")
        store.hawser.reload()
        assert client.file.read() == b""
    with pytest.raises(OSError):
        Resp(store.port)
    store.hawser.settings["sessions"]["resp"] = door
    store.hawser.reload()
    with Resp(store.port) as client:
        assert client.asks("get", "a") == b"$1\r\nv\r\n"
    store.stop()


def test_over_tls(tmp_path):
    authority = Authority(tmp_path)
    chain = authority.issue("localhost")
    store = HawserStore(tmp_path, {"resp": {"tls": chain.settings}})
    trusted = authority.trust()
    with Resp(store.port, lambda plain: trusted.wrap_socket(
            plain, server_hostname="localhost")) as client:
        large = b"x" * 300_000
        assert client.asks("set", "a", large) == b"+OK\r\n"
        assert client.asks("get", "a") == b"$300000\r\n" + large + b"\r\n"
    with Resp(store.port) as clear:
        clear.send(command("get", "a"))
        assert not clear.file.read().startswith(b"$")
    store.stop()


# ---- what is wrong is told before anything changes ----

def small(folder: pathlib.Path, sessions: dict) -> pathlib.Path:
    path = folder / "small.yaml"
    path.write_text(json.dumps({
        "listeners": {"web": {"bind": f"127.0.0.1:{free_port()}"}}, "admin": "off",
        "state": str(folder / "state"), "pools": {"app": {"servers": {"a": "127.0.0.1:1"}}},
        "routes": [{"pool": "app"}], "sessions": sessions}, indent=1))
    return path


def run(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run([binary(), *map(str, arguments)], capture_output=True, text=True,
                          timeout=PATIENCE)


def test_a_port_that_is_taken_is_told_with_its_place(tmp_path):
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run("run", "-f", small(tmp_path, {"resp": place}))
    assert done.returncode == 1
    assert "small.yaml:" in done.stderr and f"the RESP door: cannot listen on {place}" in done.stderr, done.stderr


@pytest.mark.parametrize("wrong, told", [
    ("missing", "No such file"), ("short", "at least 16 characters"), ("open", "chmod 600")])
def test_check_reads_passwords(tmp_path, wrong, told):
    (tmp_path / "short").write_text("fifteen letters\n")
    (tmp_path / "open").write_text("a password that everybody reads\n")
    (tmp_path / "short").chmod(0o600)
    (tmp_path / "open").chmod(0o644)
    user = {"namespace": "default", "password-file": wrong}
    done = run("check", small(tmp_path, {"resp": {"bind": "127.0.0.1:1", "users": {"a": user}}}))
    assert done.returncode == 1 and told in done.stderr, done.stderr
    assert "letters" not in done.stderr and "everybody" not in done.stderr


# ---- limits and signs ----

def test_s18_a_full_namespace_says_so_and_goes_on(tmp_path):
    store = HawserStore(tmp_path, {"namespaces": {"shop": {"limits": {"sessions": 100}}}})
    with Resp(store.port) as client:
        for at in range(100):
            assert client.asks("set", f"k{at}", "v") == b"+OK\r\n"
        assert client.asks("set", "one-more", "v").startswith(b"-OOM ")
        assert client.asks("set", "k0", "w") == b"+OK\r\n"
        assert client.asks("del", "k1") == b":1\r\n"
        assert client.asks("set", "one-more", "v") == b"+OK\r\n"
    assert store.hawser.has_said("namespace shop is full: what is new is refused")
    store.stop()


def test_s18_where_that_is_the_answer_the_longest_idle_makes_room(tmp_path):
    store = HawserStore(tmp_path, {"namespaces": {"shop": {"limits": {"sessions": 10},
                                                           "when-full": "evict"}}})
    with Resp(store.port) as client:
        for at in range(11):
            assert client.asks("set", f"k{at}", "v") == b"+OK\r\n"
        assert client.asks("exists", "k0") == b":0\r\n"
        assert client.asks("dbsize") == b":10\r\n"
    assert store.hawser.has_said("namespace shop is full: the longest idle records make room")
    store.stop()


def test_s4_no_name_value_or_password_reaches_log_or_metric(tmp_path):
    admin = f"unix:{tmp_path}/admin"
    store = HawserStore(tmp_path, secured(tmp_path), admin={"bind": admin})
    with Resp(store.port) as client:
        client.asks("auth", "shop", "a wrong secret-word")
        client.asks("auth", "shop", "the password of shop")
        client.asks("set", "sess:secret-word", "secret-word")
        client.asks("secret", "secret-word")
        client.asks("expire", "sess:secret-word", "secret-word")
        client.asks("get", "sess:secret-word")
        client.send(b"*1\r\n$secret-word\r\n")
        client.file.read()
    assert store.hawser.has_said("has shown a wrong name or password")
    metrics = curl("--unix-socket", f"{tmp_path}/admin", "http://localhost/metrics")
    assert 'hawser_session_commands_total{command="set"} 1' in metrics
    assert 'hawser_session_records{namespace="shop"} 1' in metrics
    assert "hawser_session_logins_failed_total 1" in metrics
    assert 'hawser_session_save_cpu_seconds_count{namespace="shop"}' in metrics
    assert 'hawser_session_written_bytes_total{namespace="shop",class="interval"}' in metrics
    assert "secret-word" not in metrics + store.hawser.errors()
    assert "the password" not in metrics + store.hawser.errors()
    status = subprocess.run([binary(), "status", "--admin", admin], text=True,
                            capture_output=True, check=True).stdout
    assert re.search(r"session data: 1 records, \d+ bytes; \d clients", status), status
    store.stop()


def test_idle_clients_of_the_door_do_not_keep_a_stop_waiting(tmp_path):
    store = HawserStore(tmp_path)
    with Resp(store.port) as client:
        client.asks("ping")
        store.stop()
        assert client.file.read() == b""
