// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/lab.h"

/// Sets, sorted sets and lists, in which libraries know of sessions (R3.4).
namespace hawser::sessions::resp {
namespace {

const std::string hello_3 =
    "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.0\r\n$5\r\nproto\r\n:3\r\n"
    "$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"
    "$7\r\nmodules\r\n*0\r\n";

DOOR_TEST(sets, r3_4_members_come_and_go) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("sadd s b a b", ":2\r\n");
    co_await client.asks("sadd s a", ":0\r\n");
    co_await client.asks("smembers s", "*2\r\n" + bulk("a") + bulk("b"));
    co_await client.asks("sismember s a", ":1\r\n");
    co_await client.asks("sismember s c", ":0\r\n");
    co_await client.asks("scard s", ":2\r\n");
    co_await client.asks("sscan s 0 match b", "*2\r\n$1\r\n0\r\n*1\r\n" + bulk("b"));
    co_await client.asks("type s", "+set\r\n");
    co_await client.asks("srem s a c", ":1\r\n");
    co_await client.asks("srem s b", ":1\r\n");
    co_await client.asks("exists s", ":0\r\n");
    co_await client.asks("smembers s", "*0\r\n");
    co_await client.asks("scard s", ":0\r\n");
}

DOOR_TEST(sets, r4_5_are_sets_in_resp3) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hello 3", hello_3);
    co_await client.asks("sadd s a", ":1\r\n");
    co_await client.asks("smembers s", "~1\r\n" + bulk("a"));
    co_await client.asks("smembers nobody", "~0\r\n");
    co_await client.asks("zadd z 1.5 a", ":1\r\n");
    co_await client.asks("zscore z a", ",1.5\r\n");
    co_await client.asks("zscore z b", "_\r\n");
    co_await client.asks("zrange z 0 -1 withscores", "*1\r\n*2\r\n" + bulk("a") + ",1.5\r\n");
}

DOOR_TEST(sorted_sets, r3_4_members_are_found_by_their_scores) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("zadd z 3 c 1 a 2 b", ":3\r\n");
    co_await client.asks("zadd z ch 2 b 5 c 4 d", ":2\r\n");
    co_await client.asks("zadd z nx 9 a", ":0\r\n");
    co_await client.asks("zcard z", ":4\r\n");
    co_await client.asks("zscore z c", bulk("5"));
    co_await client.asks("zscore z z", "$-1\r\n");
    co_await client.asks("zrangebyscore z 2 (5", "*2\r\n" + bulk("b") + bulk("d"));
    co_await client.asks("zrangebyscore z -inf +inf limit 1 2", "*2\r\n" + bulk("b") + bulk("d"));
    co_await client.asks("zrangebyscore z -inf inf limit -1 2", "*0\r\n");
    co_await client.asks("zrevrangebyscore z +inf -inf withscores limit 0 1",
                         "*2\r\n" + bulk("c") + bulk("5"));
    co_await client.asks("zrange z 0 0", "*1\r\n" + bulk("a"));
    co_await client.asks("zrange z 0 0 rev", "*1\r\n" + bulk("c"));
    co_await client.asks("zrange z 1 -2", "*2\r\n" + bulk("b") + bulk("d"));
    co_await client.asks("zrange z 5 1 byscore rev limit 0 1", "*1\r\n" + bulk("c"));
    co_await client.asks("zrange z 9 12", "*0\r\n");
    co_await client.asks("zscan z 0 match a", "*2\r\n$1\r\n0\r\n*2\r\n" + bulk("a") + bulk("1"));
    co_await client.asks("type z", "+zset\r\n");
    co_await client.asks("zremrangebyscore z 2 4", ":2\r\n");
    co_await client.asks("zrem z a c nobody", ":2\r\n");
    co_await client.asks("exists z", ":0\r\n");
}

DOOR_TEST(sorted_sets, r4_3_what_is_wrong_is_refused_without_effect) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("zadd z x a", "-ERR value is not a valid float\r\n");
    co_await client.asks("zadd z 1 a x", "-ERR syntax error\r\n");
    co_await client.asks("zadd z nx xx 1 a",
                         "-ERR XX and NX options at the same time are not compatible\r\n");
    co_await client.asks("zadd z gt lt 1 a",
                         "-ERR GT, LT, and/or NX options at the same time are not compatible\r\n");
    co_await client.asks("zadd z incr 1 a", "-ERR syntax error\r\n");
    co_await client.asks("zrangebyscore z (1 x", "-ERR min or max is not a float\r\n");
    co_await client.asks("zrangebyscore z 1 2 limit 1", "-ERR syntax error\r\n");
    co_await client.asks("zrangebyscore z 1 2 limit a b",
                         "-ERR value is not an integer or out of range\r\n");
    co_await client.asks("zrange z 0 1 limit 0 1",
                         "-ERR syntax error, LIMIT is only supported in combination with either "
                         "BYSCORE or BYLEX\r\n");
    co_await client.asks("zrange z a b", "-ERR value is not an integer or out of range\r\n");
    co_await client.asks("exists z", ":0\r\n");
}

DOOR_TEST(lists, r3_4_items_are_pushed_and_read) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("rpush l a b", ":2\r\n");
    co_await client.asks("lpush l c d", ":4\r\n");
    co_await client.asks("lrange l 0 -1", "*4\r\n" + bulk("d") + bulk("c") + bulk("a") + bulk("b"));
    co_await client.asks("lrange l 1 1", "*1\r\n" + bulk("c"));
    co_await client.asks("lrange l -100 0", "*1\r\n" + bulk("d"));
    co_await client.asks("lrange l 3 1", "*0\r\n");
    co_await client.asks("lrange nobody 0 -1", "*0\r\n");
    co_await client.asks("llen l", ":4\r\n");
    co_await client.asks("type l", "+list\r\n");
    co_await client.asks("lrange l x 1", "-ERR value is not an integer or out of range\r\n");
}

}  // namespace
}  // namespace hawser::sessions::resp
