// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/lab.h"

/// What clients keep, by which names, until when (R3, R4), and what the service adds (S, T).
namespace hawser::sessions::resp {
namespace {

task<> asks_and_notes(peer& by, std::string line, std::string expected, bool& is_answered) {
    co_await by.asks(std::move(line), std::move(expected));
    is_answered = true;
}

DOOR_TEST(records, r3_1_set_and_get_take_any_bytes) {
    at.begin();
    auto client = at.connect();
    co_await client.says("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\n\0\r\n\xff\r\n"s);
    co_await client.hears("+OK\r\n");
    co_await client.asks("get \"\"", "$4\r\n\0\r\n\xff\r\n"s);
    co_await client.asks("set empty \"\"", "+OK\r\n");
    co_await client.asks("get empty", "$0\r\n\r\n");
    co_await client.asks("strlen empty", ":0\r\n");
    co_await client.asks("exists empty", ":1\r\n");
}

DOOR_TEST(records, r3_1_options_of_set_come_in_any_order) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("set k 1 NX EX 100", "+OK\r\n");
    co_await client.asks("set k 2 PX 5000 nx", "$-1\r\n");
    co_await client.asks("set k 3 XX GET keepttl", "$1\r\n1\r\n");
    co_await client.asks("ttl k", ":100\r\n");
    co_await client.asks("set k 4 get", "$1\r\n3\r\n");
    co_await client.asks("ttl k", ":-1\r\n");
    co_await client.asks("set nobody 5 xx", "$-1\r\n");
    co_await client.asks("set nobody 5 nx get", "$-1\r\n");
    co_await client.asks("get nobody", "$1\r\n5\r\n");
}

DOOR_TEST(records, r3_1_setex_psetex_setnx_getex_getdel) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("setex k 10 v", "+OK\r\n");
    co_await client.asks("ttl k", ":10\r\n");
    co_await client.asks("psetex k 1500 w", "+OK\r\n");
    co_await client.asks("getex k ex 100", "$1\r\nw\r\n");
    co_await client.asks("ttl k", ":100\r\n");
    co_await client.asks("getex k persist", "$1\r\nw\r\n");
    co_await client.asks("ttl k", ":-1\r\n");
    co_await client.asks("getex k", "$1\r\nw\r\n");
    co_await client.asks("getex nobody ex 1", "$-1\r\n");
    co_await client.asks("setnx k x", ":0\r\n");
    co_await client.asks("getdel k", "$1\r\nw\r\n");
    co_await client.asks("getdel k", "$-1\r\n");
    co_await client.asks("setnx k x", ":1\r\n");
}

DOOR_TEST(records, r3_1_several_at_once_and_numbers) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("mset a 1 b 2", "+OK\r\n");
    co_await client.asks("mget a nobody b", "*3\r\n$1\r\n1\r\n$-1\r\n$1\r\n2\r\n");
    co_await client.asks("mset a", "-ERR wrong number of arguments for 'mset' command\r\n");
    co_await client.asks("append a 23", ":3\r\n");
    co_await client.asks("incr a", ":124\r\n");
    co_await client.asks("decrby a 24", ":100\r\n");
    co_await client.asks("incrby n -5", ":-5\r\n");
    co_await client.asks("decr n", ":-6\r\n");
    co_await client.asks("set n 9223372036854775807", "+OK\r\n");
    co_await client.asks("incr n", "-ERR increment or decrement would overflow\r\n");
    co_await client.asks("set n \" 1\"", "+OK\r\n");
    co_await client.asks("incr n", "-ERR value is not an integer or out of range\r\n");
}

DOOR_TEST(records, r3_2_keys_by_name) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("mset a 1 b 2 c 3", "+OK\r\n");
    co_await client.asks("exists a a nobody", ":2\r\n");
    co_await client.asks("touch a nobody", ":1\r\n");
    co_await client.asks("type a", "+string\r\n");
    co_await client.asks("type nobody", "+none\r\n");
    co_await client.asks("del a a", ":1\r\n");
    co_await client.asks("unlink b nobody", ":1\r\n");
    co_await client.asks("dbsize", ":1\r\n");
}

