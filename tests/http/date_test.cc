// SPDX-License-Identifier: Apache-2.0
#include "http/date.h"

#include <gtest/gtest.h>

namespace hawser::http {
namespace {

using namespace std::chrono_literals;

wall_time at(long long seconds_since_1970) {
    return wall_time(std::chrono::seconds(seconds_since_1970));
}

TEST(date_clock, shows_an_imf_fixdate) {
    date_clock clock;
    EXPECT_EQ(clock.text(at(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(clock.text(at(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(clock.text(at(951827696) + 999ms), "Tue, 29 Feb 2000 12:34:56 GMT");
}

TEST(date_clock, follows_the_clock_both_ways) {
    date_clock clock;
    EXPECT_EQ(clock.text(at(100)), "Thu, 01 Jan 1970 00:01:40 GMT");
    EXPECT_EQ(clock.text(at(101)), "Thu, 01 Jan 1970 00:01:41 GMT");
    EXPECT_EQ(clock.text(at(99)), "Thu, 01 Jan 1970 00:01:39 GMT");
}

}  // namespace
}  // namespace hawser::http
