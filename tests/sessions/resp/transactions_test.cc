// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "sessions/limits.h"
#include "sessions/resp/lab.h"

/// Commands that are done in a row (R3.5).
namespace hawser::sessions::resp {
namespace {

DOOR_TEST(transactions, r3_5_are_done_in_a_row_by_exec) {
    at.begin();
    auto client = at.connect();
    auto other = at.connect();
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("set k 1", "+QUEUED\r\n");
    co_await client.asks("incr k", "+QUEUED\r\n");
    co_await client.asks("exists k nobody", "+QUEUED\r\n");
    co_await other.asks("exists k", ":0\r\n");
    co_await client.asks("exec", "*3\r\n+OK\r\n:2\r\n:1\r\n");
    co_await other.asks("get k", bulk("2"));
    co_await client.asks("get k", bulk("2"));
}

/// As scs sends it: all in one write.
DOOR_TEST(transactions, r3_5_in_one_pipeline) {
    at.begin();
    auto client = at.connect();
    const auto wall = at.door().now().wall.time_since_epoch() / 1s;
    const auto end = std::to_string((wall + 600) * 1000);
    co_await client.says("MULTI\r\nSET sess:1 data\r\nPEXPIREAT sess:1 " + end +
                         "\r\nEXEC\r\nTTL sess:1\r\n");
    co_await client.hears("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n:1\r\n:600\r\n");
}

DOOR_TEST(transactions, r3_5_what_cannot_be_queued_refuses_all) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("set k 1", "+QUEUED\r\n");
    co_await client.asks("nosuch x",
                         "-ERR unknown command 'nosuch', with args beginning with: \r\n");
    co_await client.asks("exec",
                         "-EXECABORT Transaction discarded because of previous errors.\r\n");
    co_await client.asks("exec", "-ERR EXEC without MULTI\r\n");
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("get", "-ERR wrong number of arguments for 'get' command\r\n");
    co_await client.asks("exec",
                         "-EXECABORT Transaction discarded because of previous errors.\r\n");
    co_await client.asks("exists k", ":0\r\n");
}

DOOR_TEST(transactions, r3_5_an_error_in_between_undoes_nothing) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("set k x", "+QUEUED\r\n");
    co_await client.asks("incr k", "+QUEUED\r\n");
    co_await client.asks("append k y", "+QUEUED\r\n");
    co_await client.asks("exec",
                         "*3\r\n+OK\r\n-ERR value is not an integer or out of range\r\n:2\r\n");
    co_await client.asks("get k", bulk("xy"));
}

DOOR_TEST(transactions, r3_5_are_discarded_and_don_t_nest) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("discard", "-ERR DISCARD without MULTI\r\n");
    co_await client.asks("exec", "-ERR EXEC without MULTI\r\n");
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("multi", "-ERR MULTI calls can not be nested\r\n");
    co_await client.asks("watch k", "-ERR WATCH inside MULTI is not allowed\r\n");
    co_await client.asks("set k 1", "+QUEUED\r\n");
    co_await client.asks("discard", "+OK\r\n");
    co_await client.asks("exists k", ":0\r\n");
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("exec", "*0\r\n");
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("reset", "+RESET\r\n");
    co_await client.asks("exists k", ":0\r\n");
}

DOOR_TEST(transactions, r3_5_a_watched_key_that_anybody_has_changed_makes_exec_null) {
    at.begin();
    auto client = at.connect();
    auto other = at.connect();
    const std::vector<std::pair<std::string, std::string>> changes{
        {"set k 2", "+OK\r\n"},        {"append k x", ":2\r\n"}, {"del k", ":1\r\n"},
        {"pexpire k 90000", ":1\r\n"}, {"getdel k", bulk("1")},  {"rename k l", "+OK\r\n"},
        {"setex k 7 v", "+OK\r\n"},    {"hset h a 2", ":0\r\n"}};
    for (const auto& [change, told] : changes) {
        SCOPED_TRACE(change);
        co_await client.asks("set k 1", "+OK\r\n");
        co_await client.asks("hset h a 1 b 1", ":2\r\n");
        co_await client.asks("watch k h", "+OK\r\n");
        co_await other.asks(change, told);
        co_await client.asks("multi", "+OK\r\n");
        co_await client.asks("set k mine", "+QUEUED\r\n");
        co_await client.asks("exec", "*-1\r\n");
        co_await client.asks("del h", ":1\r\n");
    }
}

DOOR_TEST(transactions, r3_5_a_watched_key_that_ends_or_begins_makes_exec_null) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("ping", "+PONG\r\n");  // the first to come
    auto other = at.connect();
    co_await client.asks("set k 1 px 1000", "+OK\r\n");
    co_await client.asks("watch k", "+OK\r\n");
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("set k mine", "+QUEUED\r\n");
    (void)co_await sleep_for(1s);
    co_await client.asks("exec", "*-1\r\n");
    co_await client.asks("watch k", "+OK\r\n");
    co_await other.asks("set k theirs", "+OK\r\n");
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("exec", "*-1\r\n");
    co_await client.says("hello 3\r\n");
    co_await client.hears(
        "%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.0\r\n"
        "$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n$4\r\nmode\r\n$10\r\nstandalone"
        "\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n");
    co_await client.asks("watch k", "+OK\r\n");
    co_await other.asks("set k again", "+OK\r\n");
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("exec", "_\r\n");
}