DOOR_TEST(records, r7_keys_tells_all_names_that_match) {
    at.begin();
    auto client = at.connect();
    for (int i = 0; i < 600; ++i)
        co_await client.asks("set scs:" + std::to_string(i) + " v", "+OK\r\n");
    co_await client.asks("set other v", "+OK\r\n");
    co_await client.asks("keys other", "*1\r\n" + bulk("other"));
    co_await client.asks("keys o?h*", "*1\r\n" + bulk("other"));
    co_await client.asks("keys nobody*", "*0\r\n");
    co_await client.says("keys scs:*\r\n");
    co_await client.hears("*600\r\n");
    EXPECT_LE(at.kept.most_in_a_turn(), 256u);
}

DOOR_TEST(records, s18_keys_tells_so_many_bytes_of_names_at_the_most) {
    at.begin();
    auto client = at.connect();
    for (int i = 0; i < 17; ++i) {
        const std::string name = std::to_string(100 + i) + std::string(990'000, 'n');
        co_await client.asks("*3\r\n" + bulk("set") + bulk(name) + "$1\r\nv", "+OK\r\n");
    }
    co_await client.asks("keys *",
                         "-ERR more than 16 MiB of keys match: SCAN tells them in pages\r\n");
    co_await client.says("keys 10*\r\n");
    co_await client.hears("*10\r\n");
}

DOOR_TEST(records, r3_2_expire_keeps_to_its_condition) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("set k v", "+OK\r\n");
    co_await client.asks("expire k 10 xx", ":0\r\n");
    co_await client.asks("expire k 10 gt", ":0\r\n");
    co_await client.asks("expire k 10 nx", ":1\r\n");
    co_await client.asks("expire k 20 lt", ":0\r\n");
    co_await client.asks("expire k 20 gt", ":1\r\n");
    co_await client.asks("ttl k", ":20\r\n");
    co_await client.asks("expire k 30 lt xx", ":0\r\n");
    co_await client.asks(
        "expire k 1 nx gt",
        "-ERR NX and XX, GT or LT options at the same time are not compatible\r\n");
    co_await client.asks("expire k 1 lt gt",
                         "-ERR GT and LT options at the same time are not compatible\r\n");
    co_await client.asks("expire k 1 zz", "-ERR Unsupported option zz\r\n");
    co_await client.asks("expire nobody 10", ":0\r\n");
    co_await client.asks("persist k", ":1\r\n");
    co_await client.asks("persist k", ":0\r\n");
}

DOOR_TEST(records, r4_1_ends_are_exact_and_are_told_in_each_unit) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("ttl k", ":-2\r\n");
    co_await client.asks("set k v", "+OK\r\n");
    co_await client.asks("pttl k", ":-1\r\n");
    const auto wall = at.door().now().wall.time_since_epoch() / 1s;
    co_await client.asks("expireat k " + std::to_string(wall + 100), ":1\r\n");
    co_await client.asks("expiretime k", ":" + std::to_string(wall + 100) + "\r\n");
    co_await client.asks("pexpireat k " + std::to_string((wall + 100) * 1000 + 7), ":1\r\n");
    co_await client.asks("pexpiretime k", ":" + std::to_string((wall + 100) * 1000 + 7) + "\r\n");
    co_await client.asks("pexpire k 1500", ":1\r\n");
    (void)co_await sleep_for(1450ms);
    co_await client.asks("exists k", ":1\r\n");
    (void)co_await sleep_for(50ms);
    co_await client.asks("exists k", ":0\r\n");
}

DOOR_TEST(records, r4_1_ends_come_though_nobody_reads) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("set k v px 300", "+OK\r\n");
    (void)co_await sleep_for(500ms);
    EXPECT_EQ(at.shop->space.expired, 1u);
    EXPECT_EQ(at.shop->space.held.records(), 0u);
}

DOOR_TEST(records, r4_1_set_clears_an_end_and_append_and_incr_keep_it) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("set k 1 ex 100", "+OK\r\n");
    co_await client.asks("append k 1", ":2\r\n");
    co_await client.asks("incr k", ":12\r\n");
    co_await client.asks("ttl k", ":100\r\n");
    co_await client.asks("set k 1", "+OK\r\n");
    co_await client.asks("ttl k", ":-1\r\n");
}

DOOR_TEST(records, r4_2_an_end_that_has_passed_deletes) {
    at.begin();
    auto client = at.connect();
    for (const auto* command : {"expire k 0", "expire k -1", "pexpire k -9000000000000000",
                                "expireat k 1", "pexpireat k -5"}) {
        co_await client.asks("set k v", "+OK\r\n");
        co_await client.asks(command, ":1\r\n");
        co_await client.asks("exists k", ":0\r\n");
        co_await client.asks(command, ":0\r\n");
    }
}

