// SPDX-License-Identifier: Apache-2.0
#include "app/record_handover.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "store/residents.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;
using sessions::name_space;
using store::durability;
using store::outcome;

const crypto::siphash_key key = crypto::drawn_key();

/// What one of the two has in memory.
struct side {
    explicit side(std::size_t records = 0, bool keeps_journal = false)
        : memory({.records = records, .keeps_journal = keeps_journal}, now,
                 [this](const store::ending& what) { evicted.push_back(what.name); }) {}

    name_space& add(const std::string& name, std::uint8_t number) {
        spaces[name] = std::make_shared<name_space>(name, number, key);
        return *spaces[name];
    }
    store::change write(name_space& in, std::string_view name, std::string_view data,
                        const store::record& like = {}, steady_time when = now) {
        auto what = like;
        what.name = name;
        what.data = data;
        return memory.write(in.id_of(name), what, {}, when).value();
    }
    store::finding read(name_space& in, std::string_view name) {
        return memory.read(in.id_of(name), false, now);
    }

    static inline const steady_time now = read_clocks().steady;
    std::vector<std::string> evicted;
    kept_spaces spaces;
    store::residents memory;
};

/// Everything from one to the other.
void hand_over(side& old, side& next) {
    for (const auto& [name, one] : next.spaces) one->space.set_awaited(true);
    auto ends = state::channel::make().value();
    const record_giver gives(old.memory, old.spaces, std::move(ends.first));
    const record_taker takes(
        next.memory, next.spaces, std::move(ends.second),
        [&](const store::record_id& id, std::uint64_t user, steady_time created) {
            for (const auto& [name, one] : next.spaces)
                if (&one->space == id.in) one->users.restore(user, id.hash, created);
        });
}

void expect_same(const store::record& here, const store::record& there) {
    EXPECT_EQ(here.name, there.name);
    EXPECT_EQ(here.data, there.data);
    EXPECT_EQ(here.life, there.life);
    EXPECT_EQ(here.user, there.user);
    EXPECT_EQ(here.lasts, there.lasts);
    EXPECT_EQ(here.flags, there.flags);
    EXPECT_EQ(here.version, there.version);
    EXPECT_EQ(here.created, there.created);
    EXPECT_EQ(here.seen, there.seen);
}

TEST(record_handover, everything_is_the_same_there) {
    constexpr int count = 20'000;
    side old;
    side next(2'000'000);  // in other shards
    name_space& mine = old.add("shop", 0);
    name_space& its = next.add("shop", 5);
    std::mt19937_64 dice(1);
    std::vector<store::record> all;
    for (int i = 0; i < count; ++i) {
        const auto name = "sess:" + std::to_string(i);
        store::record like{.name = {},
                           .data = {},
                           .life = {.expires = i % 3 == 0 ? no_deadline : side::now + 1h + i * 1ms,
                                    .idle = 30min + i * 1ms,
                                    .absolute = std::chrono::days(30) + i * 1s},
                           .user = dice() % 3,
                           .flags = std::uint8_t(dice() % 2)};
        old.write(mine, name, std::string(dice() % 2000, char('a' + i % 26)), like);
        all.push_back(*old.read(mine, name).record);
    }
    old.write(mine, "empty", "");
    all.push_back(*old.read(mine, "empty").record);
    old.write(mine, "large", std::string(1'000'000, 'x'));
    all.push_back(*old.read(mine, "large").record);
    const auto bytes = old.memory.held().bytes();

    hand_over(old, next);
    for (const auto& each : all) {
        const auto found = next.read(its, each.name);
        ASSERT_TRUE(found.record) << each.name;
        expect_same(*found.record, each);
    }
    EXPECT_EQ(next.memory.held().records(), all.size());
    EXPECT_EQ(next.memory.held().bytes(), bytes);
    EXPECT_EQ(its.space.light, all.size());
    EXPECT_EQ(its.space.lost, 0u);
    EXPECT_EQ(its.space.condition(), store::condition::ready);
    EXPECT_EQ(old.memory.held().records(), 0u);
    EXPECT_EQ(old.memory.held().bytes(), 0u);
}

TEST(record_handover, an_end_stays_final_and_versions_go_on) {
    side old;
    side next;
    name_space& mine = old.add("shop", 0);
    name_space& its = next.add("shop", 0);
    const auto before = old.write(mine, "out", "1");
    const auto end = old.memory.erase(mine.id_of("out"), {}, 1min, side::now);
    const auto gone = old.write(mine, "gone", "1");  // and leaves nothing
    (void)old.memory.erase(mine.id_of("gone"), {}, 0ms, side::now);

    hand_over(old, next);
    EXPECT_EQ(next.read(its, "out").at, end.at);
    const store::record late{.name = "out", .data = "late", .life = {}};
    const auto told = next.memory.write(its.id_of("out"), late, {.seen = before.at}, side::now);
    EXPECT_EQ(told->outcome, outcome::ended);
    EXPECT_GT(next.write(its, "gone", "2").at, gone.at);
}

TEST(record_handover, whose_sessions_there_are_is_known_in_their_order) {
    side old;
    side next;
    name_space& mine = old.add("shop", 0);
    name_space& its = next.add("shop", 0);
    its.users.restore(7, {1, 1}, side::now + 9500ms);  // from the disk, by then or later
    std::vector<sessions::user_index::session> all;
    for (int i = 0; i < 50; ++i) {
        if (i == 10) all.push_back({1, 1});
        const auto name = "sess:" + std::to_string(i);
        store::record like;
        like.user = 7;
        old.write(mine, name, "1", like, side::now + i * 1s);
        all.push_back(mine.id_of(name).hash);
    }
    hand_over(old, next);
    EXPECT_EQ(its.users.of(7), all);
}

