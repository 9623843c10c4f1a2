// SPDX-License-Identifier: Apache-2.0
#include "http/pattern.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.h"

namespace hawser::http {
namespace {

pattern of(std::string_view text) { return pattern::compile(text).value(); }

TEST(pattern, matches_anywhere_unless_tied_down) {
    EXPECT_TRUE(of("b").matches("abc"));
    EXPECT_FALSE(of("^b").matches("abc"));
    EXPECT_FALSE(of("^a$").matches("abc"));
    EXPECT_FALSE(of("^a$").matches("a\n"));
}

TEST(pattern, gives_its_groups) {
    std::array<std::string_view, 3> groups;
    EXPECT_EQ(of("^/u/([0-9]+)(x)?").groups(), 2u);
    EXPECT_TRUE(of("^/u/([0-9]+)(x)?").match("/u/17/y", groups));
    EXPECT_EQ(groups[0], "/u/17");
    EXPECT_EQ(groups[1], "17");
    EXPECT_EQ(groups[2], "");
}

TEST(pattern, sees_bytes) {
    EXPECT_TRUE(of("^.$").matches("\xff"));
    EXPECT_FALSE(of("^.$").matches("\xc3\xa4"));
}

TEST(pattern, tells_what_is_wrong_with_a_text) {
    EXPECT_EQ(pattern::compile("a(b").error().context, "missing ): a(b");
    EXPECT_FALSE(pattern::compile("(?=a)").has_value());  // RE2 has no look-around
    EXPECT_FALSE(pattern::compile("(a)\\1").has_value());
}

TEST(pattern, e165_refuses_what_costs_too_much) {
    EXPECT_FALSE(pattern::compile(std::string(limits::pattern_text_max + 1, 'a')).has_value());
    EXPECT_FALSE(pattern::compile("((((a{100}){100}){100}){100}){100}").has_value());
    EXPECT_FALSE(pattern::compile("()()()()()()()()()()").has_value());
}

TEST(pattern, e165_ends_in_linear_time) {
    // For a backtracking matcher this takes longer than anybody waits.
    EXPECT_FALSE(of("^(a+)+$").matches(std::string(30'000, 'a') + "b"));
}

TEST(pattern_list, finds_the_same_in_turn_and_at_once) {
    for (const int count : {1, 4, 5, 50}) {
        pattern_list all;
        for (int i = 0; i < count; ++i) all.add(of("^/" + std::to_string(i % 7)));
        all.compile();
        std::vector<int> expected;
        for (int i = 3; i < count; i += 7) expected.push_back(i);
        EXPECT_EQ(all.matches_of("/3"), expected) << count;
        EXPECT_TRUE(all.matches_of("/8").empty());
    }
}

}  // namespace
}  // namespace hawser::http