DOOR_TEST(records, r4_2_an_end_that_has_passed_deletes_where_its_condition_holds) {
    at.begin();
    auto slow = at.connect();
    auto client = at.connect();
    co_await client.asks("setex sess:1 100 v", "+OK\r\n");
    co_await slow.asks("get sess:1", bulk("v"));
    co_await client.asks("expire sess:1 0 nx", ":0\r\n");
    co_await client.asks("expire sess:1 0 gt", ":0\r\n");
    co_await client.asks("expire sess:1 0 xx", ":1\r\n");
    co_await slow.asks("setex sess:1 100 late", "+OK\r\n");
    co_await client.asks("exists sess:1", ":0\r\n");
    co_await client.asks("setex sess:2 100 v", "+OK\r\n");
    co_await slow.asks("get sess:2", bulk("v"));
    co_await client.asks("getex sess:2 exat 1", bulk("v"));
    co_await slow.asks("setex sess:2 100 late", "+OK\r\n");
    co_await client.asks("exists sess:2", ":0\r\n");
}

DOOR_TEST(records, r4_3_what_is_wrong_changes_nothing) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("set k v", "+OK\r\n");
    co_await client.asks("set k w ex 0", "-ERR invalid expire time in 'set' command\r\n");
    co_await client.asks("setex k 0 w", "-ERR invalid expire time in 'setex' command\r\n");
    co_await client.asks("psetex k -1 w", "-ERR invalid expire time in 'psetex' command\r\n");
    co_await client.asks("set k w ex 9223372036854775807",
                         "-ERR invalid expire time in 'set' command\r\n");
    co_await client.asks("expire k 9223372036854775807",
                         "-ERR invalid expire time in 'expire' command\r\n");
    for (const auto* wrong : {"nx xx", "xx nx", "ex 1 px 1", "keepttl ex 1", "ex", "persist", "zz"})
        co_await client.asks("set k w "s + wrong, "-ERR syntax error\r\n");
    co_await client.asks("getex k nx", "-ERR syntax error\r\n");
    for (const auto* wrong : {"1.5", "x", "+1", "01", "\"\"", "99999999999999999999"}) {
        co_await client.asks("set k w ex "s + wrong,
                             "-ERR value is not an integer or out of range\r\n");
        co_await client.asks("expire k "s + wrong,
                             "-ERR value is not an integer or out of range\r\n");
    }
    co_await client.asks("get k", "$1\r\nv\r\n");
}

DOOR_TEST(records, r7_dbsize_counts_the_records_of_the_namespace) {
    at.add_user("blog", "the password of blog", 1);
    at.begin();
    auto client = at.connect();
    co_await client.asks("dbsize", ":0\r\n");
    co_await client.asks("mset a 1 b 2", "+OK\r\n");
    co_await client.asks("dbsize", ":2\r\n");
    auto blog = at.connect();
    co_await blog.asks("auth blog \"the password of blog\"", "+OK\r\n");
    co_await blog.asks("dbsize", ":0\r\n");
}

DOOR_TEST(records, r4_6_scan_ends_and_finds_everybody) {
    at.begin();
    auto client = at.connect();
    std::string asked;
    for (int i = 0; i < 100; ++i) asked += "set sess:" + std::to_string(i) + " v\r\n";
    co_await client.says(asked);
    std::string kept;
    for (int i = 0; i < 100; ++i) kept += "+OK\r\n";
    co_await client.hears(kept);
    co_await client.asks("set other v", "+OK\r\n");
    co_await client.asks("scan 0 match other count 1000", "*2\r\n$1\r\n0\r\n*1\r\n$5\r\nother\r\n");
    co_await client.asks("scan 0 match sess:4? type hash count 1000", "*2\r\n$1\r\n0\r\n*0\r\n");
    co_await client.asks("scan 0 match sess:42 type string count 1000",
                         "*2\r\n$1\r\n0\r\n*1\r\n$7\r\nsess:42\r\n");
    co_await client.asks("scan x", "-ERR invalid cursor\r\n");
    co_await client.asks("scan 0 count 0", "-ERR syntax error\r\n");
    co_await client.asks("scan 0 match", "-ERR syntax error\r\n");
}

