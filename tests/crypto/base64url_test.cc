// SPDX-License-Identifier: Apache-2.0
#include "crypto/base64url.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hawser::crypto {
namespace {

std::optional<std::string> decoded(std::string_view text, std::size_t room = 64) {
    std::vector<std::uint8_t> out(room);
    const auto size = decode_base64url(text, out);
    if (!size) return std::nullopt;
    return std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*size));
}

std::string encoded(std::string_view text) {
    std::string out;
    append_base64url(std::vector<std::uint8_t>(text.begin(), text.end()), out);
    return out;
}

TEST(base64url, knows_the_examples_of_rfc_4648_without_their_padding) {
    EXPECT_EQ(encoded(""), "");
    EXPECT_EQ(encoded("f"), "Zg");
    EXPECT_EQ(encoded("fo"), "Zm8");
    EXPECT_EQ(encoded("foo"), "Zm9v");
    EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
    EXPECT_EQ(decoded("Zm9vYmE"), "fooba");
    EXPECT_EQ(decoded(""), "");
}

TEST(base64url, appends_to_what_is_there) {
    std::string out = "value=";
    append_base64url(std::array<std::uint8_t, 3>{0xfb, 0xff, 0xfe}, out);
    EXPECT_EQ(out, "value=-__-");
}

TEST(base64url, refuses_another_alphabet) {
    EXPECT_EQ(decoded("-__-"), "\xfb\xff\xfe");
    EXPECT_EQ(decoded("+//+"), std::nullopt);
    EXPECT_EQ(decoded("Zm9v!"), std::nullopt);
    EXPECT_EQ(decoded(std::string_view("Zm\0v", 4)), std::nullopt);
    EXPECT_EQ(decoded("Zm\xc3\xa9"), std::nullopt);
}

TEST(base64url, refuses_every_byte_that_is_no_letter) {
    int letters = 0;
    for (int byte = 0; byte < 256; ++byte) {
        for (const std::size_t place : {0u, 1u, 2u, 3u, 4u, 5u}) {
            std::string text = "AAAAAA";
            text[place] = static_cast<char>(byte);
            if (place < 5 && decoded(text)) ++letters;
        }
    }
    EXPECT_EQ(letters, 64 * 5);
}

TEST(base64url, refuses_padding_blanks_and_line_ends) {
    EXPECT_EQ(decoded("Zg=="), std::nullopt);
    EXPECT_EQ(decoded("Zm8="), std::nullopt);
    EXPECT_EQ(decoded(" Zm9v"), std::nullopt);
    EXPECT_EQ(decoded("Zm9v "), std::nullopt);
    EXPECT_EQ(decoded("Zm\n9v"), std::nullopt);
}

TEST(base64url, refuses_bits_left_over) {
    EXPECT_EQ(decoded("Zg"), "f");
    EXPECT_EQ(decoded("Zh"), std::nullopt);
    EXPECT_EQ(decoded("Zm9"), std::nullopt);
    EXPECT_EQ(decoded("Z"), std::nullopt);
    EXPECT_EQ(decoded("Zm9vZ"), std::nullopt);
}

TEST(base64url, refuses_what_does_not_fit) {
    EXPECT_EQ(decoded("Zm9v", 3), "foo");
    EXPECT_EQ(decoded("Zm9v", 2), std::nullopt);
}

TEST(base64url, returns_every_byte_at_every_length) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        bytes += static_cast<char>(i * 167);
        EXPECT_EQ(decoded(encoded(bytes), 256), bytes) << i;
    }
}

}  // namespace
}  // namespace hawser::crypto
