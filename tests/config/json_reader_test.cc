// SPDX-License-Identifier: Apache-2.0
#include "config/json_reader.h"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"
#include "config/write.h"

namespace hawser::config {
namespace {

std::string read_again(std::string_view text) {
    diagnostics problems;
    const auto tree = parse_json(text, "body", problems);
    EXPECT_FALSE(problems.has_errors()) << problems.text();
    return to_json(tree);
}

std::string why_wrong(std::string_view text) {
    diagnostics problems;
    EXPECT_TRUE(parse_json(text, "body", problems).is_null()) << text;
    return problems.text();
}

TEST(json_reader, reads_what_was_written) {
    const auto text = read_again(R"({"a": [1, true, "1", {"b": "x"}], "c": {}})");
    EXPECT_EQ(read_again(text), text);
    EXPECT_NE(text.find("\"1\""), text.npos) << "a text stays a text";
}

TEST(json_reader, replaces_nothing_in_texts) {
    EXPECT_NE(read_again(R"({"a": "${HOME} $$"})").find("${HOME} $$"), std::string::npos);
}

TEST(json_reader, refuses_a_key_that_is_there_twice) {
    EXPECT_NE(why_wrong(R"({"a": 1, "a": 2})").find("`a` is there twice"), std::string::npos);
}

TEST(json_reader, refuses_what_is_no_json) {
    for (const char* text : {"", "{", "{a: 1}", "{'a': 1}", "{\"a\": 1,}", "{} {}", "[01]", "nul",
                             "{\"a\": \"\xff\"}", "// x\n{}"})
        EXPECT_NE(why_wrong(text), "") << text;
}

TEST(json_reader, refuses_what_is_nested_too_deeply) {
    const std::string deep(limits::configuration_depth_max, '[');
    const std::string ends(limits::configuration_depth_max, ']');
    EXPECT_NE(read_again(deep + ends), "");
    EXPECT_NE(why_wrong('[' + deep + ends + ']'), "");
}

}  // namespace
}  // namespace hawser::config
