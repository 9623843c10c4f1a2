// SPDX-License-Identifier: Apache-2.0
#include "sessions/worth.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "sessions/containers.h"
#include "sessions/name_space.h"

namespace hawser::sessions {
namespace {

using store::durability;

TEST(worth, is_reached_by_who_is_there_by_size_and_by_nothing_else) {
    const worth by{.lasts = durability::sync, .when_known = true, .bytes = 10};
    EXPECT_TRUE(by.is_reached("{}", holding::string, 7));
    EXPECT_FALSE(by.is_reached("{}", holding::string, 0));
    EXPECT_TRUE(by.is_reached("0123456789", holding::string, 0));
    EXPECT_FALSE(by.is_reached("012345678", holding::string, 0));
    EXPECT_FALSE(worth().is_reached(std::string(10'000, 'x'), holding::string, 7));
}

TEST(worth, a_field_that_says_something_is_a_log_in) {
    const worth by{.lasts = durability::sync, .user_field = "passport.user"};
    for (const char* in : {R"({"passport":{"user":"ann"}})", R"({"passport":{"user":7}})",
                           R"({"cookie":{},"passport":{"a":[1],"user":{"id":1}}})",
                           R"({ "passport" : { "user" : true } })"})
        EXPECT_TRUE(by.is_reached(in, holding::string, 0)) << in;
    for (const char* out :
         {R"({"passport":{"user":null}})", R"({"passport":{"user":""}})",
          R"({"passport":{"user":false}})", R"({"passport":{"user":{}}})", R"({"passport":{}})",
          R"({"passport":"user"})", R"({"user":"ann"})", R"({"a":{"passport":{"user":"ann"}}})", "",
          "passport.user", R"({"passport":{"user":)"})
        EXPECT_FALSE(by.is_reached(out, holding::string, 7)) << out;
}

/// As Spring Session keeps one: a field that was taken out is an empty one there.
TEST(worth, of_a_hash_the_field_is_one_of_it) {
    const worth by{.lasts = durability::sync, .user_field = "sessionAttr:user"};
    const auto hash_with = [](std::string_view name, std::string_view value) {
        const std::vector<field> given{{name, value}};
        return fields({}, holding::hash).with(given).data;
    };
    EXPECT_TRUE(by.is_reached(hash_with("sessionAttr:user", "ann"), holding::hash, 0));
    EXPECT_FALSE(by.is_reached(hash_with("sessionAttr:user", ""), holding::hash, 0));
    EXPECT_FALSE(by.is_reached(hash_with("other", "ann"), holding::hash, 0));
    EXPECT_FALSE(by.is_reached(hash_with("sessionAttr:user", "ann"), holding::list, 0));
}

TEST(worth, a_session_that_has_earned_it_stays_so_until_the_word_is_taken_back) {
    const terms by{.lasts = durability::memory, .worth = {.lasts = durability::sync, .bytes = 10}};
    auto rank = by.rank_of("small", 0, 0);
    EXPECT_EQ(rank.lasts, durability::memory);
    rank = by.rank_of("large enough", 0, rank.flags);
    EXPECT_EQ(rank.lasts, durability::sync);
    rank = by.rank_of("small", 0, rank.flags);
    EXPECT_EQ(rank.lasts, durability::sync);
    EXPECT_EQ(by.rank_of("small", 0, 0).lasts, durability::memory);
}

/// The word alone means nothing where valuable sessions outlive no more than others; but it is
/// kept.
TEST(worth, means_nothing_where_nothing_is_said_of_it) {
    const terms by{.lasts = durability::interval};
    EXPECT_EQ(by.rank_of("x", 7, is_valuable).lasts, durability::interval);
    EXPECT_EQ(by.rank_of("x", 7, is_valuable).flags, is_valuable);
    EXPECT_EQ(by.rank_of("x", 7, 0).flags, 0);
    EXPECT_EQ(by.rank_of("", 7, flags_of(holding::hash)).flags, flags_of(holding::hash));
}

}  // namespace
}  // namespace hawser::sessions
