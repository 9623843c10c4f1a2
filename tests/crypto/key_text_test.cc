// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>

#include "crypto/rings.h"

namespace hawser::crypto {
namespace {

using namespace std::chrono_literals;

const std::string index_line = "index AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
const std::string sevens = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const std::string key_line = "0000002a 2026-11-24T12:00:00Z " + sevens + "\n";

std::string wrong_with(std::string_view text) {
    const auto read = parse_keys(text, "keys");
    return read ? "" : read.error().context;
}

TEST(parse_keys, reads_keys_and_index) {
    const auto ring = parse_keys("# kept secret\n\n" + index_line + key_line +
                                     "  0000002b\t2026-11-24T12:10:00Z  " + sevens + " \r\n",
                                 "keys");
    ASSERT_TRUE(ring);
    ASSERT_EQ(ring->keys().size(), 2u);
    EXPECT_EQ(ring->keys()[0].id, key_id{0x2a});
    EXPECT_EQ(ring->keys()[0].seals_from, at(0s));
    EXPECT_EQ(ring->keys()[0].bytes.bytes()[31], 7);
    EXPECT_EQ(ring->keys()[1].seals_from, at(10min));
}

TEST(parse_keys, reads_a_last_line_without_its_end) {
    EXPECT_EQ(wrong_with(key_line + index_line.substr(0, index_line.size() - 1)), "");
}

TEST(parse_keys, reads_what_it_writes) {
    const auto text = std::string(line_of(key_of(7, at(0s))).view()) +
                      std::string(index_line_of(secret<32>()).view());
    EXPECT_EQ(text, "00000007 2026-11-24T12:00:00Z " + sevens + "\n" + index_line);
    EXPECT_EQ(wrong_with(text), "");
}

TEST(parse_keys, tells_everything_that_is_wrong_at_once_with_its_line) {
    EXPECT_EQ(wrong_with("# a comment\n"
                         "2a 2026-11-24T12:00:00Z " +
                         sevens + "\n" + "0000002b yesterday " + sevens + "\n" +
                         "0000002c 2026-11-24T12:00:00Z c2hvcnQ=\n"
                         "index\n"
                         "what is this line\n"),
              "keys:2: the id is not eight hex digits\n"
              "keys:3: the time is not like 2026-11-24T12:00:00Z\n"
              "keys:4: the key is not base64 of 32 bytes\n"
              "keys:5: expected `index BASE64`\n"
              "keys:6: expected `ID TIME BASE64` or `index BASE64`");
}

TEST(parse_keys, refuses_an_id_that_is_there_twice) {
    EXPECT_EQ(wrong_with(index_line + key_line + key_line),
              "keys:3: the id 0000002a is there twice");
}

TEST(parse_keys, refuses_a_second_index) {
    EXPECT_EQ(wrong_with(index_line + key_line + index_line),
              "keys:3: there is a second `index` line");
}

TEST(parse_keys, refuses_a_file_without_index_or_without_keys) {
    EXPECT_EQ(wrong_with(key_line), "keys:1: there is no `index` line");
    EXPECT_EQ(wrong_with(index_line), "keys:1: there is no key");
    EXPECT_NE(wrong_with(""), "");
}

TEST(parse_keys, refuses_a_key_with_a_byte_that_is_no_letter) {
    for (int byte = 1; byte < 256; ++byte) {
        auto text = sevens;
        text[5] = static_cast<char>(byte);
        const bool is_letter =
            byte < 128 && (std::isalnum(byte) != 0 || byte == '+' || byte == '/');
        const auto wrong = wrong_with(index_line + "0000002a 2026-11-24T12:00:00Z " + text);
        EXPECT_EQ(wrong.empty(), is_letter) << byte;
    }
}

TEST(parse_keys, refuses_more_keys_than_it_may_hold) {
    auto text = index_line;
    for (int i = 0; i < 65; ++i)
        text += std::string(line_of(key_of(static_cast<std::uint8_t>(i), at(0s))).view());
    EXPECT_EQ(wrong_with(text), "keys:66: there are 65 keys; at most 64 are read");
}

TEST(parse_keys, never_shows_what_stands_in_the_file) {
    // Somebody put the words in the wrong order.
    const auto wrong = wrong_with(sevens + " 2026-11-24T12:00:00Z 0000002a\nindex x" + sevens);
    EXPECT_NE(wrong, "");
    EXPECT_EQ(wrong.find("BwcH"), std::string::npos);
}

TEST(parse_time, takes_back_what_text_of_writes) {
    EXPECT_EQ(text_of(at(3661s)), "2026-11-24T13:01:01Z");
    EXPECT_EQ(parse_time("2026-11-24T13:01:01Z"), at(3661s));
    EXPECT_EQ(parse_time("2028-02-29T00:00:00Z").has_value(), true);
}

TEST(parse_time, refuses_what_is_no_time) {
    for (const auto* const text :
         {"", "2026-11-24", "2026-11-24 12:00:00Z", "2026-11-24T12:00:00", "2026-11-24T12:00:00+01",
          "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-24T24:00:00Z",
          "2026-11-24T00:60:00Z", "2026-11-24T00:00:60Z", "2026-1a-24T00:00:00Z",
          "-026-11-24T00:00:00Z"}) {
        EXPECT_EQ(parse_time(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace hawser::crypto
