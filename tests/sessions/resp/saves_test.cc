// SPDX-License-Identifier: Apache-2.0
#include <initializer_list>

#include "sessions/client.h"
#include "sessions/resp/lab.h"

/// Saves of sessions that others have changed, or ended, meanwhile (T1, T2, T3, T4).
namespace hawser::sessions::resp {
namespace {

std::string line(std::initializer_list<std::string_view> words) {
    std::string text = "*" + std::to_string(words.size()) + "\r\n";
    for (const auto each : words) text += bulk(each);
    return text;
}

/// A client that saves and reads JSON.
class app {
  public:
    explicit app(lab& at) : to_(at.connect()) {}

    task<> reads(std::string expected, std::string name = "sess:a") {
        co_await to_.says(line({"get", name}));
        co_await to_.hears(expected.empty() ? "$-1\r\n" : bulk(expected));
    }
    task<> saves(std::string data, std::string answer = "+OK\r\n", std::string name = "sess:a") {
        co_await to_.says(line({"set", name, data, "ex", "100"}));
        co_await to_.hears(std::move(answer));
    }
    task<> asks(std::string words, std::string answer) {
        co_await to_.asks(std::move(words), std::move(answer));
    }

  private:
    peer to_;
};

constexpr auto conflict = "-CONFLICT the session has been changed since it was read\r\n";

void serve_with(lab& at, save_policy by, std::string mark = {}) {
    at.by.saves = by;
    at.by.mark_field = std::move(mark);
    at.set_terms(at.by);
    at.begin();
}

DOOR_TEST(saves, are_counted_by_class_and_size) {
    serve_with(at, save_policy::last_writer);
    app one(at);
    co_await one.saves("small");
    co_await one.saves("larger");
    EXPECT_EQ(at.shop->sizes(store::durability::memory).bytes(), 11u);
    EXPECT_EQ(at.shop->sizes(store::durability::memory).count(0), 2u);
    EXPECT_EQ(at.shop->sizes(store::durability::interval).bytes(), 0u);
}

DOOR_TEST(saves, are_reckoned_one_command_in_61) {
    serve_with(at, save_policy::last_writer);
    app one(at);
    for (int i = 0; i < 61; ++i) co_await one.saves("v" + std::to_string(i));
    EXPECT_EQ(at.shop->costs.saves, 1u) << "the first";
    EXPECT_GT(at.shop->costs.nanoseconds, 0u);
    co_await one.reads("v60");
    EXPECT_EQ(at.shop->costs.saves, 1u) << "a read is none";
    for (int i = 0; i < 60; ++i) co_await one.reads("v60");
    co_await one.saves("last");
    EXPECT_EQ(at.shop->costs.saves, 2u);
}

DOOR_TEST(saves, that_may_wait_are_reckoned_too) {
    serve_with(at, save_policy::merge);
    app one(at);
    co_await one.saves(R"({"n":0})");
    EXPECT_EQ(at.shop->costs.saves, 1u);
    EXPECT_GT(at.shop->costs.nanoseconds, 0u);
}

DOOR_TEST(saves, t1_the_last_writer_undoes_the_others_and_that_is_counted) {
    serve_with(at, save_policy::last_writer);
    app one(at);
    app other(at);
    co_await one.saves(R"({"n":0})");
    co_await one.reads(R"({"n":0})");
    co_await other.reads(R"({"n":0})");
    co_await one.saves(R"({"n":0,"a":1})");
    co_await other.saves(R"({"n":0,"b":1})");
    co_await one.reads(R"({"n":0,"b":1})");
    EXPECT_EQ(at.shop->saves.overwritten, 1u);
    EXPECT_EQ(at.shop->saves.written, 2u);
    EXPECT_EQ(at.shop->saves.unknown, 0u);
}

DOOR_TEST(saves, t1_parallel_requests_on_one_connection_are_merged) {
    serve_with(at, save_policy::merge);
    app all(at);
    co_await all.saves(R"({"cart":["x"]})");
    co_await all.reads(R"({"cart":["x"]})");
    co_await all.reads(R"({"cart":["x"]})");
    co_await all.saves(R"({"cart":["x","a"]})");
    co_await all.saves(R"({"cart":["x","b"]})");
    co_await all.reads(R"({"cart":["x","a","b"]})");
    EXPECT_EQ(at.shop->saves.merged, 1u);
    EXPECT_EQ(at.shop->saves.unknown, 0u);
}

/// T1: a third request reads between the saves of the two; reads are not answered in their order.
DOOR_TEST(saves, t1_a_save_is_based_on_the_read_that_it_is_closest_to) {
    serve_with(at, save_policy::merge);
    app all(at);
    co_await all.saves(R"({"cart":["x"]})");
    co_await all.reads(R"({"cart":["x"]})");          // first
    co_await all.reads(R"({"cart":["x"]})");          // second
    co_await all.saves(R"({"cart":["x","a"]})");      // first
    co_await all.reads(R"({"cart":["x","a"]})");      // third
    co_await all.saves(R"({"cart":["x","a","c"]})");  // third, before the second
    co_await all.saves(R"({"cart":["x","b"]})");      // second
    co_await all.reads(R"({"cart":["x","a","c","b"]})");
}

DOOR_TEST(saves, t1_the_same_item_twice_is_there_twice) {
    serve_with(at, save_policy::merge);
    app all(at);
    co_await all.saves("{}");
    co_await all.reads("{}");
    co_await all.reads("{}");
    co_await all.saves(R"({"cart":["tea"]})");
    co_await all.saves(R"({"cart":["tea"]})");
    co_await all.reads(R"({"cart":["tea","tea"]})");
}

DOOR_TEST(saves, a_request_may_save_several_times) {
    serve_with(at, save_policy::merge);
    app one(at);
    app other(at);
    co_await one.saves(R"({"cart":[]})");
    co_await one.reads(R"({"cart":[]})");
    co_await other.reads(R"({"cart":[]})");
    co_await one.saves(R"({"cart":["a"]})");
    co_await one.saves(R"({"cart":["a","b"]})");
    co_await other.saves(R"({"cart":["c"]})");
    co_await other.saves(R"({"cart":["c","d"]})");
    co_await one.reads(R"({"cart":["a","b","c","d"]})");
    EXPECT_EQ(at.shop->saves.unknown, 0u);
}

DOOR_TEST(saves, first_saves_of_one_new_session_are_merged) {
    serve_with(at, save_policy::merge);
    app one(at);
    app other(at);
    co_await one.reads("");
    co_await other.reads("");
    co_await one.saves(R"({"a":1})");
    co_await other.saves(R"({"b":1})");
    co_await one.reads(R"({"a":1,"b":1})");
}

DOOR_TEST(saves, t1_what_cannot_be_merged_without_loss_takes_the_others_place_and_is_counted) {
    serve_with(at, save_policy::merge);
    app one(at);
    app other(at);
    for (const std::string data : {"opaque", R"({"a":1,"a":2})", "[1]"}) {
        const std::string name = "sess:" + data;
        co_await one.saves("{}", "+OK\r\n", name);
        co_await one.reads("{}", name);
        co_await other.reads("{}", name);
        co_await one.saves(R"({"b":1})", "+OK\r\n", name);
        co_await other.saves(data, "+OK\r\n", name);
        co_await one.reads(data, name);
    }
    EXPECT_EQ(at.shop->saves.unmergeable, 3u);
}

DOOR_TEST(saves, t3_a_refused_save_is_an_error_and_counted) {
    serve_with(at, save_policy::reject);
    app one(at);
    app other(at);
    co_await one.saves(R"({"n":0})");
    co_await one.reads(R"({"n":0})");
    co_await other.reads(R"({"n":0})");
    co_await one.saves(R"({"n":1})");
    co_await other.saves(R"({"n":2})", conflict);
    co_await other.reads(R"({"n":1})");
    co_await other.saves(R"({"n":2})");
    co_await one.reads(R"({"n":2})");
    EXPECT_EQ(at.shop->saves.rejected, 1u);
}

DOOR_TEST(saves, t3_the_same_by_each_form_of_a_save) {
    serve_with(at, save_policy::reject);
    app one(at);
    app other(at);
    co_await other.asks("set sess:a 2", "+OK\r\n");
    for (const std::string form :
         {"set sess:a 3", "setex sess:a 100 3", "psetex sess:a 100000 3", "set sess:a 3 xx keepttl",
          "set sess:a 3 get", "mset sess:a 3"}) {
        co_await one.reads("2");
        co_await other.asks("set sess:a 1", "+OK\r\n");
        co_await one.asks(form, conflict);
        co_await other.asks("set sess:a 2", "+OK\r\n");
    }
}

DOOR_TEST(saves, who_has_changed_nothing_undoes_nothing) {
    for (const auto by : {save_policy::merge, save_policy::reject}) {
        at.by.saves = by;
        at.set_terms(at.by);
        if (by == save_policy::merge)
            at.begin();
        else
            at.publish();
        app one(at);
        app reader(at);
        co_await one.asks("set sess:a {}", "+OK\r\n");
        co_await one.reads("{}");
        co_await reader.reads("{}");
        co_await one.saves(R"({"a":1})");
        co_await reader.saves("{}");  // `resave: true`
        co_await one.reads(R"({"a":1})");
        co_await one.asks("del sess:a", ":1\r\n");
        (void)co_await sleep_for(61s);
    }
    EXPECT_EQ(at.shop->saves.rejected, 0u);
}

/// T4: of a session that nobody changes only the time is moved.
DOOR_TEST(saves, t4_a_save_without_a_change_is_a_touch) {
    serve_with(at, save_policy::last_writer);
    app one(at);
    const std::string early = R"({"cookie":{"expires":"2026-01-01T00:00:00.000Z"},"a":1})";
    const std::string late = R"({"cookie":{"expires":"2026-01-01T00:00:10.000Z"},"a":1})";
    co_await one.saves(early);
    for (int i = 0; i < 10; ++i) {
        co_await one.reads(early);
        (void)co_await sleep_for(50s);
        co_await one.saves(i % 2 == 0 ? late : early);
        co_await one.asks("ttl sess:a", ":100\r\n");
    }
    EXPECT_EQ(at.shop->saves.touched, 10u);
    EXPECT_EQ(at.shop->saves.written, 1u);
}

// ---- reads and saves on different connections ----

DOOR_TEST(saves, t1_on_what_a_pool_bases_its_saves_nobody_knows) {
    serve_with(at, save_policy::merge);
    app reading(at);
    app saving(at);
    co_await saving.saves(R"({"cart":[]})");
    co_await reading.reads(R"({"cart":[]})");
    app third(at);
    co_await third.saves(R"({"cart":["a"]})");
    EXPECT_EQ(at.shop->saves.unknown, 1u);
    // Now a connection that has read is not trusted either: the item is not appended twice.
    co_await saving.reads(R"({"cart":["a"]})");
    co_await reading.saves(R"({"cart":["a","b"]})");
    co_await reading.reads(R"({"cart":["a","b"]})");
    EXPECT_EQ(at.shop->saves.unknown, 2u);
}

DOOR_TEST(saves, t1_what_a_connection_has_only_saved_is_no_read) {
    serve_with(at, save_policy::merge);
    app reading(at);
    app saving(at);
    co_await saving.saves(R"({"cart":[]})");
    co_await reading.reads(R"({"cart":[]})");
    co_await reading.reads(R"({"cart":[]})");
    co_await saving.saves(R"({"cart":["a"]})");
    co_await saving.saves(R"({"cart":["b"]})");
    EXPECT_EQ(at.shop->saves.unknown, 1u);  // it has undone the other
    EXPECT_EQ(at.shop->saves.written, 3u);
}

DOOR_TEST(saves, t1_a_save_that_is_closer_to_what_another_connection_has_read_is_not_paired) {
    serve_with(at, save_policy::merge);
    app one(at);
    app other(at);
    co_await one.saves(R"({"cart":[]})");
    co_await one.reads(R"({"cart":[]})");  // by a request that saves elsewhere
    co_await other.reads(R"({"cart":[]})");
    co_await other.saves(R"({"cart":["a"]})");
    co_await other.reads(R"({"cart":["a"]})");
    co_await one.saves(R"({"cart":["a","b"]})");
    co_await one.reads(R"({"cart":["a","b"]})");
    EXPECT_EQ(at.shop->saves.unknown, 1u);
}

DOOR_TEST(saves, t1_the_mark_in_the_data_tells_whatever_the_connection) {
    serve_with(at, save_policy::merge, "hw");
    app plain(at);
    co_await plain.saves(R"({"cart":[]})");
    client first(at.kept, at.shop, std::make_shared<const terms>(at.by));
    client second(at.kept, at.shop, std::make_shared<const terms>(at.by));
    const auto read_first = co_await first.read("sess:a");
    const auto read_second = co_await second.read("sess:a");
    const std::string one = (*read_first)->data;
    const std::string other = (*read_second)->data;
    EXPECT_NE(one, other);  // each says by which reading it went out
    const auto with = [](std::string data, std::string_view item) {
        return data.insert(data.find(']'), item);
    };
    co_await plain.saves(with(one, R"("a")"));
    co_await plain.saves(with(other, R"("b")"));
    co_await plain.saves(with(other, R"("b","c")"));
    EXPECT_EQ(at.shop->saves.merged, 2u);
    EXPECT_EQ(at.shop->saves.unknown, 0u);
    const auto kept =
        co_await at.kept.read(at.shop->id_of("sess:a"), false, at.door().now().steady);
    EXPECT_EQ(kept->record->data, R"({"cart":["a","b","c"]})");
}

DOOR_TEST(saves, t2_the_mark_does_not_bring_back_who_has_ended) {
    serve_with(at, save_policy::last_writer, "hw");
    client reader(at.kept, at.shop, std::make_shared<const terms>(at.by));
    app any(at);
    co_await any.saves(R"({"a":1})");
    const auto found = co_await reader.read("sess:a");
    const std::string data = (*found)->data;
    co_await any.asks("del sess:a", ":1\r\n");
    co_await any.reads("");
    co_await any.saves(data);
    co_await any.reads("");
    EXPECT_EQ(at.shop->saves.dropped, 1u);
}

// ---- ends ----

/// T2: the browser's next request reads that nobody is there before the slow one saves.
DOOR_TEST(saves, t2_a_read_of_the_end_does_not_let_the_slow_request_in) {
    serve_with(at, save_policy::last_writer);
    app all(at);
    co_await all.saves("v1");
    co_await all.reads("v1");  // slow
    co_await all.reads("v1");  // logs out
    co_await all.asks("del sess:a", ":1\r\n");
    co_await all.reads("");
    co_await all.saves("v2");  // slow
    co_await all.asks("exists sess:a", ":0\r\n");
    co_await all.saves("v3");  // the one that has read that nobody is there
    co_await all.reads("v3");
    EXPECT_EQ(at.shop->saves.dropped, 1u);
}

DOOR_TEST(saves, t2_set_nx_begins_a_session_in_each_form) {
    serve_with(at, save_policy::last_writer);
    app all(at);
    for (const std::string form : {"set sess:a v nx", "set sess:a v ex 10 nx"}) {
        co_await all.asks("set sess:a v nx", "+OK\r\n");
        co_await all.asks("del sess:a", ":1\r\n");
        co_await all.asks(form, "+OK\r\n");
        co_await all.asks("exists sess:a", ":1\r\n");
        co_await all.asks("del sess:a", ":1\r\n");
    }
    // NX with GET answers null when it has kept, as nobody was there.
    co_await all.asks("set sess:a v nx get", "$-1\r\n");
    co_await all.asks("exists sess:a", ":1\r\n");
    co_await all.asks("del sess:a", ":1\r\n");
    co_await all.asks("setnx sess:a v", ":1\r\n");
    co_await all.asks("exists sess:a", ":1\r\n");
}

DOOR_TEST(saves, t2_locks_are_no_sessions) {
    serve_with(at, save_policy::reject);
    app one(at);
    app other(at);
    co_await one.asks("set sess:a.lock 1 nx", "+OK\r\n");
    co_await one.asks("del sess:a.lock", ":1\r\n");
    co_await other.asks("set sess:a.lock 2", "+OK\r\n");
    co_await one.asks("set sess:a.lock 3", "+OK\r\n");
    co_await one.asks("get sess:a.lock", bulk("3"));
}

}  // namespace
}  // namespace hawser::sessions::resp
