// SPDX-License-Identifier: Apache-2.0
#include "health/status_range.h"

#include <gtest/gtest.h>

#include "config/diagnostics.h"

namespace hawser::health {
namespace {

using config::codec;
using config::node;

std::optional<status_range> read(const char* text) {
    config::diagnostics out;
    status_range made;
    if (!codec<status_range>::read(node::plain(text), made, out)) return std::nullopt;
    return made;
}

TEST(status_range, is_one_status_or_a_range) {
    EXPECT_EQ(read("204"), (status_range{204, 204}));
    EXPECT_EQ(read("200-399"), (status_range{200, 399}));
}

TEST(status_range, is_nothing_else) {
    for (const auto* text : {"", "20", "2xx", "2000", "99", "600", "200-", "-200", "399-200",
                             "200-399-", "+200", " 200", "0x0c8"})
        EXPECT_EQ(read(text), std::nullopt) << text;
}

TEST(status_range, is_shown_as_it_is_written) {
    EXPECT_EQ(codec<status_range>::show({204, 204}).text(), "204");
    EXPECT_EQ(codec<status_range>::show({200, 399}).text(), "200-399");
}

TEST(status_range, holds_its_ends) {
    constexpr status_range fine{200, 399};
    EXPECT_TRUE(fine.contains(200));
    EXPECT_TRUE(fine.contains(399));
    EXPECT_FALSE(fine.contains(199));
    EXPECT_FALSE(fine.contains(400));
}

}  // namespace
}  // namespace hawser::health