DOOR_TEST(transactions, r3_5_what_is_read_is_not_changed_and_exec_watches_no_further) {
    at.begin();
    auto client = at.connect();
    auto other = at.connect();
    co_await client.asks("set sess:1 1", "+OK\r\n");
    co_await client.asks("watch sess:1 nobody", "+OK\r\n");
    co_await other.asks("get sess:1", bulk("1"));
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("set sess:1 2", "+QUEUED\r\n");
    co_await client.asks("exec", "*1\r\n+OK\r\n");
    co_await other.asks("set sess:1 3", "+OK\r\n");
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("exec", "*0\r\n");
    co_await client.asks("watch sess:1", "+OK\r\n");
    co_await other.asks("set sess:1 4", "+OK\r\n");
    co_await client.asks("unwatch", "+OK\r\n");
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("exec", "*0\r\n");
}

/// A logout is final for them too (T2).
DOOR_TEST(transactions, t2_a_save_of_a_session_that_has_ended_is_dropped) {
    at.begin();
    auto slow = at.connect();
    auto other = at.connect();
    co_await slow.asks("set sess:1 before", "+OK\r\n");
    co_await slow.asks("get sess:1", bulk("before"));
    co_await other.asks("del sess:1", ":1\r\n");
    co_await slow.says("multi\r\nset sess:1 late\r\npexpire sess:1 5000\r\nexec\r\n");
    co_await slow.hears("+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n:0\r\n");
    co_await other.asks("exists sess:1", ":0\r\n");
}

DOOR_TEST(transactions, s16_do_not_go_along_into_another_namespace) {
    at.settings.open_to.reset();
    at.add_user("user", "0123456789abcdef", 0);
    at.add_user("other", "fedcba9876543210", 0);
    at.begin();
    auto client = at.connect();
    co_await client.asks("auth user 0123456789abcdef", "+OK\r\n");
    co_await client.asks("watch k", "+OK\r\n");
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("set k 1", "+QUEUED\r\n");
    at.settings.users["user"].tenancy = 1;
    at.publish();
    co_await client.asks("set k 2", "+QUEUED\r\n");
    co_await client.asks("exec",
                         "-EXECABORT Transaction discarded because of previous errors.\r\n");
    co_await client.asks("exists k", ":0\r\n");
    co_await client.asks("watch k", "+OK\r\n");
    co_await client.asks("set k 3", "+OK\r\n");
    co_await client.asks("auth other fedcba9876543210", "+OK\r\n");
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("exec", "*0\r\n");
}

DOOR_TEST(transactions, r3_6_do_not_change_what_is_listened_to) {
    at.begin();
    auto client = at.connect();
    for (const std::string word : {"subscribe", "psubscribe", "unsubscribe", "punsubscribe"}) {
        co_await client.asks("multi", "+OK\r\n");
        co_await client.asks(word + " a", "-ERR '" + word + "' inside MULTI is not served\r\n");
        co_await client.asks("exec",
                             "-EXECABORT Transaction discarded because of previous errors.\r\n");
    }
    EXPECT_EQ(at.shop->channels.subscriptions(), 0u);
}

DOOR_TEST(transactions, s18_are_bounded) {
    at.begin();
    auto client = at.connect();
    co_await client.asks("multi", "+OK\r\n");
    std::string asked;
    std::string expected;
    for (std::size_t i = 0; i < limits::transaction_commands; ++i) {
        asked += "ping\r\n";
        expected += "+QUEUED\r\n";
    }
    scope beside;
    beside.spawn(client.says(asked));
    co_await client.hears(expected);
    co_await beside.join();
    co_await client.asks("ping", "-ERR the transaction is too large\r\n");
    co_await client.asks("exec",
                         "-EXECABORT Transaction discarded because of previous errors.\r\n");
}

DOOR_TEST(transactions, s18_what_is_watched_is_bounded) {
    at.begin();
    auto client = at.connect();
    const std::string name(400'000, 'n');
    const std::string watch = "*2\r\n" + bulk("watch") + "$400000\r\n" + name;
    co_await client.asks(watch, "+OK\r\n");
    co_await client.asks(watch, "+OK\r\n");
    co_await client.asks(watch, "-ERR too many keys are watched\r\n");
    co_await client.asks("unwatch", "+OK\r\n");
    co_await client.asks(watch, "+OK\r\n");
    std::string keys;
    for (std::size_t i = 1; i < limits::keys_watched; ++i) keys += " " + std::to_string(i);
    co_await client.asks("watch" + keys, "+OK\r\n");
    co_await client.asks("watch more", "-ERR too many keys are watched\r\n");
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("set 1023 x", "+QUEUED\r\n");
    co_await client.asks("exec", "*1\r\n+OK\r\n");
}

/// What they change waits for the disk once, and an answer of a failed one is an error in its
/// place.
DOOR_TEST(transactions, are_settled_together) {
    at.kept.unsettled = hawser::store::durability::sync;
    at.begin();
    auto client = at.connect();
    co_await client.says("multi\r\nset a 1\r\nhset h f 1\r\nget a\r\nexec\r\n");
    co_await client.hears("+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n:1\r\n" +
                          bulk("1"));
    EXPECT_EQ(at.kept.settled, (std::vector<std::size_t>{2}));
}

}  // namespace
}  // namespace hawser::sessions::resp