DOOR_TEST(records, r4_6_a_hostile_pattern_ends_and_one_that_is_too_long_is_refused) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("set " + std::string(4000, 'a') + " v", "+OK\r\n");
    co_await client.asks("scan 0 match *" + std::string(1000, 'a') + "b",
                         "*2\r\n$1\r\n0\r\n*0\r\n");
    co_await client.asks("scan 0 match " + std::string(4097, '*'), "-ERR pattern is too long\r\n");
    co_await client.asks("config get " + std::string(4097, '*'), "-ERR pattern is too long\r\n");
}

/// T2: a slow request saves after the log-out.
DOOR_TEST(records, t2_a_save_based_on_a_read_before_the_end_is_dropped) {
    at.begin();
    auto app = at.connect();
    co_await app.asks("set sess:a v1 ex 100", "+OK\r\n");
    co_await app.asks("get sess:a", "$2\r\nv1\r\n");
    auto elsewhere = at.connect();
    co_await elsewhere.asks("del sess:a", ":1\r\n");
    co_await app.asks("set sess:a v2 ex 100", "+OK\r\n");
    co_await app.asks("setex sess:a 100 v2", "+OK\r\n");
    co_await app.asks("exists sess:a", ":0\r\n");
    EXPECT_EQ(at.shop->saves.dropped, 2u);
}

/// T2: the same on one connection that all requests of a process share.
DOOR_TEST(records, t2_who_ends_a_session_does_not_count_as_having_read_the_end) {
    at.begin();
    auto app = at.connect();
    co_await app.asks("set sess:a v1", "+OK\r\n");
    co_await app.asks("get sess:a", "$2\r\nv1\r\n");
    co_await app.asks("del sess:a", ":1\r\n");
    co_await app.asks("set sess:a v2", "+OK\r\n");
    co_await app.asks("append sess:a more", ":4\r\n");
    co_await app.asks("set sess:a v2 keepttl", "+OK\r\n");
    co_await app.asks("exists sess:a", ":0\r\n");
}

DOOR_TEST(records, t2_by_each_way_to_end_a_session) {
    at.begin();
    auto app = at.connect();
    auto elsewhere = at.connect();
    for (const auto* end : {"del sess:a", "unlink sess:a", "expire sess:a 0"}) {
        co_await app.asks("set sess:a v1 nx", "+OK\r\n");
        co_await elsewhere.asks(end, ":1\r\n");
        co_await app.asks("set sess:a v2", "+OK\r\n");
        co_await app.asks("exists sess:a", ":0\r\n");
    }
    co_await app.asks("set sess:a v1 nx", "+OK\r\n");
    co_await elsewhere.asks("getdel sess:a", "$2\r\nv1\r\n");
    co_await app.asks("set sess:a v2", "+OK\r\n");
    co_await app.asks("exists sess:a", ":0\r\n");
}

DOOR_TEST(records, t2_who_has_read_that_nobody_is_there_begins_a_new_session) {
    at.begin();
    auto app = at.connect();
    co_await app.asks("set sess:a v1", "+OK\r\n");
    co_await app.asks("del sess:a", ":1\r\n");
    co_await app.asks("get sess:a", "$-1\r\n");
    co_await app.asks("set sess:a v2", "+OK\r\n");
    co_await app.asks("get sess:a", "$2\r\nv2\r\n");
}

DOOR_TEST(records, t2_set_nx_never_answers_ok_without_keeping) {
    at.begin();
    auto app = at.connect();
    co_await app.asks("set sess:a v1", "+OK\r\n");
    co_await app.asks("del sess:a", ":1\r\n");
    co_await app.asks("set sess:a v2 nx", "+OK\r\n");
    co_await app.asks("get sess:a", "$2\r\nv2\r\n");
}

DOOR_TEST(records, t2_it_concerns_sessions_only) {
    at.begin();
    auto app = at.connect();
    co_await app.asks("set lock:a v1", "+OK\r\n");
    co_await app.asks("del lock:a", ":1\r\n");
    co_await app.asks("set lock:a v2", "+OK\r\n");
    co_await app.asks("get lock:a", "$2\r\nv2\r\n");
}

DOOR_TEST(records, t2_the_end_is_forgotten_in_time) {
    at.begin();
    auto app = at.connect();
    co_await app.asks("set sess:a v1", "+OK\r\n");
    co_await app.asks("del sess:a", ":1\r\n");
    (void)co_await sleep_for(61s);
    co_await app.asks("set sess:a v2", "+OK\r\n");
    co_await app.asks("get sess:a", "$2\r\nv2\r\n");
}

