// SPDX-License-Identifier: Apache-2.0
#include "sessions/lock_table.h"

#include <gtest/gtest.h>

namespace hawser::sessions {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1000h};
constexpr lock_table::place door{1, 2};

TEST(lock_table, t6_who_has_waited_longest_is_next) {
    lock_table all;
    all.take(door, {.connection = 1, .since = start});
    for (const auto when : {0ms, 20ms, 40ms}) {
        all.refuse(door, 2, start + when);
        all.refuse(door, 3, start + when + 1ms);
    }
    EXPECT_EQ(all.all(start + 41ms)[0].waiting, 2u);
    all.free(door, start + 45ms);
    EXPECT_FALSE(all.may_take(door, 4, start + 50ms));
    EXPECT_FALSE(all.may_take(door, 3, start + 61ms));
    EXPECT_TRUE(all.may_take(door, 2, start + 61ms));
    all.take(door, {.connection = 2, .since = start + 61ms});
    all.free(door, start + 62ms);
    EXPECT_FALSE(all.may_take(door, 4, start + 63ms));
    EXPECT_TRUE(all.may_take(door, 3, start + 64ms));
}

TEST(lock_table, who_has_asked_once_only_does_not_keep_others_off) {
    lock_table all;
    all.take(door, {.connection = 1, .since = start});
    all.refuse(door, 2, start);
    all.free(door, start + 1ms);
    EXPECT_TRUE(all.may_take(door, 3, start + 2ms));
}

TEST(lock_table, who_has_given_up_does_not_either) {
    lock_table all;
    all.take(door, {.connection = 1, .since = start});
    all.refuse(door, 2, start);
    all.refuse(door, 2, start + 20ms);
    all.free(door, start + 30ms);
    EXPECT_FALSE(all.may_take(door, 3, start + 100ms));
    EXPECT_TRUE(all.may_take(door, 3, start + 120ms));
}

TEST(lock_table, however_seldom_one_asks_others_wait_for_two_seconds_at_the_most) {
    lock_table all;
    all.take(door, {.connection = 1, .since = start});
    all.refuse(door, 2, start);
    all.refuse(door, 2, start + 1900ms);
    all.free(door, start + 1900ms);
    EXPECT_FALSE(all.may_take(door, 3, start + 3800ms));
    EXPECT_TRUE(all.may_take(door, 3, start + 3901ms));
}

TEST(lock_table, knows_nothing_of_what_nobody_has_and_nobody_wants) {
    lock_table all;
    all.take(door, {.connection = 1, .since = start, .ends = start + 1s});
    EXPECT_EQ(all.held(start), 1u);
    EXPECT_EQ(all.held(start + 1s), 0u);
    all.prolong(door, start + 5s);
    EXPECT_EQ(all.held(start + 1s), 1u);
    all.refuse(door, 2, start);
    all.free(door, start + 1ms);
    EXPECT_EQ(all.size(), 1u);
    all.forget(door, 2, start + 1ms);
    EXPECT_EQ(all.size(), 0u);
}

TEST(lock_table, s18_is_bounded) {
    lock_table all;
    for (std::uint64_t i = 0; i < lock_table::known_max + 10; ++i)
        all.take({i, i}, {.connection = 1, .since = start});
    EXPECT_EQ(all.size(), lock_table::known_max);
    for (std::int64_t i = 0; i < std::int64_t(lock_table::waiting_max) + 10; ++i) {
        all.refuse({1, 1}, i, start);
        all.refuse({1, 1}, i, start);
    }
    EXPECT_EQ(all.all(start)[1].waiting, lock_table::waiting_max);
}

}  // namespace
}  // namespace hawser::sessions
