// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/lab.h"

/// Names that change (R3.2): how Spring Session gives a session a new id.
namespace hawser::sessions::resp {
namespace {

DOOR_TEST(renames, r3_2_what_was_there_is_there_under_the_new_name_only) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hset a f 1", ":1\r\n");
    co_await client.asks("pexpire a 5000", ":1\r\n");
    co_await client.asks("rename a b", "+OK\r\n");
    co_await client.asks("exists a", ":0\r\n");
    co_await client.asks("hget b f", bulk("1"));
    co_await client.asks("ttl b", ":5\r\n");
    co_await client.asks("set c text", "+OK\r\n");
    co_await client.asks("rename c b", "+OK\r\n");
    co_await client.asks("get b", bulk("text"));
    co_await client.asks("ttl b", ":-1\r\n");
    co_await client.asks("rename b b", "+OK\r\n");
    co_await client.asks("rename nobody b", "-ERR no such key\r\n");
    co_await client.asks("rename nobody nobody", "-ERR no such key\r\n");
}

DOOR_TEST(renames, r3_2_renamenx_takes_no_name_that_is_taken) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("mset a 1 b 2", "+OK\r\n");
    co_await client.asks("renamenx a b", ":0\r\n");
    co_await client.asks("renamenx a a", ":0\r\n");
    co_await client.asks("renamenx a c", ":1\r\n");
    co_await client.asks("mget a b c", "*3\r\n$-1\r\n" + bulk("2") + bulk("1"));
    co_await client.asks("renamenx nobody c", "-ERR no such key\r\n");
}

DOOR_TEST(renames, r3_2_copy_leaves_the_former) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("setex a 100 1", "+OK\r\n");
    co_await client.asks("copy a b", ":1\r\n");
    co_await client.asks("mget a b", "*2\r\n" + bulk("1") + bulk("1"));
    co_await client.asks("ttl b", ":100\r\n");
    co_await client.asks("set a 2", "+OK\r\n");
    co_await client.asks("copy a b db 0", ":0\r\n");
    co_await client.asks("copy a b replace", ":1\r\n");
    co_await client.asks("get b", bulk("2"));
    co_await client.asks("copy nobody b", ":0\r\n");
    co_await client.asks("copy a a", "-ERR source and destination objects are the same\r\n");
    co_await client.asks("copy a b db 9", "-ERR DB index is out of range\r\n");
    co_await client.asks("copy a b now", "-ERR syntax error\r\n");
}

/// Some libraries save under a name of their own first, and rename (T2).
DOOR_TEST(renames, t2_a_name_that_comes_late_brings_no_session_back) {
    at.begin();
    auto slow = at.connect();
    auto client = at.connect();
    co_await client.asks("set sess:1 tea", "+OK\r\n");
    co_await slow.asks("get sess:1", bulk("tea"));
    co_await slow.asks("set new:1 coffee", "+OK\r\n");
    co_await slow.asks("set new:2 coffee", "+OK\r\n");
    co_await client.asks("del sess:1", ":1\r\n");
    co_await slow.asks("rename new:1 sess:1", "+OK\r\n");
    co_await slow.asks("exists sess:1 new:1", ":0\r\n");
    co_await slow.asks("copy new:2 sess:1", ":1\r\n");
    co_await slow.asks("exists sess:1", ":0\r\n");
    // Who has read since that nobody is there begins anew.
    co_await client.asks("get sess:1", "$-1\r\n");
    co_await client.asks("rename new:2 sess:1", "+OK\r\n");
    co_await client.asks("get sess:1", bulk("coffee"));
}

/// As after a log-in: what a request that is slow saves under the old id is dropped (T2, S5).
DOOR_TEST(renames, s5_the_old_id_of_a_session_has_ended) {
    at.begin();
    auto slow = at.connect();
    auto client = at.connect();
    co_await client.asks("hset sess:1 items tea", ":1\r\n");
    co_await slow.asks("hgetall sess:1", "*2\r\n" + bulk("items") + bulk("tea"));
    co_await client.asks("rename sess:1 sess:2", "+OK\r\n");
    co_await slow.asks("hset sess:1 items milk", ":1\r\n");
    co_await client.asks("exists sess:1", ":0\r\n");
    co_await client.asks("hset sess:2 user ann", ":1\r\n");
    co_await client.asks("hget sess:2 items", bulk("tea"));
    co_await client.asks("ttl sess:2", ":1800\r\n");
    EXPECT_EQ(at.shop->saves.dropped, 1u);
}

DOOR_TEST(renames, s9_a_session_that_gets_a_new_id_stays_its_users) {
    at.begin();
    auto client = at.connect();
    const auto user = at.shop->user_of("ann");
    const auto id = at.shop->id_of("sess:1");
    store::record one{.name = "sess:1", .data = "{}", .life = {}, .user = user};
    (void)co_await at.kept.write(id, std::move(one), {}, at.door().now().steady);
    (void)at.shop->users.add(user, id.hash, 0, user_full::refuse);
    co_await client.asks("rename sess:1 sess:2", "+OK\r\n");
    const auto all = at.shop->users.of(user);
    EXPECT_EQ(all, (std::vector<user_index::session>{at.shop->id_of("sess:2").hash}));
}

}  // namespace
}  // namespace hawser::sessions::resp
