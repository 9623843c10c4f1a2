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

TEST(read_cookie_date, reads_the_forms_that_servers_use) {
    for (const char* text :
         {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
          "Sun Nov  6 08:49:37 1994", "6 nov 1994 8:49:37", "Sun, 06-Nov-1994 08:49:37 GMT"})
        EXPECT_EQ(read_cookie_date(text), at(784111777)) << text;
    EXPECT_EQ(read_cookie_date("Thu, 01 Jan 1970 00:00:00 GMT"), at(0));
    EXPECT_EQ(read_cookie_date("Fri, 31 Dec 9999 23:59:59 GMT"), at(253402300799));
    EXPECT_EQ(read_cookie_date("1 Jan 69 00:00:00"), read_cookie_date("1 Jan 2069 00:00:00"));
}

TEST(read_cookie_date, reads_nothing_where_a_part_is_missing_or_out_of_range) {
    for (const char* text :
         {"", "Sun", "06 Nov 1994", "Nov 1994 08:49:37", "06 Nov 08:49:37", "06 1994 08:49:37",
          "30 Feb 1994 08:49:37", "06 Nov 1994 24:00:00", "06 Nov 1994 08:60:00",
          "0 Nov 1994 1:1:1", "06 Nov 1600 08:49:37", "06 Nov 19941 08:49:37", "06 Nov 1994 08:49"})
        EXPECT_EQ(read_cookie_date(text), std::nullopt) << text;
}

}  // namespace
}  // namespace hawser::http
