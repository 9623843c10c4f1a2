// SPDX-License-Identifier: Apache-2.0
#include "sessions/limits.h"
#include "sessions/resp/lab.h"

/// Hashes, in which Spring Session, Redisson and .NET keep sessions (R3.3, R4).
namespace hawser::sessions::resp {
namespace {

const std::string wrong_kind =
    "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";

DOOR_TEST(hashes, r3_3_fields_are_set_read_and_taken_out) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hset h a 1 b 2 a 3", ":2\r\n");
    co_await client.asks("hmset h c 4 b 5", "+OK\r\n");
    co_await client.asks("hget h b", bulk("5"));
    co_await client.asks("hget h nobody", "$-1\r\n");
    co_await client.asks("hmget h c nobody a", "*3\r\n" + bulk("4") + "$-1\r\n" + bulk("3"));
    co_await client.asks("hgetall h", "*6\r\n" + bulk("a") + bulk("3") + bulk("b") + bulk("5") +
                                          bulk("c") + bulk("4"));
    co_await client.asks("hkeys h", "*3\r\n" + bulk("a") + bulk("b") + bulk("c"));
    co_await client.asks("hvals h", "*3\r\n" + bulk("3") + bulk("5") + bulk("4"));
    co_await client.asks("hlen h", ":3\r\n");
    co_await client.asks("hexists h a", ":1\r\n");
    co_await client.asks("hexists h z", ":0\r\n");
    co_await client.asks("hstrlen h a", ":1\r\n");
    co_await client.asks("hsetnx h a x", ":0\r\n");
    co_await client.asks("hsetnx h d x", ":1\r\n");
    co_await client.asks("hdel h a z d a", ":2\r\n");
    co_await client.asks("hlen h", ":2\r\n");
    co_await client.asks("type h", "+hash\r\n");
    co_await client.asks("hset h a", "-ERR wrong number of arguments for 'hset' command\r\n");
}

DOOR_TEST(hashes, r3_3_numbers_in_fields_are_counted) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hincrby h n 5", ":5\r\n");
    co_await client.asks("hincrby h n -7", ":-2\r\n");
    co_await client.asks("hset h t x", ":1\r\n");
    co_await client.asks("hincrby h t 1", "-ERR hash value is not an integer\r\n");
    co_await client.asks("hincrby h n x", "-ERR value is not an integer or out of range\r\n");
    co_await client.asks("hset h n 9223372036854775807", ":0\r\n");
    co_await client.asks("hincrby h n 1", "-ERR increment or decrement would overflow\r\n");
}

DOOR_TEST(hashes, r3_3_one_that_becomes_empty_ceases_to_exist) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hset sess:1 a 1", ":1\r\n");
    co_await client.asks("hdel sess:1 a", ":1\r\n");
    co_await client.asks("exists sess:1", ":0\r\n");
    co_await client.asks("type sess:1", "+none\r\n");
    co_await client.asks("hdel sess:1 a", ":0\r\n");
    // That is no logout.
    co_await client.asks("hset sess:1 b 2", ":1\r\n");
    co_await client.asks("hget sess:1 b", bulk("2"));
}

DOOR_TEST(hashes, r4_5_one_that_is_missing_is_empty) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hgetall nobody", "*0\r\n");
    co_await client.asks("hmget nobody a", "*1\r\n$-1\r\n");
    co_await client.asks("hlen nobody", ":0\r\n");
    co_await client.says("hello 3\r\nhgetall nobody\r\nhset h a 1\r\nhgetall h\r\n");
    co_await client.hears(
        "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.0\r\n"
        "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone"
        "\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n%0\r\n:1\r\n%1\r\n" +
        bulk("a") + bulk("1"));
}

DOOR_TEST(hashes, r4_7_another_kind_of_value_is_told_and_stays) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hset h a 1", ":1\r\n");
    co_await client.asks("set s v", "+OK\r\n");
    for (const char* line : {"get h", "getdel h", "getex h ex 5", "append h x", "strlen h",
                             "incr h", "set h x get", "smembers h", "sadd h a", "hget s a",
                             "hset s a 1", "hgetall s", "hscan s 0", "rpush h a", "zadd h 1 a"})
        co_await client.asks(line, wrong_kind);
    co_await client.asks("mget h s", "*2\r\n$-1\r\n" + bulk("v"));
    co_await client.asks("hget h a", bulk("1"));
    co_await client.asks("ttl h", ":-1\r\n");
    // Only SET takes the place of whatever is there.
    co_await client.asks("set h text", "+OK\r\n");
    co_await client.asks("get h", bulk("text"));
}

