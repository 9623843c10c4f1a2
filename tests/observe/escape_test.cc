// SPDX-License-Identifier: Apache-2.0
#include "observe/escape.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hawser::observe {
namespace {

std::string json(std::string_view bytes) {
    std::string line;
    append_json(line, bytes);
    return line;
}

std::string escaped(std::string_view bytes, place where) {
    std::string line;
    append_escaped(line, bytes, where);
    return line;
}

bool is_printable(std::string_view line) {
    return std::ranges::all_of(line, [](char byte) { return byte >= 0x20 && byte < 0x7f; });
}

TEST(append_json, e4_makes_printable_ascii_of_every_pair_of_bytes) {
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const char bytes[] = {static_cast<char>(first), static_cast<char>(second)};
            const std::string text = json({bytes, 2});
            ASSERT_TRUE(is_printable(text)) << first << ' ' << second;
            ASSERT_TRUE(nlohmann::json::accept('"' + text + '"')) << text;
        }
    }
}

TEST(append_json, lets_a_reader_restore_what_is_utf_8) {
    const std::string text =
        "caf\u00e9 \u65e5\u672c \U0001f6a2 \"quoted\" back\\slash\ttab\r\n\u2028";
    EXPECT_EQ(nlohmann::json::parse('"' + json(text) + '"').get<std::string>(), text);
}

TEST(append_json, marks_bytes_that_are_not_utf_8) {
    EXPECT_EQ(json("a\xff"
                   "b"),
              "a\\ufffdb");
    EXPECT_EQ(json("\xc0\xaf"), "\\ufffd\\ufffd");                // overlong
    EXPECT_EQ(json("\xed\xa0\x80"), "\\ufffd\\ufffd\\ufffd");     // a surrogate
    EXPECT_EQ(json("\xf4\x90\x80\x80").substr(0, 6), "\\ufffd");  // above U+10FFFF
    EXPECT_EQ(json("\xe2\x82"), "\\ufffd\\ufffd");                // cut off
}

TEST(append_json, writes_controls_of_terminals_as_numbers) {
    EXPECT_EQ(json("\x1b[2J"), "\\u001b[2J");
    EXPECT_EQ(json("\xc2\x9b"), "\\u009b");
    EXPECT_EQ(json(std::string_view("\0", 1)), "\\u0000");
    EXPECT_EQ(json("\x7f"), "\\u007f");
}

TEST(append_escaped, e4_makes_printable_ascii_of_every_byte) {
    for (int value = 0; value < 256; ++value) {
        const char byte = static_cast<char>(value);
        for (const place where : {place::quoted, place::word, place::message})
            ASSERT_TRUE(is_printable(escaped({&byte, 1}, where))) << value;
    }
}

TEST(append_escaped, cannot_end_a_quotation) {
    EXPECT_EQ(escaped("a\"b\\c\r\n", place::quoted), "a\\x22b\\x5Cc\\x0D\\x0A");
}

TEST(append_escaped, keeps_a_word_one_word) {
    EXPECT_EQ(escaped("two words", place::word), "two\\x20words");
    EXPECT_EQ(escaped("", place::word), "-");
}

TEST(append_escaped, leaves_quotations_in_messages) {
    EXPECT_EQ(escaped("pool \"shop\" is up\n", place::message), "pool \"shop\" is up\\x0A");
}

TEST(append_hex, writes_sixteen_digits) {
    std::string line;
    append_hex(line, 0xdeadbeef);
    EXPECT_EQ(line, "00000000deadbeef");
}

}  // namespace
}  // namespace hawser::observe
