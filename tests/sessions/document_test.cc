// SPDX-License-Identifier: Apache-2.0
#include "sessions/document.h"

#include <gtest/gtest.h>

#include <string>

namespace hawser::sessions {
namespace {

std::string rewritten(std::string_view text) {
    const auto made = document::read(text);
    return made ? made->write() : "-";
}

TEST(document, keeps_digits_order_and_bytes) {
    for (const std::string text : {R"({"b":1,"a":[true,false,null,"x"],"c":{}})",
                                   R"([100000000000000000000,1e+21,1.50,1e-7])",
                                   R"([-0,-1,18446744073709551615,-9223372036854775808])",
                                   R"("\"\\\b\f\n\r\t\u0001é€😀")", R"({"":[]})"})
        EXPECT_EQ(rewritten(text), text);
    EXPECT_EQ(rewritten(" { \"a\" : [ 1 , 2 ] } "), R"({"a":[1,2]})");
    EXPECT_EQ(rewritten(R"("\u00e9\ud83d\ude00")"), R"("é😀")");
}

TEST(document, refuses_what_it_could_not_keep) {
    for (const std::string text : {"", "{", "{\"a\":1,\"a\":2}", "\"\\ud800\"", "\"\xff\"", "[1,]",
                                   "nan", "01", "{}x", "1e400"})
        EXPECT_EQ(rewritten(text), "-") << text;
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_EQ(rewritten(nested(32)), nested(32));
    EXPECT_EQ(rewritten(nested(33)), "-");
    EXPECT_EQ(rewritten(nested(100'000)), "-");
}

TEST(document, is_the_same_in_any_order_of_fields) {
    const auto same = [](std::string_view one, std::string_view other) {
        return is_same(*document::read(one), *document::read(other));
    };
    EXPECT_TRUE(same(R"({"a":1,"b":[{"c":2,"d":3}]})", R"({"b":[{"d":3,"c":2}],"a":1})"));
    EXPECT_FALSE(same(R"({"a":1})", R"({"a":"1"})"));
    EXPECT_FALSE(same(R"({"a":1})", R"({"b":1})"));
    EXPECT_FALSE(same("[1,2]", "[2,1]"));
}

TEST(document, finds_fields_among_many) {
    document made = document::empty_object();
    for (int i = 0; i < 1000; ++i) {
        made.names.push_back("field" + std::to_string(i * 7919 % 1000));
        made.items.push_back({.is = document::kind::number, .text = std::to_string(i)});
    }
    const field_index fields(made);
    for (std::size_t i = 0; i < made.names.size(); ++i)
        EXPECT_EQ(fields.find(made.names[i]), &made.items[i]);
    EXPECT_EQ(fields.find("field1000"), nullptr);
}

}  // namespace
}  // namespace hawser::sessions
