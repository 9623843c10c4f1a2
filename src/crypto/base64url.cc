// SPDX-License-Identifier: Apache-2.0
#include "crypto/base64url.h"

#include <array>

namespace hawser::crypto {

// Not libsodium's codec: the decoder of 1.0.18 takes every byte above 0x7f for a letter, so many
// texts would pass for one token, and it hides in constant time what a client knows anyway.

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_letter = 0x80;

constexpr std::array<std::uint8_t, 256> values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_letter);
    for (std::uint8_t i = 0; i < 64; ++i) table[static_cast<std::uint8_t>(alphabet[i])] = i;
    return table;
}();

constexpr std::uint8_t value_of(char letter) { return values[static_cast<std::uint8_t>(letter)]; }

}  // namespace

void append_base64url(std::span<const std::uint8_t> bytes, std::string& out) {
    const auto before = out.size();
    out.resize(before + (bytes.size() * 4 + 2) / 3);
    char* to = out.data() + before;
    for (; bytes.size() >= 3; bytes = bytes.subspan(3)) {
        const unsigned group = unsigned{bytes[0]} << 16 | unsigned{bytes[1]} << 8 | bytes[2];
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        *to++ = alphabet[group >> 6 & 63];
        *to++ = alphabet[group & 63];
    }
    if (bytes.empty()) return;
    const unsigned rest = unsigned{bytes[0]} << 8 | (bytes.size() == 2 ? bytes[1] : 0u);
    *to++ = alphabet[rest >> 10];
    *to++ = alphabet[rest >> 4 & 63];
    if (bytes.size() == 2) *to = alphabet[rest << 2 & 63];
}

std::optional<std::size_t> decode_base64url(std::string_view text, std::span<std::uint8_t> out) {
    const std::size_t size = text.size() * 3 / 4;
    if (text.size() % 4 == 1 || size > out.size()) return std::nullopt;
    std::uint8_t* to = out.data();
    std::uint8_t seen = 0;  // all values at once: any that is no letter shows in the end
    for (; text.size() >= 4; text.remove_prefix(4)) {
        const std::array<std::uint8_t, 4> four{value_of(text[0]), value_of(text[1]),
                                               value_of(text[2]), value_of(text[3])};
        seen |= four[0] | four[1] | four[2] | four[3];
        const unsigned group = unsigned{four[0]} << 18 | unsigned{four[1]} << 12 |
                               unsigned{four[2]} << 6 | unsigned{four[3]};
        *to++ = static_cast<std::uint8_t>(group >> 16);
        *to++ = static_cast<std::uint8_t>(group >> 8);
        *to++ = static_cast<std::uint8_t>(group);
    }
    if (!text.empty()) {
        const auto first = value_of(text[0]);
        const auto second = value_of(text[1]);
        const auto third = text.size() == 3 ? value_of(text[2]) : std::uint8_t{0};
        seen |= first | second | third;
        *to++ = static_cast<std::uint8_t>(first << 2 | second >> 4);
        if (text.size() == 3) *to = static_cast<std::uint8_t>(second << 4 | third >> 2);
        const int left_over = text.size() == 3 ? third & 3 : second & 15;
        if (left_over != 0) return std::nullopt;
    }
    if ((seen & no_letter) != 0) return std::nullopt;
    return size;
}

}  // namespace hawser::crypto
