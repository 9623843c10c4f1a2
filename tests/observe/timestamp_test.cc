// SPDX-License-Identifier: Apache-2.0
#include "observe/timestamp.h"

#include <gtest/gtest.h>

namespace hawser::observe {
namespace {

using namespace std::chrono_literals;

constexpr wall_time noon{1795608922123ms};  // 2026-11-25T12:15:22.123Z

std::string shown(timestamp::style how, wall_time when) {
    std::string line;
    timestamp(how).append(line, when);
    return line;
}

TEST(timestamp, writes_rfc_3339_with_milliseconds) {
    EXPECT_EQ(shown(timestamp::style::rfc3339, noon), "2026-11-25T12:15:22.123Z");
    EXPECT_EQ(shown(timestamp::style::rfc3339, wall_time(0ms)), "1970-01-01T00:00:00.000Z");
}

TEST(timestamp, writes_what_the_combined_format_wants) {
    EXPECT_EQ(shown(timestamp::style::combined, noon), "25/Nov/2026:12:15:22 +0000");
}

TEST(timestamp, follows_a_clock_that_goes_back) {
    timestamp time(timestamp::style::rfc3339);
    std::string line;
    time.append(line, noon + 1s);
    line.clear();
    time.append(line, noon + 7ms);
    EXPECT_EQ(line, "2026-11-25T12:15:22.130Z");
}

}  // namespace
}  // namespace hawser::observe
