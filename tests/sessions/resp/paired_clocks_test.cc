// SPDX-License-Identifier: Apache-2.0
#include "sessions/resp/paired_clocks.h"

#include <gtest/gtest.h>

#include "sessions/deadline.h"

namespace hawser::sessions::resp {
namespace {

using namespace std::chrono_literals;

/// As the operating system's are read: the wall clock's microseconds are cut off.
instant read_at(std::chrono::microseconds since_start) {
    const auto wall = 1'700'000'000'000'000us + since_start;
    return {.steady = steady_time(5h + 123us + since_start),
            .wall = wall_time(std::chrono::floor<std::chrono::milliseconds>(wall))};
}

TEST(paired_clocks, a_moment_is_told_as_it_was_said) {
    constexpr std::int64_t said = 1'800'000'000'123;
    paired_clocks clocks(read_at(700us));
    for (auto early = 0us; early < 2ms; early += 90us) {
        const steady_time end = deadline_at(clocks.at(read_at(early)), said);
        for (auto late = 2ms + 0us; late < 4ms; late += 70us) {
            const instant now = clocks.at(read_at(late));
            EXPECT_EQ(now.wall.time_since_epoch().count() + left_until(end, now), said);
        }
    }
}

TEST(paired_clocks, follows_a_wall_clock_that_was_set) {
    paired_clocks clocks(read_at(0us));
    instant later = read_at(1s);
    later.wall += 1h;
    EXPECT_EQ(clocks.at(later).wall, later.wall);
    EXPECT_EQ(clocks.at(later).steady, later.steady);
}

}  // namespace
}  // namespace hawser::sessions::resp