DOOR_TEST(hashes, r4_1_a_change_keeps_the_end) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hset h a 1", ":1\r\n");
    co_await client.asks("pexpire h 5000", ":1\r\n");
    co_await client.asks("hset h b 2", ":1\r\n");
    co_await client.asks("hincrby h a 1", ":2\r\n");
    co_await client.asks("hdel h b", ":1\r\n");
    co_await client.asks("ttl h", ":5\r\n");
    (void)co_await sleep_for(5s);
    co_await client.asks("hgetall h", "*0\r\n");
}

DOOR_TEST(hashes, r4_6_scans_tell_all_of_it) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hset h apple 1 pear 2", ":2\r\n");
    co_await client.asks("hscan h 0", "*2\r\n$1\r\n0\r\n*4\r\n" + bulk("apple") + bulk("1") +
                                          bulk("pear") + bulk("2"));
    co_await client.asks("hscan h 0 match p* count 5",
                         "*2\r\n$1\r\n0\r\n*2\r\n" + bulk("pear") + bulk("2"));
    co_await client.asks("hscan h x", "-ERR invalid cursor\r\n");
    co_await client.asks("hscan nobody 0", "*2\r\n$1\r\n0\r\n*0\r\n");
    co_await client.asks("set s v", "+OK\r\n");
    co_await client.asks("scan 0 count 100 type hash", "*2\r\n$1\r\n0\r\n*1\r\n" + bulk("h"));
    co_await client.asks("scan 0 count 100 type string", "*2\r\n$1\r\n0\r\n*1\r\n" + bulk("s"));
    co_await client.asks("scan 0 count 100 type stream", "*2\r\n$1\r\n0\r\n*0\r\n");
}

/// Two requests that save different fields don't undo each other, whatever the policy (T1).
DOOR_TEST(hashes, t1_who_saves_a_field_undoes_no_other) {
    at.begin();
    auto one = at.connect();
    auto other = at.connect();
    co_await one.asks("hmset sess:1 a 1 b 1", "+OK\r\n");
    co_await one.asks("hget sess:1 a", bulk("1"));
    co_await other.asks("hget sess:1 b", bulk("1"));
    co_await one.asks("hmset sess:1 a 2", "+OK\r\n");
    co_await other.asks("hmset sess:1 b 2", "+OK\r\n");
    co_await one.asks("hmget sess:1 a b", "*2\r\n" + bulk("2") + bulk("2"));
}

DOOR_TEST(hashes, t2_a_save_of_a_session_that_has_ended_is_dropped) {
    at.begin();
    auto slow = at.connect();
    auto other = at.connect();
    co_await slow.asks("hmset sess:1 user ann", "+OK\r\n");
    co_await slow.asks("hgetall sess:1", "*2\r\n" + bulk("user") + bulk("ann"));
    co_await other.asks("del sess:1", ":1\r\n");
    co_await slow.asks("hmset sess:1 items tea", "+OK\r\n");
    co_await slow.asks("hset sess:1 items tea", ":1\r\n");
    co_await other.asks("exists sess:1", ":0\r\n");
    EXPECT_EQ(at.shop->saves.dropped, 2u);
    // Who has seen that nobody is there begins anew.
    co_await slow.asks("hgetall sess:1", "*0\r\n");
    co_await slow.asks("hset sess:1 items milk", ":1\r\n");
    co_await other.asks("hget sess:1 items", bulk("milk"));
}

DOOR_TEST(hashes, t4_a_save_that_changes_nothing_writes_nothing) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hmset sess:1 a 1 b 2", "+OK\r\n");
    co_await client.asks("hmset sess:1 b 2", "+OK\r\n");
    co_await client.asks("hset sess:1 a 1", ":0\r\n");
    EXPECT_EQ(at.shop->saves.written, 1u);
    EXPECT_EQ(at.shop->saves.touched, 2u);
}

DOOR_TEST(hashes, s7_they_live_as_long_as_sessions_do) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hset sess:1 a 1", ":1\r\n");
    co_await client.asks("ttl sess:1", ":1800\r\n");
    (void)co_await sleep_for(20min);
    co_await client.asks("hgetall sess:1", "*2\r\n" + bulk("a") + bulk("1"));
    co_await client.asks("ttl sess:1", ":1800\r\n");
}

