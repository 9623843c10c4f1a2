// SPDX-License-Identifier: Apache-2.0
#include "http/compression/brotli.h"

#include <gtest/gtest.h>

#include <array>

namespace hawser::http::compression {
namespace {

TEST(brotli, is_called_br_as_in_rfc_7932) { EXPECT_EQ(brotli::name, "br"); }

TEST(brotli, does_not_lose_what_an_early_flush_left_behind) {
    brotli by({});
    std::array<char, 3> room;
    std::span<const char> left(std::string_view("hello, hello, hello"));
    std::size_t steps = 0;
    for (compressor::step done{.is_full = true}; done.is_full; ++steps) {
        done = by.compress(left, room, until::piece);
        left = left.subspan(done.consumed);
    }
    EXPECT_TRUE(left.empty());
    EXPECT_GT(steps, 3u);
}

}  // namespace
}  // namespace hawser::http::compression