TEST(record_handover, who_was_idle_for_the_longest_time_makes_room_as_before) {
    constexpr int count = 2000;
    side old(2'000'000);
    side next;
    name_space& mine = old.add("shop", 0);
    name_space& its = next.add("shop", 0);
    for (int i = 0; i < count; ++i) old.write(mine, std::to_string(i), "1", {}, side::now + i * 1s);
    hand_over(old, next);
    its.space.set_answer(store::when_full::evict);
    its.space.held.set_room({.records = count});
    for (int i = 0; i < count; ++i)
        next.write(its, "new" + std::to_string(i), "1", {}, side::now + 1h);
    ASSERT_EQ(next.evicted.size(), std::size_t(count));
    for (int i = 0; i < count; ++i) EXPECT_EQ(next.evicted[std::size_t(i)], std::to_string(i));
}

TEST(record_handover, old_ids_are_still_watched_for) {
    side old;
    side next;
    name_space& mine = old.add("shop", 0);
    name_space& its = next.add("shop", 0);
    mine.successors.note({1, 2}, {3, 4}, side::now - sessions::successors::grace);
    mine.successors.note({5, 6}, {7, 8}, side::now);
    hand_over(old, next);
    EXPECT_TRUE(its.successors.find({1, 2}, side::now)->is_late);
    const auto found = its.successors.find({5, 6}, side::now);
    EXPECT_FALSE(found->is_late);
    EXPECT_EQ(found->called, (sessions::successors::session{7, 8}));
}

TEST(record_handover, what_is_on_the_disk_stays_there_and_what_could_not_be_put_there_goes_along) {
    side old(0, true);
    side next(0, true);
    name_space& mine = old.add("shop", 0);
    name_space& its = next.add("shop", 0);
    store::record durable;
    durable.lasts = durability::sync;
    old.write(mine, "stored", "1", durable);
    std::vector<store::record_change> taken;
    (void)old.memory.take_changes(1'000'000, taken);
    ASSERT_EQ(taken.size(), 1u);
    old.write(mine, "not yet", "2", durable);
    old.write(mine, "light", "3");

    hand_over(old, next);
    EXPECT_FALSE(next.read(its, "stored").record);
    EXPECT_EQ(next.read(its, "not yet").record->lasts, durability::sync);
    EXPECT_EQ(next.read(its, "light").record->data, "3");
    taken.clear();
    (void)next.memory.take_changes(1'000'000, taken);
    ASSERT_EQ(taken.size(), 1u);
    EXPECT_EQ(taken.front().record->data(), "2");
    EXPECT_EQ(its.space.light, 1u);
    EXPECT_EQ(its.space.lost, 0u);
}

TEST(record_handover, what_was_read_from_the_disk_before_gives_way_to_what_is_newer) {
    side old(0, true);
    side next(0, true);
    name_space& mine = old.add("shop", 0);
    name_space& its = next.add("shop", 0);
    store::record durable;
    durable.lasts = durability::sync;
    old.write(mine, "a", "newer", durable);
    auto stored = store::entry::make(&next.memory.heap(), its.id_of("a"), "a", "older");
    stored->lasts = durability::sync;
    next.memory.restore(std::move(stored));
    hand_over(old, next);
    EXPECT_EQ(next.read(its, "a").record->data, "newer");
    EXPECT_EQ(next.memory.held().records(), 1u);
}

TEST(record_handover, of_an_old_process_that_is_killed_midway_the_rest_is_counted_as_lost) {
    side next;
    name_space& its = next.add("shop", 0);
    its.space.set_awaited(true);
    auto ends = state::channel::make().value();
    {
        const record_taker takes(next.memory, next.spaces, std::move(ends.second),
                                 [](const store::record_id&, std::uint64_t, steady_time) {});
        state::bytes text;
        state::append(state::kept_space{.number = 9, .light = 3, .name = "shop"}, text);
        state::append(state::kept_record{.space = 9,
                                         .hash = its.id_of("a").hash,
                                         .is_tombstone = false,
                                         .what = {.name = "a", .data = "1", .life = {}}},
                      text);
        const auto more = text.size();
        state::append(state::kept_record{.space = 9,
                                         .hash = its.id_of("b").hash,
                                         .is_tombstone = false,
                                         .what = {.name = "b", .data = "2", .life = {}}},
                      text);
        const auto cut = std::span(text).first(text.size() - (text.size() - more) / 2);
        const auto soon = read_clocks().steady + 10s;
        ASSERT_TRUE(ends.first.send(state::word::kept, cut, soon));
        EXPECT_EQ(its.space.condition(), store::condition::opening);
        ends.first.interrupt();
    }
    EXPECT_EQ(its.space.condition(), store::condition::ready);
    EXPECT_EQ(its.space.lost, 2u);
    EXPECT_TRUE(next.read(its, "a").record);
    EXPECT_FALSE(next.read(its, "b").record);
}

TEST(record_handover, of_a_namespace_that_is_not_named_any_more_nothing_comes) {
    side old;
    side next;
    old.write(old.add("blog", 1), "a", "1");
    name_space& mine = old.add("shop", 0);
    name_space& its = next.add("shop", 1);
    old.write(mine, "a", "2");
    hand_over(old, next);
    EXPECT_EQ(next.memory.held().records(), 1u);
    EXPECT_EQ(next.read(its, "a").record->data, "2");
}

}  // namespace
}  // namespace hawser::app
