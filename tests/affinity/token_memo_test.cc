// SPDX-License-Identifier: Apache-2.0
#include "affinity/token_memo.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::affinity {
namespace {

const std::string text(token_text_size, 'a');

TEST(token_memo, costs_an_idle_connection_little) {
    EXPECT_LE(sizeof(token_memo), 8u);
    EXPECT_LE(sizeof(token_memo::remembered), 184u);
}

TEST(token_memo, recalls_what_it_keeps_and_nothing_else) {
    token_memo memo;
    EXPECT_EQ(memo.recall(1, text), nullptr);
    token opened;
    opened.home.moves = 7;
    memo.keep(1, text, session_key{{1, 2}}, opened);

    const auto* const known = memo.recall(1, text);
    ASSERT_NE(known, nullptr);
    EXPECT_EQ(known->opened.moves, 7);
    EXPECT_EQ(known->key, (session_key{{1, 2}}));
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto other = text;
        other[i] = 'b';
        EXPECT_EQ(memo.recall(1, other), nullptr);
    }
    EXPECT_EQ(memo.recall(1, text.substr(1)), nullptr);
    EXPECT_EQ(memo.recall(1, text + "a"), nullptr);
    EXPECT_EQ(memo.recall(1, ""), nullptr);
}

TEST(token_memo, believes_only_who_verified) {
    token_memo memo;
    memo.keep(1, text, session_key{{1, 2}}, token());
    EXPECT_EQ(memo.recall(2, text), nullptr);
}

TEST(token_memo, remembers_the_last) {
    token_memo memo;
    const std::string other(token_text_size, 'b');
    memo.keep(1, text, session_key{{1, 2}}, token());
    memo.keep(1, other, session_key{{3, 4}}, token());
    EXPECT_EQ(memo.recall(1, text), nullptr);
    EXPECT_NE(memo.recall(1, other), nullptr);
}

TEST(token_memo, recalls_a_token_with_a_fingerprint_to_its_last_character) {
    token_memo memo;
    const std::string longer(printed_text_size, 'a');
    token opened;
    opened.print.has.add(trait::network);
    opened.print.of[0] = 7;
    memo.keep(1, longer, session_key{{1, 2}}, opened);

    const auto* const known = memo.recall(1, longer);
    ASSERT_NE(known, nullptr);
    EXPECT_EQ(known->print(), opened.print);
    EXPECT_EQ(memo.recall(1, text), nullptr);
    auto other = longer;
    other.back() = 'b';
    EXPECT_EQ(memo.recall(1, other), nullptr);

    memo.keep(1, text, session_key{{1, 2}}, token());
    EXPECT_EQ(memo.recall(1, longer), nullptr);
    EXPECT_NE(memo.recall(1, text), nullptr);
}

}  // namespace
}  // namespace hawser::affinity
