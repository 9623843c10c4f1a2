// SPDX-License-Identifier: Apache-2.0
#include "health/pace.h"

#include <gtest/gtest.h>

namespace hawser::health {
namespace {

using namespace std::chrono_literals;

constexpr steady_time start{1h};
constexpr pace every_second{.interval = 1s, .fast = 200ms};

TEST(pace, spreads_first_checks_over_an_interval) {
    EXPECT_EQ(every_second.first(start, 0), start);
    EXPECT_EQ(every_second.first(start, 0.25), start + 250ms);
    EXPECT_LT(every_second.first(start, 0.999), start + 1s);
}

TEST(pace, never_lets_more_than_an_interval_pass) {
    EXPECT_EQ(every_second.next(start, start + 10ms, false, 0), start + 1s);
    EXPECT_EQ(every_second.next(start, start + 10ms, false, 0.5), start + 950ms);
    EXPECT_GT(every_second.next(start, start + 10ms, false, 0.999), start + 900ms);
}

TEST(pace, is_faster_while_in_doubt) {
    EXPECT_EQ(every_second.next(start, start + 10ms, true, 0), start + 200ms);
}

TEST(pace, is_not_slower_while_in_doubt_whatever_was_written) {
    constexpr pace odd{.interval = 1s, .fast = 9s};
    EXPECT_EQ(odd.next(start, start + 10ms, true, 0), start + 1s);
}

TEST(pace, a_check_that_outlasts_its_interval_is_followed_at_once) {
    EXPECT_EQ(every_second.next(start, start + 3s, false, 0), start + 3s);
}

TEST(pace, e178_what_decides_comes_within_an_interval_of_the_first_sign) {
    for (const unsigned rise : {1u, 2u, 3u, 7u})
        for (const unsigned fall : {1u, 2u, 3u, 7u}) {
            const auto fast = fast_for(5s, rise, fall);
            EXPECT_LE(fast * (rise - 1), 5s);
            EXPECT_LE(fast * (fall - 1), 5s);
            EXPECT_LE(fast, 5s);
        }
}

}  // namespace
}  // namespace hawser::health
