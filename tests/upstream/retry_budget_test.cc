// SPDX-License-Identifier: Apache-2.0
#include "upstream/retry_budget.h"

#include <gtest/gtest.h>

#include <vector>

namespace hawser::upstream {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};

/// How many retries of `asked` are allowed, when each ends before the next begins.
int allowed_in_turn(retry_budget& budget, int asked, steady_time now) {
    int allowed = 0;
    std::vector<retry_budget::permit> others;
    // The few that are always allowed are under way elsewhere, so only the share is left.
    for (unsigned i = 0; i < limits::retries_always_allowed; ++i)
        if (auto one = budget.take(now)) others.push_back(std::move(*one));
    for (int i = 0; i < asked; ++i) allowed += budget.take(now).has_value() ? 1 : 0;
    return allowed;
}

TEST(retry_budget, e71_three_at_once_are_always_allowed) {
    retry_budget budget;

    auto first = budget.take(start);
    auto second = budget.take(start);
    auto third = budget.take(start);
    EXPECT_TRUE(first && second && third);
    EXPECT_FALSE(budget.take(start));

    second.reset();
    EXPECT_TRUE(budget.take(start));
}

TEST(retry_budget, e71_a_fifth_of_the_requests_may_be_retried) {
    retry_budget budget;
    for (int i = 0; i < 1000; ++i) budget.count_request(start);

    EXPECT_EQ(allowed_in_turn(budget, 1000, start), 200 - 3);
}

TEST(retry_budget, e71_follows_the_share_that_the_pool_sets) {
    retry_budget none;
    for (int i = 0; i < 1000; ++i) none.count_request(start);
    const auto a = none.take(start, 0);
    const auto b = none.take(start, 0);
    const auto c = none.take(start, 0);
    EXPECT_TRUE(a && b && c);
    EXPECT_FALSE(none.take(start, 0));
    EXPECT_TRUE(none.take(start, 50));
}

TEST(retry_budget, e71_counts_the_last_ten_seconds_only) {
    retry_budget budget;
    for (int i = 0; i < 1000; ++i) budget.count_request(start);
    EXPECT_EQ(allowed_in_turn(budget, 1000, start + 9s), 197);
    EXPECT_EQ(allowed_in_turn(budget, 1000, start + 10s), 0) << "the requests fell out";

    for (int i = 0; i < 1000; ++i) budget.count_request(start + 30s);
    EXPECT_EQ(allowed_in_turn(budget, 1000, start + 30s), 197) << "and so did the retries";
}

TEST(retry_budget, e71_a_storm_of_failures_is_held_to_a_fifth_while_it_lasts) {
    retry_budget budget;
    int retries = 0;
    std::vector<retry_budget::permit> slow;
    for (auto now = start; now < start + 60s; now += 1ms) {
        budget.count_request(now);
        if (auto allowed = budget.take(now)) {
            ++retries;
            if (slow.size() < limits::retries_always_allowed) slow.push_back(std::move(*allowed));
        }
    }
    EXPECT_NEAR(retries, 12'000, 20);
}

TEST(retry_budget, a_permit_that_moves_is_given_back_once) {
    retry_budget budget;
    {
        auto first = budget.take(start);
        ASSERT_TRUE(first);
        const auto moved = std::move(*first);
    }
    const auto a = budget.take(start);
    const auto b = budget.take(start);
    const auto c = budget.take(start);

    EXPECT_TRUE(a && b && c);
    EXPECT_FALSE(budget.take(start));
}

}  // namespace
}  // namespace hawser::upstream