DOOR_TEST(records, s7_a_session_ends_by_our_limits_and_that_is_what_is_told) {
    at.by.idle = 30s;
    at.by.absolute = 100s;
    at.set_terms(at.by);
    at.begin();
    auto app = at.connect();
    co_await app.asks("set sess:a v ex 86400", "+OK\r\n");
    co_await app.asks("ttl sess:a", ":30\r\n");
    co_await app.asks("set sess:b v", "+OK\r\n");
    co_await app.asks("ttl sess:b", ":30\r\n");
    co_await app.asks("set other v ex 86400", "+OK\r\n");
    co_await app.asks("ttl other", ":86400\r\n");
    (void)co_await sleep_for(28s);
    co_await app.asks("get sess:a", "$1\r\nv\r\n");
    (void)co_await sleep_for(28s);
    co_await app.asks("get sess:b", "$-1\r\n");
    co_await app.asks("expire sess:a 86400", ":1\r\n");
    (void)co_await sleep_for(28s);
    co_await app.asks("set sess:a w ex 86400", "+OK\r\n");
    (void)co_await sleep_for(15s);
    co_await app.asks("get sess:a", "$1\r\nw\r\n");
    (void)co_await sleep_for(2s);
    co_await app.asks("get sess:a", "$-1\r\n");
}

DOOR_TEST(records, s16_an_application_reaches_only_its_own) {
    at.add_user("blog", "word", 1);
    at.begin();
    auto shop = at.connect();
    auto blog = at.connect();
    co_await blog.asks("auth blog word", "+OK\r\n");
    co_await shop.asks("set sess:a v", "+OK\r\n");
    co_await blog.asks("get sess:a", "$-1\r\n");
    co_await blog.asks("del sess:a", ":0\r\n");
    co_await blog.asks("scan 0 count 1000", "*2\r\n$1\r\n0\r\n*0\r\n");
    co_await blog.asks("dbsize", ":0\r\n");
}

DOOR_TEST(records, s18_a_full_namespace_answers_oom_and_keeps_what_it_has) {
    at.shop->space.held.set_room({.records = 1});
    at.begin();
    auto client = at.connect();
    co_await client.asks("set a 1", "+OK\r\n");
    co_await client.asks("set b 1", "-OOM command not allowed when used memory > 'maxmemory'.\r\n");
    co_await client.asks("set a 2", "+OK\r\n");
    co_await client.asks("get a", "$1\r\n2\r\n");
    EXPECT_EQ(at.shop->space.refused, 1u);
}

DOOR_TEST(records, s18_a_record_that_is_too_large_is_refused) {
    at.by.record_bytes_max = 10;
    at.set_terms(at.by);
    at.begin();
    auto client = at.connect();
    co_await client.asks("set a 123456789", "+OK\r\n");
    co_await client.asks("set a 1234567890",
                         "-ERR name and value are larger than `record-bytes` allows\r\n");
    co_await client.asks("append a 0",
                         "-ERR name and value are larger than `record-bytes` allows\r\n");
    co_await client.asks("get a", "$9\r\n123456789\r\n");
}

DOOR_TEST(records, r4_8_a_store_that_cannot_be_asked_is_told_as_what_it_is) {
    at.begin();
    auto client = at.connect();
    at.kept.trouble = errc::unavailable;
    at.shop->space.set_condition(store::condition::opening);
    co_await client.asks("GET k", "-LOADING Hawser is loading the dataset in memory\r\n");
    at.shop->space.set_condition(store::condition::failing);
    co_await client.asks("SET k v", "-READONLY the session store cannot keep changes now\r\n");
    at.kept.trouble = errc::exhausted;
    co_await client.asks("SET k v", "-OOM the disk of the session store is full\r\n");
    at.kept.trouble.reset();
    at.shop->space.set_condition(store::condition::ready);
    co_await client.asks("SET k v", "+OK\r\n");
}

DOOR_TEST(records, r4_8_whoever_comes_while_the_store_opens_waits_for_it) {
    at.begin();
    at.shop->space.set_condition(store::condition::opening);
    auto client = at.connect();
    bool is_answered = false;
    scope beside;
    beside.spawn(asks_and_notes(client, "GET k", "$-1\r\n", is_answered));
    co_await sleep_for(1s);
    EXPECT_FALSE(is_answered);
    at.shop->space.set_condition(store::condition::ready);
    co_await beside.join();
    EXPECT_TRUE(is_answered);
}

}  // namespace
}  // namespace hawser::sessions::resp
