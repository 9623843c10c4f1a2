// SPDX-License-Identifier: Apache-2.0
#include "upstream/places.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace hawser::upstream {
namespace {

TEST(places, without_a_limit_are_never_full) {
    places free(0);
    place first;
    place second;

    EXPECT_TRUE(free.take(first));
    EXPECT_TRUE(free.take(second));
    EXPECT_FALSE(free.is_full());
}

TEST(places, are_refused_when_all_are_taken) {
    places two(2);
    place first;
    place second;
    place third;

    EXPECT_TRUE(two.take(first));
    EXPECT_FALSE(two.is_full());
    EXPECT_TRUE(two.take(second));
    EXPECT_TRUE(two.is_full());
    EXPECT_FALSE(two.take(third));
}

TEST(places, come_free_when_the_place_goes) {
    places one(1);
    {
        place taken;
        EXPECT_TRUE(one.take(taken));
        EXPECT_TRUE(one.is_full());
    }

    EXPECT_FALSE(one.is_full());
}

TEST(places, move_with_their_owner) {
    places one(1);
    place owner;
    {
        place taken;
        EXPECT_TRUE(one.take(taken));
        owner = std::move(taken);
    }

    EXPECT_TRUE(one.is_full());
    owner = place();
    EXPECT_FALSE(one.is_full());
}

TEST(places, lowered_below_what_is_taken_send_nobody_away_and_let_nobody_in) {
    places few(3);
    std::vector<place> taken(3);
    for (auto& each : taken) EXPECT_TRUE(few.take(each));

    few.set_maximum(2);
    EXPECT_TRUE(few.is_full());
    taken.pop_back();
    EXPECT_TRUE(few.is_full());
    taken.pop_back();
    EXPECT_FALSE(few.is_full());
}

TEST(places, taken_before_there_was_a_limit_are_not_given_back_under_it) {
    places one(0);
    place unlimited;
    EXPECT_TRUE(one.take(unlimited));

    one.set_maximum(1);
    unlimited = place();

    place limited;
    EXPECT_TRUE(one.take(limited));
    EXPECT_TRUE(one.is_full());
}

TEST(places, never_exceed_the_limit_across_threads) {
    constexpr int limit = 3;
    places few(limit);
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;

    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 5'000; ++round) {
                place mine;
                if (!few.take(mine)) continue;
                const int now = ++inside;
                int seen = most.load();
                while (now > seen && !most.compare_exchange_weak(seen, now)) {
                }
                --inside;
            }
        });
    threads.clear();

    EXPECT_LE(most, limit);
    EXPECT_FALSE(few.is_full());
}

}  // namespace
}  // namespace hawser::upstream
