// SPDX-License-Identifier: Apache-2.0
#include "sessions/payload.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::sessions {
namespace {

TEST(payload, finds_a_field_of_the_object_itself_only) {
    const std::string text = R"({ "a" : {"b":1,"x":"}\""} , "b" : [1,{"b":2}] ,"c":3})";
    const auto found = find_member(text, "b");
    ASSERT_TRUE(found);
    EXPECT_EQ(text.substr(found->value, found->end - found->value), R"([1,{"b":2}])");
    EXPECT_EQ(find_member(text, "x"), std::nullopt);
    for (const std::string wrong : {"", "{", "[\"b\"]", "{\"b\"", "{\"b\":", "{\"b\":{", "{b:1}"})
        EXPECT_FALSE(find_member(wrong, "b")) << wrong;
}

TEST(payload, t4_saves_that_differ_in_the_cookies_expiry_only_are_the_same) {
    const std::string one =
        R"({"cookie":{"originalMaxAge":9,"expires":"2026-01-01T00:00:00.000Z"},"a":1})";
    const auto with = [&](std::string_view what, std::string_view by) {
        std::string other = one;
        return other.replace(other.find(what), what.size(), by);
    };
    EXPECT_TRUE(is_same_but_expiry(one, one));
    EXPECT_TRUE(is_same_but_expiry(one, with("2026-01-01T00:00:00", "2027-12-31T23:59:59")));
    EXPECT_FALSE(is_same_but_expiry(one, with("\"a\":1", "\"a\":2")));
    EXPECT_FALSE(is_same_but_expiry(one, with("Age\":9", "Age\":8")));
    EXPECT_FALSE(is_same_but_expiry(one, with("T00:00:00.000Z\"}", "\",\"x\":\"....\"}")));
    EXPECT_FALSE(is_same_but_expiry(R"({"x":{"expires":"1"}})", R"({"x":{"expires":"2"}})"));
    EXPECT_FALSE(is_same_but_expiry(R"({"cookie":{"expires":1}})", R"({"cookie":{"expires":2}})"));
}

TEST(payload, a_mark_goes_out_in_front_and_is_taken_off_wherever_it_stands) {
    const auto goes_out_as = [](std::string_view data, std::string_view marked) {
        EXPECT_EQ(with_mark(std::string(data), "hw", 0xab), marked);
        std::string back(marked);
        EXPECT_EQ(take_mark(back, "hw"), 0xab);
        EXPECT_EQ(back, data);
    };
    goes_out_as(R"({"a":1})", R"({"hw":"00000000000000ab","a":1})");
    goes_out_as("{}", R"({"hw":"00000000000000ab"})");
    goes_out_as(R"(n|i:1;)", R"(hw|s:16:"00000000000000ab";n|i:1;)");
    goes_out_as(R"(a:1:{s:1:"n";i:1;})", R"(a:2:{s:2:"hw";s:16:"00000000000000ab";s:1:"n";i:1;})");
    goes_out_as("a:0:{}", R"(a:1:{s:2:"hw";s:16:"00000000000000ab";})");

    std::string moved = R"({"a": {"hw":1}, "hw" : "00000000000000ab" , "b":2})";
    EXPECT_EQ(take_mark(moved, "hw"), 0xab);
    EXPECT_EQ(moved, R"({"a": {"hw":1},  "b":2})");
    std::string last = R"({"a":1,"hw":"00000000000000ab"})";
    EXPECT_EQ(take_mark(last, "hw"), 0xab);
    EXPECT_EQ(last, R"({"a":1})");
}

TEST(payload, s17_other_data_goes_out_and_comes_back_as_it_is) {
    for (const std::string data : {"", "opaque", "\x80\x04pickle", "[1]", "a:x:{}", "|",
                                   "a:1:", "a:01:{}", "a:4294967295:{}"}) {
        EXPECT_EQ(with_mark(data, "hw", 1), data);
        std::string back = data;
        EXPECT_EQ(take_mark(back, "hw"), std::nullopt);
        EXPECT_EQ(back, data);
    }
    for (const std::string data :
         {R"({"hw":"short"})", R"({"hw":16})", R"({"hw":"zzzzzzzzzzzzzzzz"})",
          R"(hw|s:16:"zzzzzzzzzzzzzzzz";)", R"(hw|s:16:"0000)"}) {
        std::string back = data;
        EXPECT_EQ(take_mark(back, "hw"), std::nullopt) << data;
        EXPECT_EQ(back, data);
    }
}

}  // namespace
}  // namespace hawser::sessions
