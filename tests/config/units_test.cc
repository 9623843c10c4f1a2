// SPDX-License-Identifier: Apache-2.0
#include "config/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hawser::config {
namespace {

using namespace std::chrono_literals;
using namespace hawser::literals;
using testing::HasSubstr;

TEST(duration, is_read_in_each_unit) {
    EXPECT_EQ(parse_duration("7us"), 7us);
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("30s"), 30s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("12h"), 12h);
    EXPECT_EQ(parse_duration("2d"), 48h);
}

TEST(duration, adds_its_parts_up) { EXPECT_EQ(parse_duration("1h30m"), 90min); }

TEST(duration, needs_a_unit_except_for_zero) {
    EXPECT_EQ(parse_duration("0"), 0s);
    EXPECT_EQ(parse_duration("10").error(), "`10` lacks a unit, did you mean `10s`?");
}

TEST(duration, refuses_what_is_none) {
    for (const auto* text : {"", "s", "10 s", "-1s", "1.5s", "10x", "ten", "1s2", "1e3s"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(duration, never_wraps) {
    EXPECT_THAT(parse_duration("99999999999d").error(), HasSubstr("too long"));
    EXPECT_FALSE(parse_duration("99999999999999999999s"));
    EXPECT_FALSE(parse_duration("106751d106751d"));
}

TEST(duration, is_written_in_the_largest_exact_unit) {
    EXPECT_EQ(text_of(0s), "0s");
    EXPECT_EQ(text_of(90min), "90m");
    EXPECT_EQ(text_of(24h), "1d");
    EXPECT_EQ(text_of(1500ms), "1500ms");
}

TEST(size, is_read_with_and_without_a_unit) {
    EXPECT_EQ(parse_bytes("4096"), byte_count{4096});
    EXPECT_EQ(parse_bytes("32KiB"), 32_KiB);
    EXPECT_EQ(parse_bytes("1m"), 1_MiB);
    EXPECT_EQ(parse_bytes("2GiB"), 2_GiB);
}

TEST(size, refuses_decimal_units_and_what_wraps) {
    EXPECT_THAT(parse_bytes("10MB").error(), HasSubstr("KiB, MiB or GiB"));
    EXPECT_FALSE(parse_bytes("1.5KiB"));
    EXPECT_FALSE(parse_bytes("-1"));
    EXPECT_THAT(parse_bytes("99999999999GiB").error(), HasSubstr("too large"));
}

TEST(size, is_written_in_the_largest_exact_unit) {
    EXPECT_EQ(text_of(32_KiB), "32KiB");
    EXPECT_EQ(text_of(byte_count{100}), "100");
    EXPECT_EQ(text_of(byte_count{0}), "0");
}

}  // namespace
}  // namespace hawser::config
