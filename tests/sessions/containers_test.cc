// SPDX-License-Identifier: Apache-2.0
#include "sessions/containers.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hawser::sessions {
namespace {

fields hash_of(std::string_view data) { return {data, holding::hash}; }

TEST(containers, hold_any_bytes_in_the_order_of_names) {
    const std::vector<field> given{
        {"", "empty name"}, {std::string_view("\0\xff", 2), "\r\n"}, {"a", ""}};
    std::vector<field> settled = given;
    settle(settled);
    const auto made = hash_of({}).with(settled);
    EXPECT_EQ(made.count, 3u);
    EXPECT_EQ(made.touched, 3u);
    EXPECT_EQ(hash_of(made.data).all(), settled);
    EXPECT_EQ(hash_of(made.data).find("a"), (field{"a", ""}));
    EXPECT_EQ(hash_of(made.data).find("b"), std::nullopt);
    EXPECT_EQ(count_texts(made.data), 6u);
}

TEST(containers, of_the_same_name_the_last_counts) {
    std::vector<field> given{{"b", "1"}, {"a", "2"}, {"b", "3"}};
    settle(given);
    EXPECT_EQ(given, (std::vector<field>{{"a", "2"}, {"b", "3"}}));
}

TEST(containers, a_change_leaves_all_others_as_they_are) {
    std::vector<field> given{{"a", "1"}, {"c", "3"}, {"e", "5"}};
    const auto first = hash_of({}).with(given);
    const std::vector<field> more{{"0", "0"}, {"c", "three"}, {"d", "4"}, {"f", "6"}};
    const auto second = hash_of(first.data).with(more);
    EXPECT_EQ(second.touched, 3u);
    EXPECT_EQ(hash_of(second.data).all(),
              (std::vector<field>{
                  {"0", "0"}, {"a", "1"}, {"c", "three"}, {"d", "4"}, {"e", "5"}, {"f", "6"}}));
    const std::vector<field> gone{{"0"}, {"b"}, {"e"}, {"f"}, {"z"}};
    const auto third = hash_of(second.data).without(gone);
    EXPECT_EQ(third.touched, 3u);
    EXPECT_EQ(third.count, 3u);
    EXPECT_EQ(hash_of(third.data).all(),
              (std::vector<field>{{"a", "1"}, {"c", "three"}, {"d", "4"}}));
}

TEST(containers, the_same_content_is_the_same_bytes_however_it_came_about) {
    const std::vector<field> a{{"a", "1"}};
    const std::vector<field> b{{"b", "2"}};
    EXPECT_EQ(hash_of(hash_of({}).with(a).data).with(b).data,
              hash_of(hash_of({}).with(b).data).with(a).data);
    EXPECT_EQ(hash_of(hash_of({}).with(a).data).without(a).data, "");
}

TEST(containers, sets_have_no_values) {
    std::vector<field> given{{"b"}, {"a"}, {"b"}};
    settle(given);
    const auto made = fields({}, holding::set).with(given);
    EXPECT_EQ(texts_of(made.data), (std::vector<std::string_view>{"a", "b"}));
    EXPECT_TRUE(fields(made.data, holding::set).find("b").has_value());
}

TEST(containers, what_is_not_whole_is_never_read) {
    std::string data;
    append_text(data, "text");
    EXPECT_DEATH((void)count_texts(std::string_view(data).substr(0, data.size() - 1)), "whole");
    EXPECT_DEATH((void)count_texts("x"), "whole");
}

TEST(containers, flags_tell_what_a_record_holds) {
    for (const auto each :
         {holding::string, holding::hash, holding::set, holding::sorted_set, holding::list})
        EXPECT_EQ(holding_of(flags_of(each) | 1), each);
    EXPECT_EQ(holding_of(0), holding::string);
}

}  // namespace
}  // namespace hawser::sessions
