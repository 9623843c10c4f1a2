// SPDX-License-Identifier: Apache-2.0
#include "proxy/departure.h"

#include <gtest/gtest.h>

#include <deque>

#include "async/sleep.h"
#include "support/sim/sim_test.h"

namespace hawser::proxy {
namespace {

using namespace std::chrono_literals;

constexpr goodbye so_long{"so-long", {1001, "x"}};
constexpr goodbye farewell{"farewell", {1001, "y"}};

/// Somebody under way, until its moment.
struct traveller {
    explicit traveller(departure& node) { leaves.listen_to(&node, nullptr); }
    traveller(departure* node, departure* server) { leaves.listen_to(node, server); }

    stop_source due;
    leaver leaves{due};
};

SIM_TEST(departure, calls_one_after_the_other) {
    crypto::random_stock random;
    departure door(so_long, random);
    std::deque<traveller> all;
    for (int i = 0; i < 50; ++i) all.emplace_back(door);
    door.call(10s);
    const auto gone = [&] {
        return std::ranges::count_if(all, [](auto& each) { return each.due.is_stopped(); });
    };
    std::ptrdiff_t before = gone();
    EXPECT_EQ(before, 0);
    for (int i = 0; i < 51; ++i) {
        EXPECT_TRUE((co_await sleep_for(limits::farewell_gap)).has_value());
        EXPECT_LE(gone() - before, 2) << "each has a moment of its own";
        before = gone();
    }
    EXPECT_EQ(gone(), 50);
    EXPECT_EQ(all.front().leaves.said()->word, "so-long");
}

SIM_TEST(departure, calls_faster_where_the_time_would_not_do) {
    crypto::random_stock random;
    departure door(so_long, random);
    std::deque<traveller> all;
    for (int i = 0; i < 1000; ++i) all.emplace_back(door);
    door.call(1s);
    EXPECT_TRUE((co_await sleep_for(1001ms)).has_value());
    for (const auto& each : all) EXPECT_TRUE(each.due.is_stopped());
}

SIM_TEST(departure, calls_nobody_who_comes_later) {
    crypto::random_stock random;
    departure door(so_long, random);
    traveller first(door);
    door.call(1s);
    EXPECT_EQ(door.listening(), 0u);
    traveller second(door);
    EXPECT_EQ(door.listening(), 1u);
    EXPECT_TRUE((co_await sleep_for(2s)).has_value());
    EXPECT_TRUE(first.due.is_stopped());
    EXPECT_FALSE(second.due.is_stopped());
    door.call(1s);
    EXPECT_TRUE((co_await sleep_for(2s)).has_value());
    EXPECT_TRUE(second.due.is_stopped());
}

SIM_TEST(departure, forgets_who_has_gone_by_itself) {
    crypto::random_stock random;
    departure door(so_long, random);
    {
        const traveller gone(door);
    }
    EXPECT_EQ(door.listening(), 0u);
    traveller told(door);
    door.call(1s);  // and it goes before its moment
    co_return;
}

SIM_TEST(departure, of_two_the_first_call_counts) {
    crypto::random_stock random;
    departure node(so_long, random);
    departure server(farewell, random);
    traveller one(&node, &server);
    server.call(1s);
    node.call(1s);
    EXPECT_EQ(one.leaves.said(), nullptr);
    EXPECT_TRUE((co_await sleep_for(1s)).has_value());
    EXPECT_EQ(one.leaves.said(), &farewell);
    EXPECT_EQ(node.listening(), 0u);
}

}  // namespace
}  // namespace hawser::proxy
