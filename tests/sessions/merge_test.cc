// SPDX-License-Identifier: Apache-2.0
#include "sessions/merge.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::sessions {
namespace {

struct both {
    std::string data;
    std::size_t conflicts = 0;
    friend bool operator==(const both&, const both&) = default;
    friend void PrintTo(const both& one, std::ostream* out) {
        *out << one.data << " with " << one.conflicts << " conflicts";
    }
};

both merged_of(std::string_view base, std::string_view mine, std::string_view theirs) {
    const auto made = merge(*document::read(base), *document::read(mine), *document::read(theirs));
    return {made.value.write(), made.conflicts};
}

TEST(merge, t1_fields_of_both_are_kept_at_any_depth) {
    EXPECT_EQ(merged_of(R"({"a":1})", R"({"a":1,"b":2})", R"({"a":1,"c":3})"),
              both(R"({"a":1,"c":3,"b":2})"));
    EXPECT_EQ(merged_of(R"({"u":{"x":{"n":1},"y":1}})", R"({"u":{"x":{"n":2},"y":1}})",
                        R"({"u":{"x":{"n":1},"y":3}})"),
              both(R"({"u":{"x":{"n":2},"y":3}})"));
}

TEST(merge, t1_items_that_both_have_appended_are_both_there) {
    EXPECT_EQ(merged_of(R"({"cart":["a"]})", R"({"cart":["a","c"]})", R"({"cart":["a","b"]})"),
              both(R"({"cart":["a","b","c"]})"));
    EXPECT_EQ(merged_of(R"({})", R"({"cart":["tea"]})", R"({"cart":["tea"]})"),
              both(R"({"cart":["tea","tea"]})"));
    EXPECT_EQ(merged_of(R"({"in":{"cart":[]}})", R"({"in":{"cart":[[1]]}})",
                        R"({"in":{"cart":[{"a":1}]}})"),
              both(R"({"in":{"cart":[{"a":1},[1]]}})"));
}

TEST(merge, t1_appended_items_outlive_whatever_else_was_done_to_the_array) {
    EXPECT_EQ(merged_of("[1,2]", "[2]", "[1,2,3]"), both("[2,3]"));
    EXPECT_EQ(merged_of("[1,2]", "[1,2,3]", "[2]"), both("[2,3]"));
    EXPECT_EQ(merged_of("[1,2]", "[1]", "[2]"), both("[1]", 1));
}

TEST(merge, a_value_that_both_have_changed_is_the_later_ones_and_counted) {
    EXPECT_EQ(merged_of(R"({"n":1})", R"({"n":2})", R"({"n":3})"), both(R"({"n":2})", 1));
    EXPECT_EQ(merged_of(R"({"n":1})", R"({"n":2})", R"({"n":2})"), both(R"({"n":2})", 1));
    EXPECT_EQ(merged_of(R"({"n":1})", R"({"n":{"a":1}})", R"({"n":[1]})"),
              both(R"({"n":{"a":1}})", 1));
}

TEST(merge, what_one_has_taken_out_and_the_other_left_alone_is_out) {
    EXPECT_EQ(merged_of(R"({"a":1,"b":2})", R"({"b":2})", R"({"a":1,"b":2,"c":3})"),
              both(R"({"b":2,"c":3})"));
    EXPECT_EQ(merged_of(R"({"a":1,"b":2})", R"({"a":1,"b":2,"c":3})", R"({"b":2})"),
              both(R"({"b":2,"c":3})"));
    EXPECT_EQ(merged_of(R"({"a":1})", R"({})", R"({"a":2})"), both(R"({})", 1));
    EXPECT_EQ(merged_of(R"({"a":1})", R"({"a":2})", R"({})"), both(R"({"a":2})", 1));
}

TEST(merge, t4_express_sessions_expiry_is_no_conflict) {
    EXPECT_EQ(merged_of(R"({"cookie":{"expires":"1","path":"/"}})",
                        R"({"cookie":{"expires":"2","path":"/"},"a":1})",
                        R"({"cookie":{"expires":"3","path":"/"},"b":1})"),
              both(R"({"cookie":{"expires":"2","path":"/"},"b":1,"a":1})"));
    EXPECT_EQ(merged_of(R"({"cookie":{"expires":"1"}})", R"({"cookie":{"expires":"1"},"a":1})",
                        R"({"cookie":{"expires":"3"}})"),
              both(R"({"cookie":{"expires":"3"},"a":1})"));
    EXPECT_EQ(merged_of(R"({"x":{"expires":"1"}})", R"({"x":{"expires":"2"}})",
                        R"({"x":{"expires":"3"}})"),
              both(R"({"x":{"expires":"2"}})", 1));
}

TEST(merge, numbers_are_kept_as_they_are_written) {
    EXPECT_EQ(merged_of(R"({"n":1e300})", R"({"n":1e300,"a":0.10})",
                        R"({"n":1e300,"b":100000000000000000001})"),
              both(R"({"n":1e300,"b":100000000000000000001,"a":0.10})"));
}

TEST(merge, distance_counts_values) {
    const auto between = [](std::string_view from, std::string_view to) {
        return distance(*document::read(from), *document::read(to));
    };
    EXPECT_EQ(between(R"({"a":[1],"b":{"c":1}})", R"({"b":{"c":1},"a":[1]})"), 0u);
    EXPECT_EQ(between(R"({"a":[1]})", R"({"a":[1,2,3]})"), 2u);
    EXPECT_EQ(between(R"({"a":[1,2]})", R"({"a":[1,3]})"), 2u);
    EXPECT_EQ(between(R"({"a":1,"b":{"c":1,"d":2}})", R"({"b":{"c":3},"e":1})"), 4u);
}

}  // namespace
}  // namespace hawser::sessions
