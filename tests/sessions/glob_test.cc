// SPDX-License-Identifier: Apache-2.0
#include "sessions/glob.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hawser::sessions {
namespace {

TEST(glob, matches_whole_names) {
    EXPECT_TRUE(matches("sess:a", "sess:a"));
    EXPECT_FALSE(matches("sess:a", "sess:ab"));
    EXPECT_FALSE(matches("sess:ab", "sess:a"));
    EXPECT_TRUE(matches("", ""));
    EXPECT_FALSE(matches("", "a"));
}

TEST(glob, stars_take_any_bytes_or_none) {
    EXPECT_TRUE(matches("*", ""));
    EXPECT_TRUE(matches("sess:*", "sess:"));
    EXPECT_TRUE(matches("*:end", "a:end:end"));
    EXPECT_TRUE(matches("a*b*c", "a-b-b-c"));
    EXPECT_FALSE(matches("a*b*c", "a-c-b"));
    EXPECT_TRUE(matches("**a", "ba"));
}

TEST(glob, sets_and_single_bytes) {
    EXPECT_TRUE(matches("h?llo", "hello"));
    EXPECT_FALSE(matches("h?llo", "hllo"));
    EXPECT_TRUE(matches("h[a-e]llo", "hello"));
    EXPECT_TRUE(matches("h[e-a]llo", "hello"));
    EXPECT_FALSE(matches("h[^e]llo", "hello"));
    EXPECT_TRUE(matches("h[\\]]llo", "h]llo"));
    EXPECT_TRUE(matches("[abc", "a"));
    EXPECT_FALSE(matches("[", "a"));
    EXPECT_TRUE(matches("\\*", "*"));
    EXPECT_FALSE(matches("\\*", "a"));
}

TEST(glob, patterns_of_every_form_say_the_same_as_one_by_one) {
    const std::vector<std::string> forms = {"sess:*", "*_LOCK", "cart", "*",   "a*b",
                                            "s?ss:*", "*:*",    "",     "\\*", "*\\x"};
    const std::string names[] = {"sess:a", "sess:", "sess", "a_LOCK", "_LOCK", "_LOCKS", "cart",
                                 "carts",  "ab",    "aXb",  "",       "*",     "x",      "s.ss:1"};
    for (const auto& form : forms) {
        const name_patterns one({form});
        for (const auto& name : names)
            EXPECT_EQ(one.match(name), matches(form, name)) << form << " " << name;
    }
    const name_patterns several({"sess:*", "*_LOCK"});
    EXPECT_TRUE(several.match("sess:a"));
    EXPECT_TRUE(several.match("a_LOCK"));
    EXPECT_FALSE(several.match("cart"));
    EXPECT_FALSE(name_patterns().match(""));
}

/// As many stars as one likes cost no more than both lengths: a client chooses the pattern.
TEST(glob, a_hostile_pattern_ends) {
    std::string pattern;
    for (int i = 0; i < 50; ++i) pattern += "a*";
    EXPECT_FALSE(matches(pattern + "b", std::string(10'000, 'a')));
}

TEST(glob, in_slices_comes_to_the_same) {
    for (const std::string_view pattern :
         {"*", "a*b*c", "h[a-e]llo", "*:end", "**a", "", "[", "a*a*b"}) {
        for (const std::string_view text :
             {"", "hello", "a-b-b-c", "a:end:end", "ba", "aaaaaaab"}) {
            for (const std::size_t steps : {1u, 2u, 7u}) {
                glob_match match(pattern, text);
                std::size_t slices = 1;
                while (!match.go(steps)) ++slices;
                EXPECT_EQ(match.has_matched(), matches(pattern, text)) << pattern << " " << text;
                EXPECT_LE(slices, 100u) << pattern << " " << text;
            }
        }
    }
}

TEST(glob, r4_6_a_slice_ends_whatever_the_pattern) {
    const std::string pattern = "*a*a*a*a*b";
    const std::string text(10'000, 'a');
    glob_match match(pattern, text);
    EXPECT_FALSE(match.go(1000));
    EXPECT_FALSE(match.go(1000));
    EXPECT_TRUE(match.go(std::string_view::npos));
    EXPECT_FALSE(match.has_matched());
}

}  // namespace
}  // namespace hawser::sessions
