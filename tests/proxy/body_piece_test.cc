// SPDX-License-Identifier: Apache-2.0
#include "proxy/body_piece.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::proxy {
namespace {

std::string text_of(const body_piece& piece) {
    return std::string(piece.before()).append(piece.payload()).append(piece.after());
}

TEST(body_piece, goes_on_as_it_is_without_chunks) {
    EXPECT_EQ(text_of(body_piece(false, "abc", false)), "abc");
    EXPECT_EQ(text_of(body_piece(false, "abc", true)), "abc");
    EXPECT_TRUE(body_piece(false, "", true).empty());
}

TEST(body_piece, is_one_chunk_of_ours) {
    EXPECT_EQ(text_of(body_piece(true, "abc", false)), "3\r\nabc\r\n");
    const std::string long_one(300, 'x');
    EXPECT_EQ(text_of(body_piece(true, long_one, false)), "12c\r\n" + long_one + "\r\n");
}

TEST(body_piece, the_last_one_ends_the_body) {
    EXPECT_EQ(text_of(body_piece(true, "abc", true)), "3\r\nabc\r\n0\r\n\r\n");
    EXPECT_EQ(text_of(body_piece(true, "", true)), "0\r\n\r\n");
}

TEST(body_piece, leaves_the_very_end_to_the_trailers) {
    EXPECT_EQ(text_of(body_piece(true, "abc", true, true)), "3\r\nabc\r\n0\r\n");
    EXPECT_EQ(text_of(body_piece(true, "", true, true)), "0\r\n");
}

TEST(body_piece, an_empty_one_in_between_is_nothing_and_not_the_end) {
    EXPECT_TRUE(body_piece(true, "", false).empty());
    EXPECT_EQ(text_of(body_piece(true, "", false)), "");
}

}  // namespace
}  // namespace hawser::proxy
