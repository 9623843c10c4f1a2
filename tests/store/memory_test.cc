// SPDX-License-Identifier: Apache-2.0
#include "store/memory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "support/sim/world.h"

namespace hawser::store {
namespace {

using namespace std::chrono_literals;

task<> write_durable(store& kept, record_id id, steady_time now) {
    record durable{.name = "a", .data = "1", .life = {}, .lasts = durability::sync};
    const auto done = co_await kept.write(id, std::move(durable), {}, now);
    EXPECT_EQ(done.error().code, errc::invalid);
}

TEST(memory, refuses_what_it_cannot_keep_over_a_crash) {
    const steady_time now{1000h};
    sim::world world(1);
    memory kept(1000, {}, now);
    space shop("shop", 0);
    const auto done =
        kept.revise({.in = &shop, .hash = {1, 2}}, "a", "1", now, [](const record_view*, version) {
            return revision{.is = revision::what::write, .lasts = durability::interval};
        });
    EXPECT_EQ(done->error().code, errc::invalid);
    EXPECT_EQ(kept.held().records(), 0u);
    world.run(write_durable(kept, {.in = &shop, .hash = {1, 2}}, now));
}

task<> fill_and_end(memory& kept, space& in, steady_time now) {
    const auto id = [&in](std::uint64_t number) {
        return record_id{.in = &in, .hash = {number, number << 40}};
    };
    const auto write = [&](std::uint64_t number, std::size_t bytes) {
        return kept.write(id(number), {.name = "a", .data = std::string(bytes, 'x'), .life = {}},
                          {}, now);
    };
    std::uint64_t count = 0;
    for (;; ++count) {
        const auto done = co_await write(count, 900);
        if (done) continue;
        EXPECT_EQ(done.error().code, errc::exhausted);
        break;
    }
    EXPECT_GT(count, 400u);
    EXPECT_EQ(in.refused, 1u);
    // Where no block is left for a tombstone, the record becomes its own.
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto ended = co_await kept.erase(id(i), {}, std::chrono::minutes(1), now);
        EXPECT_EQ(ended->outcome, outcome::kept);
        const auto late = co_await write(i, 900);
        EXPECT_FALSE(late && late->outcome == outcome::kept);
        EXPECT_EQ((co_await kept.read(id(i), false, now))->at, ended->at) << "its tombstone";
    }
    EXPECT_EQ(in.held.records(), 0u);
    while (kept.sweep(now + std::chrono::minutes(2), 1000)) {
    }
    EXPECT_EQ(in.held.bytes(), 0u);
    EXPECT_TRUE((co_await write(0, 3000)).has_value());
}

TEST(memory, that_has_no_block_left_refuses_and_ends_all_the_same) {
    const steady_time now{1000h};
    sim::world world(1);
    memory kept(1000, {}, now, 16 * block_heap::extent_bytes);
    space shop("shop", 0);
    world.run(fill_and_end(kept, shop, now));
}

task<> begin(store& kept, record_id id, steady_time now, std::atomic<int>& winners) {
    record mine{.name = "lock", .data = "mine", .life = {}};
    const auto done =
        co_await kept.write(id, std::move(mine), {.what = expectation::kind::absent}, now);
    if (done && done->outcome == outcome::kept) ++winners;
}

/// R4.4, on one node: session locks depend on it.
TEST(memory, r4_4_of_parallel_callers_one_begins) {
    constexpr int rounds = 200;
    const steady_time now{1000h};
    memory kept(1000, {}, now);
    space shop("shop", 0);
    std::vector<std::atomic<int>> winners(rounds);
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller) {
        callers.emplace_back([&] {
            sim::world world(1);
            for (int round = 0; round < rounds; ++round) {
                const record_id id{.in = &shop, .hash = {std::uint64_t(round), 7}};
                world.run(begin(kept, id, now, winners[std::size_t(round)]));
            }
        });
    }
    for (auto& each : callers) each.join();
    for (const auto& each : winners) EXPECT_EQ(each, 1);
}

task<> add_one(store& kept, record_id id, steady_time now) {
    for (;;) {
        const auto found = co_await kept.read(id, false, now);
        const int count = found->record ? std::stoi(found->record->data) : 0;
        const auto on = found->record
                            ? expectation{.what = expectation::kind::exact, .seen = found->at}
                            : expectation{.what = expectation::kind::absent};
        record next{.name = "n", .data = std::to_string(count + 1), .life = {}};
        const auto done = co_await kept.write(id, std::move(next), on, now);
        if (done->outcome == outcome::kept) co_return;
    }
}

TEST(memory, loses_no_update_of_who_insists_on_what_was_read) {
    constexpr int each = 2000;
    const steady_time now{1000h};
    memory kept(1000, {}, now);
    space shop("shop", 0);
    const record_id id{.in = &shop, .hash = {1, 2}};
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller) {
        callers.emplace_back([&] {
            sim::world world(1);
            for (int i = 0; i < each; ++i) world.run(add_one(kept, id, now));
        });
    }
    for (auto& one : callers) one.join();
    sim::world world(1);
    std::string total;
    const auto look = [](store& from, record_id what, steady_time when,
                         std::string& into) -> task<> {
        into = (co_await from.read(what, false, when))->record->data;
    };
    world.run(look(kept, id, now, total));
    EXPECT_EQ(total, std::to_string(4 * each));
}

task<> churn(store& kept, space& in, unsigned seed, steady_time now) {
    for (std::uint64_t i = 0; i < 3000; ++i) {
        const record_id id{.in = &in, .hash = {(i * 7 + seed) % 500, (i * 7 + seed) % 500 << 54}};
        record some{.name = std::to_string(i), .data = std::string(i % 90, 'x'), .life = {}};
        (void)co_await kept.write(id, std::move(some), {}, now);
        if (i % 3 == 0) (void)co_await kept.erase(id, {}, std::chrono::seconds(i % 2), now);
        if (i % 50 == 0) (void)kept.sweep(now + std::chrono::seconds(i % 3), 100);
    }
}

TEST(memory, never_holds_more_than_its_room_whoever_comes_at_once) {
    const steady_time now{1000h};
    memory kept(1000, {.records = 300, .bytes = 60'000}, now);
    space shop("shop", 0);
    shop.set_answer(when_full::evict);
    std::vector<std::thread> callers;
    std::atomic<bool> over{false};
    std::atomic<unsigned> looks{0};
    std::thread watcher([&] {
        while (!over) {
            // Whoever is refused shows for a moment in the sum, by one record of each caller.
            EXPECT_LE(kept.held().records(), 300u + 4);
            ++looks;
        }
    });
    for (unsigned caller = 0; caller < 4; ++caller) {
        callers.emplace_back([&, caller] {
            sim::world world(1);
            world.run(churn(kept, shop, caller, now));
        });
    }
    for (auto& each : callers) each.join();
    over = true;
    watcher.join();
    EXPECT_LE(kept.held().records(), 300u);
    EXPECT_LE(kept.held().bytes(), 60'000u);
    EXPECT_EQ(kept.held().records(), shop.held.records());
    EXPECT_EQ(kept.held().bytes(), shop.held.bytes());
    EXPECT_GT(looks, 0u);
}

}  // namespace
}  // namespace hawser::store
