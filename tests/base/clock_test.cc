// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <gtest/gtest.h>

namespace hawser {
namespace {

using namespace std::chrono_literals;

TEST(read_clocks, steady_time_never_goes_back) {
    const auto before = read_clocks();
    const auto after = read_clocks();

    EXPECT_LE(before.steady, after.steady);
}

TEST(read_clocks, wall_time_counts_from_1970) {
    // 2020-01-01: any machine that builds this is later.
    EXPECT_GT(read_clocks().wall.time_since_epoch(), 1'577'836'800s);
}

TEST(no_deadline, is_later_than_any_time_that_a_clock_shows) {
    EXPECT_GT(no_deadline, read_clocks().steady);
}

}  // namespace
}  // namespace hawser
