// SPDX-License-Identifier: Apache-2.0
#include "http/compression/gzip.h"

#include <gtest/gtest.h>

#include <array>

namespace hawser::http::compression {
namespace {

TEST(gzip, is_the_format_of_rfc_1952_not_zlibs) {
    gzip by({});
    std::array<char, 256> room;
    const auto done = by.compress(std::string_view("hello"), room, until::end);
    ASSERT_GT(done.produced, 18u);
    EXPECT_EQ(room[0], '\x1f');
    EXPECT_EQ(room[1], '\x8b');
    EXPECT_EQ(room[2], 8);
}

TEST(gzip, tells_nothing_of_when_and_where) {
    gzip by({});
    std::array<char, 256> room;
    (void)by.compress(std::string_view("hello"), room, until::end);
    EXPECT_EQ(std::string_view(room.data() + 4, 4), std::string_view("\0\0\0\0", 4));
}

}  // namespace
}  // namespace hawser::http::compression
