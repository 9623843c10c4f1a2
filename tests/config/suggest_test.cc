// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.h"

#include <gtest/gtest.h>

#include <array>

namespace hawser::config {
namespace {

constexpr std::array<std::string_view, 4> known{"listeners", "pools", "routes", "sessions"};

TEST(suggestion, finds_the_word_behind_a_typo) {
    EXPECT_EQ(nearest("listner", known), "listeners");
    EXPECT_EQ(nearest("rotues", known), "routes");
    EXPECT_EQ(nearest("pool", known), "pools");
    EXPECT_EQ(nearest("Session", known), "sessions");
}

TEST(suggestion, does_not_guess_wildly) {
    EXPECT_EQ(nearest("backends", known), "");
    EXPECT_EQ(nearest("", known), "");
    EXPECT_EQ(nearest(std::string(5000, 'x'), known), "");
}

TEST(suggestion, takes_underscores_for_hyphens) {
    constexpr std::array<std::string_view, 2> keys{"max-body", "timeout"};
    EXPECT_EQ(nearest("max_body", keys), "max-body");
}

TEST(suggestion, lists_a_few_known_words_when_none_is_near) {
    EXPECT_EQ(did_you_mean("pols", known), ", did you mean `pools`?");
    EXPECT_EQ(did_you_mean("backends", known),
              "; known: `listeners`, `pools`, `routes` or `sessions`");
}

}  // namespace
}  // namespace hawser::config
