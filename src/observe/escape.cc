// SPDX-License-Identifier: Apache-2.0
#include "observe/escape.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

namespace hawser::observe {

namespace {

constexpr std::string_view hex_upper = "0123456789ABCDEF";
constexpr std::string_view hex_lower = "0123456789abcdef";

using byte_table = std::array<bool, 256>;

/// Which bytes stand for themselves: printable ASCII without `excluded`.
consteval byte_table printable_without(std::string_view excluded) {
    byte_table plain{};
    for (std::size_t byte = 0x20; byte < 0x7f; ++byte) plain[byte] = true;
    for (const char byte : excluded) plain[static_cast<unsigned char>(byte)] = false;
    return plain;
}

constexpr byte_table plain_in_json = printable_without("\"\\");
constexpr std::array<byte_table, 3> plain_in = {printable_without("\"\\"),
                                                printable_without("\"\\ "), printable_without("")};

std::size_t plain_run(const byte_table& plain, std::string_view bytes, std::size_t from) {
    std::size_t end = from;
    while (end < bytes.size() && plain[static_cast<unsigned char>(bytes[end])]) ++end;
    return end;
}

void append_unit(std::string& line, std::uint32_t unit) {
    line += "\\u";
    for (const unsigned shift : {12U, 8U, 4U, 0U}) line += hex_lower[unit >> shift & 0xf];
}

void append_code_point(std::string& line, std::uint32_t code) {
    if (code < 0x10000) return append_unit(line, code);
    append_unit(line, 0xd800 + ((code - 0x10000) >> 10));
    append_unit(line, 0xdc00 + ((code - 0x10000) & 0x3ff));
}

struct decoded {
    std::uint32_t code;
    std::size_t size;
};

constexpr std::uint32_t not_utf8 = 0xfffd;

/// The code point at the start of `bytes`, by RFC 3629: no overlong form, no surrogate, nothing
/// above U+10FFFF. Of what is none, one byte is taken.
decoded decode_utf8(std::string_view bytes) {
    const auto at = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
    const std::uint32_t first = at(0);
    std::size_t size = 0;
    std::uint32_t code = 0;
    std::uint32_t least = 0;
    if (first >= 0xc2 && first <= 0xdf) size = 2, code = first & 0x1f, least = 0x80;
    if (first >= 0xe0 && first <= 0xef) size = 3, code = first & 0x0f, least = 0x800;
    if (first >= 0xf0 && first <= 0xf4) size = 4, code = first & 0x07, least = 0x10000;
    if (size == 0 || bytes.size() < size) return {not_utf8, 1};
    for (std::size_t index = 1; index < size; ++index) {
        if ((at(index) & 0xc0) != 0x80) return {not_utf8, 1};
        code = code << 6 | (at(index) & 0x3fU);
    }
    const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
    if (code < least || code > 0x10ffff || is_surrogate) return {not_utf8, 1};
    return {code, size};
}

}  // namespace

void append_json(std::string& line, std::string_view bytes) {
    std::size_t index = 0;
    while (true) {
        const std::size_t end = plain_run(plain_in_json, bytes, index);
        line.append(bytes, index, end - index);
        if (end == bytes.size()) return;
        index = end + 1;
        const char byte = bytes[end];
        switch (byte) {
            case '"': line += "\\\""; break;
            case '\\': line += "\\\\"; break;
            case '\n': line += "\\n"; break;
            case '\r': line += "\\r"; break;
            case '\t': line += "\\t"; break;
            default:
                if (static_cast<unsigned char>(byte) < 0x80) {
                    append_unit(line, static_cast<unsigned char>(byte));
                } else {
                    const auto [code, size] = decode_utf8(bytes.substr(end));
                    append_code_point(line, code);
                    index = end + size;
                }
        }
    }
}

void append_escaped(std::string& line, std::string_view bytes, place where) {
    if (bytes.empty() && where == place::word) line += '-';
    const byte_table& plain = plain_in[std::to_underlying(where)];
    std::size_t index = 0;
    while (index < bytes.size()) {
        const std::size_t end = plain_run(plain, bytes, index);
        line.append(bytes, index, end - index);
        if (end == bytes.size()) return;
        const auto byte = static_cast<unsigned char>(bytes[end]);
        line += "\\x";
        line += hex_upper[byte >> 4];
        line += hex_upper[byte & 0xf];
        index = end + 1;
    }
}

void append_number(std::string& line, std::uint64_t number) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    line.append(digits.data(), end);
}

void append_hex(std::string& line, std::uint64_t number) {
    for (unsigned shift = 64; shift != 0; shift -= 4)
        line += hex_lower[number >> (shift - 4) & 0xf];
}

}  // namespace hawser::observe
