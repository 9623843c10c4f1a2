// SPDX-License-Identifier: Apache-2.0
#include "upstream/instance.h"

#include <gtest/gtest.h>

#include "upstream/yard.h"

namespace hawser::upstream {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};
constexpr wall_time some_day{std::chrono::days(20'000)};

TEST(instance, a_mark_is_a_hash_that_is_never_none_but_for_nothing) {
    EXPECT_NE(instance_mark("2026-11-24T10:00:00Z/71"), 0u);
    EXPECT_NE(instance_mark("a"), instance_mark("b"));
    EXPECT_EQ(instance_mark("a"), instance_mark("a"));
    EXPECT_EQ(instance_mark(""), 0u);
}

TEST(instance, the_last_announced_one_counts) {
    instance one;
    EXPECT_EQ(one.mark(), 0u);
    one.announce(7, start);
    EXPECT_EQ(one.mark(), 7u);
    one.announce(8, start);
    EXPECT_EQ(one.mark(), 8u);
    one.announce(9, start + 1s);
    EXPECT_EQ(one.mark(), 9u);
}

TEST(instance, a_process_that_finishes_its_last_answers_is_not_taken_for_the_present_one) {
    instance one;
    one.announce(7, start);
    one.announce(8, start + 10s);
    one.announce(7, start + 5s);
    EXPECT_EQ(one.mark(), 8u);
}

TEST(instance, moments_compare_beyond_the_end_of_their_counter) {
    const steady_time late{std::chrono::milliseconds(0xffff'ffff)};
    instance one;
    one.announce(7, late);
    one.announce(8, late + 10ms);
    EXPECT_EQ(one.mark(), 8u);
    one.announce(7, late);
    EXPECT_EQ(one.mark(), 8u);
}

TEST(server, e154_believes_a_binding_to_its_present_instance_and_no_other) {
    yard yard({described("blue")});
    server& blue = yard["blue"];
    blue.announce(8, start);

    EXPECT_TRUE(blue.is_still(8, some_day));
    EXPECT_FALSE(blue.is_still(7, some_day));
}

TEST(server, believes_where_either_side_knows_no_instance) {
    yard yard({described("blue")});
    server& blue = yard["blue"];

    EXPECT_TRUE(blue.is_still(7, some_day));
    blue.announce(8, start);
    EXPECT_TRUE(blue.is_still(0, some_day));
}

TEST(server, a_binding_from_before_it_came_back_is_stale) {
    yard yard({described("blue")});
    server& blue = yard["blue"];
    blue.health.take_out(start + 10s);
    blue.health.take_trial(start + 10s);
    blue.health.bring_back(some_day + 500ms, true);

    EXPECT_FALSE(blue.is_still(0, some_day - 1s));
    // Bindings know whole seconds: one of the same second may be later.
    EXPECT_TRUE(blue.is_still(0, some_day));
    EXPECT_TRUE(blue.is_still(0, some_day + 1s));
}

TEST(server, that_came_back_as_the_same_instance_has_forgotten_nothing) {
    yard yard({described("blue")});
    server& blue = yard["blue"];
    blue.announce(8, start);
    blue.health.take_out(start + 10s);
    blue.health.take_trial(start + 10s);
    blue.health.bring_back(some_day, true);

    EXPECT_TRUE(blue.is_still(8, some_day - 1h));
}

}  // namespace
}  // namespace hawser::upstream