DOOR_TEST(hashes, s18_are_bounded) {
    at.by.record_bytes_max = 100;
    at.set_terms(at.by);
    at.begin();
    auto client = at.connect();
    co_await client.asks("hset h a " + std::string(50, 'x'), ":1\r\n");
    co_await client.asks("hset h b " + std::string(50, 'x'),
                         "-ERR name and value are larger than `record-bytes` allows\r\n");
    co_await client.asks("hlen h", ":1\r\n");
}

DOOR_TEST(hashes, s18_have_so_many_fields_that_no_change_takes_long) {
    at.by.record_bytes_max = 10'000'000;
    at.set_terms(at.by);
    at.begin();
    auto client = at.connect();
    const std::size_t step = limits::container_fields_changed / 2;
    for (std::size_t count = 0; count <= limits::container_fields; count += step) {
        std::string asked = "*" + std::to_string(2 + 2 * step) + "\r\n" + bulk("hset") + bulk("h");
        for (std::size_t i = 0; i < step; ++i) asked += bulk(std::to_string(count + i)) + bulk("v");
        co_await client.says(asked);
        if (count + step <= limits::container_fields)
            co_await client.hears(":" + std::to_string(step) + "\r\n");
        else
            co_await client.hears("-ERR it would have more than 32768 fields\r\n");
    }
    co_await client.asks("hlen h", ":" + std::to_string(limits::container_fields) + "\r\n");
    std::string many = "*" + std::to_string(4 + 2 * limits::container_fields_changed) + "\r\n" +
                       bulk("hset") + bulk("other");
    for (std::size_t i = 0; i <= limits::container_fields_changed; ++i)
        many += bulk(std::to_string(i)) + bulk("v");
    co_await client.says(many);
    co_await client.hears("-ERR more than 1024 fields in one command\r\n");
}

DOOR_TEST(hashes, changes_are_settled_once_for_all_that_came_together) {
    at.kept.unsettled = hawser::store::durability::sync;
    at.begin();
    auto client = at.connect();
    co_await client.says("set first 1\r\n");
    while (at.kept.settled.empty()) (void)co_await sleep_for(1ms);
    co_await client.says("hset h a 1\r\nhset h b 2\r\nexpire h 100\r\nhget h a\r\n");
    co_await client.hears("+OK\r\n:1\r\n:1\r\n:1\r\n" + bulk("1"));
    EXPECT_EQ(at.kept.settled, (std::vector<std::size_t>{1, 3}));
}

/// As with a store that cannot answer at once.
DOOR_TEST(hashes, are_the_same_where_the_store_has_to_be_waited_for) {
    at.kept.answers_at_once = false;
    at.begin();
    auto client = at.connect();
    co_await client.asks("hset sess:1 a 1", ":1\r\n");
    co_await client.asks("hset sess:1 a 1", ":0\r\n");
    co_await client.asks("hget sess:1 a", bulk("1"));
    co_await client.asks("get sess:1", wrong_kind);
    co_await client.asks("smembers sess:1", wrong_kind);
    co_await client.asks("pexpire sess:1 5000", ":1\r\n");
    co_await client.asks("hdel sess:1 a", ":1\r\n");
    co_await client.asks("exists sess:1", ":0\r\n");
}

DOOR_TEST(hashes, carry_no_marks) {
    at.by.saves = save_policy::merge;
    at.by.mark_field = "hawser_read";
    at.set_terms(at.by);
    at.begin();
    auto client = at.connect();
    co_await client.asks("hset sess:1 a {}", ":1\r\n");
    co_await client.asks("hgetall sess:1", "*2\r\n" + bulk("a") + bulk("{}"));
    // What takes the place of a hash is based on nothing that was read.
    co_await client.asks("set sess:1 text", "+OK\r\n");
    co_await client.asks("get sess:1", bulk("text"));
}

DOOR_TEST(hashes, s18_one_command_asks_for_so_many_fields_at_the_most) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("hset h f 1", ":1\r\n");
    std::string names;
    for (int i = 0; i < 1024; ++i) names += " f";
    std::string expected = "*1024\r\n";
    for (int i = 0; i < 1024; ++i) expected += bulk("1");
    co_await client.asks("hmget h" + names, expected);
    co_await client.asks("hmget h f" + names, "-ERR more than 1024 fields in one command\r\n");
}

}  // namespace
}  // namespace hawser::sessions::resp
