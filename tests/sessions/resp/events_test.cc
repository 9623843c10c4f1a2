// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/lab.h"

/// Keyspace events (R6).
namespace hawser::sessions::resp {
namespace {

/// What a subscriber of all channels hears of one event.
std::string told(std::string_view channel, std::string_view text) {
    return "*4\r\n$8\r\npmessage\r\n$1\r\n*\r\n" + bulk(channel) + bulk(text);
}
std::string event(const std::string& name, std::string_view record) {
    return told("__keyevent@0__:" + name, record);
}

task<> listen_to_all(peer& who) {
    co_await who.asks("psubscribe *", "*3\r\n$10\r\npsubscribe\r\n$1\r\n*\r\n:1\r\n");
}

DOOR_TEST(events, r6_1_what_became_of_a_record_is_told_by_its_command) {
    at.begin();
    auto client = at.connect();
    auto listener = at.connect();
    co_await client.asks("config set notify-keyspace-events EA", "+OK\r\n");
    co_await listen_to_all(listener);
    struct step {
        std::string line;
        std::string answer;
        std::vector<std::string> events;
    };
    const std::vector<step> steps = {
        {"set k v", "+OK\r\n", {"set"}},
        {"set k v nx", "$-1\r\n", {}},
        {"set k v ex 100", "+OK\r\n", {"set", "expire"}},
        {"set k w keepttl", "+OK\r\n", {"set"}},
        {"setex k 100 v", "+OK\r\n", {"set", "expire"}},
        {"append k z", ":2\r\n", {"append"}},
        {"persist k", ":1\r\n", {"persist"}},
        {"persist k", ":0\r\n", {}},
        {"expire k 100", ":1\r\n", {"expire"}},
        {"expire k 50 gt", ":0\r\n", {}},
        {"getex k ex 100", bulk("vz"), {"expire"}},
        {"getex k persist", bulk("vz"), {"persist"}},
        {"getex k persist", bulk("vz"), {}},
        {"get k", bulk("vz"), {}},
        {"expire k -1", ":1\r\n", {"del"}},
        {"expire k 10", ":0\r\n", {}},
        {"incr k", ":1\r\n", {"incrby"}},
        {"decr k", ":0\r\n", {"incrby"}},
        {"mset k 1", "+OK\r\n", {"set"}},
        {"set k 2 get", bulk("1"), {"set"}},
        {"getdel k", bulk("2"), {"del"}},
        {"del k", ":0\r\n", {}},
        {"setnx k 1", ":1\r\n", {"set"}},
        {"set sess:a {}", "+OK\r\n", {"set"}},
        {"set sess:a {} ex 100", "+OK\r\n", {"set", "expire"}},
        {"unlink k", ":1\r\n", {"del"}},
        {"hset k a 1", ":1\r\n", {"hset"}},
        {"hset k a 1", ":0\r\n", {"hset"}},
        {"hdel k b", ":0\r\n", {}},
        {"hdel k a", ":1\r\n", {"hdel", "del"}},
        {"sadd k a b", ":2\r\n", {"sadd"}},
        {"sadd k a", ":0\r\n", {}},
        {"srem k a b", ":2\r\n", {"srem", "del"}},
        {"zadd k 1 a", ":1\r\n", {"zadd"}},
        {"zadd k 1 a", ":0\r\n", {}},
        {"pexpire k 100000", ":1\r\n", {"expire"}},
        {"zrem k a", ":1\r\n", {"zrem", "del"}},
        {"del sess:a", ":1\r\n", {"del"}},
        {"set sess:a late", "+OK\r\n", {}},  // dropped: its end was final
    };
    for (const auto& each : steps) {
        co_await client.asks(each.line, each.answer);
        SCOPED_TRACE(each.line);
        const auto record = each.line.find("sess:a") == std::string::npos ? "k" : "sess:a";
        for (const auto& name : each.events) co_await listener.hears(event(name, record));
    }
    co_await client.asks("publish end x", ":1\r\n");
    co_await listener.hears(told("end", "x"));
}

DOOR_TEST(events, r6_1_a_new_name_is_told_by_both) {
    at.begin();
    auto client = at.connect();
    auto listener = at.connect();
    co_await client.asks("config set notify-keyspace-events Eg", "+OK\r\n");
    co_await listen_to_all(listener);
    co_await client.asks("set a v", "+OK\r\n");
    co_await client.asks("rename a b", "+OK\r\n");
    co_await listener.hears(event("rename_from", "a") + event("rename_to", "b"));
    co_await client.asks("renamenx b b", ":0\r\n");
    co_await client.asks("copy b c", ":1\r\n");
    co_await listener.hears(event("copy_to", "c"));
    co_await client.asks("multi", "+OK\r\n");
    co_await client.asks("expire c 100", "+QUEUED\r\n");
    co_await client.asks("del c", "+QUEUED\r\n");
    co_await client.asks("exec", "*2\r\n:1\r\n:1\r\n");
    co_await listener.hears(event("expire", "c") + event("del", "c"));
}

DOOR_TEST(events, r6_1_they_are_told_by_name_by_event_or_by_both) {
    at.begin();
    auto client = at.connect();
    auto listener = at.connect();
    co_await listen_to_all(listener);
    co_await client.asks("set k v", "+OK\r\n");
    co_await client.asks("config set notify-keyspace-events KE$", "+OK\r\n");
    co_await client.asks("set k v ex 10", "+OK\r\n");
    co_await listener.hears(told("__keyspace@0__:k", "set") + event("set", "k"));
    co_await client.asks("config set notify-keyspace-events Kg", "+OK\r\n");
    co_await client.asks("del k", ":1\r\n");
    co_await listener.hears(told("__keyspace@0__:k", "del"));
    co_await client.asks("config set notify-keyspace-events \"\"", "+OK\r\n");
    co_await client.asks("set k v", "+OK\r\n");
    co_await client.asks("publish end x", ":1\r\n");
    co_await listener.hears(told("end", "x"));
}

DOOR_TEST(events, r6_1_config_tells_them_in_canonical_form) {
    at.begin();
    auto client = at.connect();
    const auto is_told = [&](std::string_view letters) {
        return "*2\r\n" + bulk("notify-keyspace-events") + bulk(letters);
    };
    const std::vector<std::pair<std::string, std::string>> all = {
        {"gxE", "gxE"},     {"EKx", "xKE"}, {"KEA", "AKE"}, {"g$lshzxetdK", "AK"},
        {"Ehsg$", "g$shE"}, {"K", "K"},     {"g", "g"}};
    for (const auto& [said, canonical] : all) {
        co_await client.asks("config set notify-keyspace-events " + said, "+OK\r\n");
        co_await client.asks("config get notify-keyspace-events", is_told(canonical));
    }
    for (const auto* wrong : {"q", "mE", "n", "Eg "})
        co_await client.asks(
            "config set notify-keyspace-events \"" + std::string(wrong) + "\"",
            "-ERR CONFIG SET failed (possibly related to argument 'notify-keyspace-events') - "
            "Invalid event class character. Use 'Ag$lshzxeKEtd'.\r\n");
    co_await client.asks("config get notify-keyspace-events", is_told("g"));
    EXPECT_EQ(at.blog->channels.events(), event_kinds());
}

DOOR_TEST(events, r6_1_a_reload_changes_them_only_if_the_configuration_has_changed) {
    auto& told = at.shop->channels;
    told.configure_events(*event_kinds::read("Ex"));
    EXPECT_EQ(told.events().write(), "xE");
    told.set_events(*event_kinds::read("Egx"));
    told.configure_events(*event_kinds::read("Ex"));
    EXPECT_EQ(told.events().write(), "gxE");
    told.configure_events({});
    EXPECT_EQ(told.events().write(), "");
    at.begin();
    co_return;
}

DOOR_TEST(events, r6_2_expired_comes_within_a_second_once_and_when_the_record_is_gone) {
    at.begin();
    auto client = at.connect();
    auto listener = at.connect();
    co_await client.asks("config set notify-keyspace-events Ex", "+OK\r\n");
    co_await listen_to_all(listener);
    co_await client.asks("set k v px 700", "+OK\r\n");
    co_await client.asks("set other v", "+OK\r\n");
    const steady_time end = at.door().now().steady + 700ms;
    co_await listener.hears(event("expired", "k"));
    EXPECT_GE(at.door().now().steady, end);
    EXPECT_LE(at.door().now().steady, end + 1s);
    co_await client.asks("exists k", ":0\r\n");
    co_await client.asks("get other", bulk("v"));
    co_await client.asks("publish end x", ":1\r\n");
    co_await listener.hears(told("end", "x"));
}

DOOR_TEST(events, r6_2_a_record_that_takes_the_place_of_one_that_is_over_tells_of_its_end_first) {
    at.begin();
    auto client = at.connect();
    auto listener = at.connect();
    co_await client.asks("config set notify-keyspace-events EA", "+OK\r\n");
    co_await listen_to_all(listener);
    co_await client.asks("set k v px 5", "+OK\r\n");
    (void)co_await sleep_for(6ms);
    co_await client.asks("set k longer px 100000", "+OK\r\n");
    co_await listener.hears(event("set", "k") + event("expire", "k") + event("expired", "k") +
                            event("set", "k") + event("expire", "k"));
}

DOOR_TEST(events, r6_3_an_empty_string_made_by_append_expires_with_its_event) {
    at.begin();
    auto client = at.connect();
    auto listener = at.connect();
    co_await client.asks("config set notify-keyspace-events Egx", "+OK\r\n");
    co_await listen_to_all(listener);
    co_await client.asks("append marker \"\"", ":0\r\n");
    co_await client.asks("exists marker", ":1\r\n");
    co_await client.asks("pexpire marker 300", ":1\r\n");
    co_await listener.hears(event("expire", "marker") + event("expired", "marker"));
    co_await client.asks("exists marker", ":0\r\n");
}

DOOR_TEST(events, t6_a_lock_that_is_freed_with_its_connection_is_told) {
    at.begin();
    std::optional<peer> holder(at.connect());
    auto listener = at.connect();
    co_await holder->asks("config set notify-keyspace-events Eg", "+OK\r\n");
    co_await listen_to_all(listener);
    co_await holder->asks("set a.lock mine nx px 100000", "+OK\r\n");
    co_await listener.hears(event("expire", "a.lock"));
    holder.reset();
    co_await listener.hears(event("del", "a.lock"));
}

DOOR_TEST(events, r6_2_however_many_end_together_each_is_told_once) {
    at.begin();
    auto client = at.connect();
    auto listener = at.connect();
    co_await client.asks("config set notify-keyspace-events Ex", "+OK\r\n");
    co_await listener.asks("subscribe __keyevent@0__:expired",
                           "*3\r\n$9\r\nsubscribe\r\n$22\r\n__keyevent@0__:expired\r\n:1\r\n");
    constexpr int all = 600;
    std::string line;
    std::string answers;
    for (int i = 0; i < all; ++i) {
        line += "set key-" + std::to_string(1000 + i) + " v px 500\r\n";
        answers += "+OK\r\n";
    }
    co_await client.says(line);
    co_await client.hears(answers);
    const std::string head = "*3\r\n" + bulk("message") + bulk("__keyevent@0__:expired");
    std::set<std::string> heard;
    for (int i = 0; i < all; ++i) {
        const auto text = co_await listener.takes(head.size() + bulk("key-1000").size());
        EXPECT_EQ(text.substr(0, head.size()), head);
        heard.insert(text.substr(head.size()));
    }
    EXPECT_EQ(heard.size(), std::size_t(all));
    EXPECT_EQ(at.shop->space.expired, std::uint64_t(all));
    EXPECT_EQ(at.shop->channels.published, std::uint64_t(all));
}

}  // namespace
}  // namespace hawser::sessions::resp
