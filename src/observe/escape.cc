// SPDX-License-Identifier: Apache-2.0
#include "observe/escape.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <utility>

namespace hawser::observe {

namespace {

constexpr std::string_view hex_upper = "0123456789ABCDEF";
constexpr std::string_view hex_lower = "0123456789abcdef";

constexpr std::uint64_t in_each_byte(std::uint64_t byte) { return byte * 0x0101010101010101; }

/// Which bytes stand for themselves: printable ASCII from `first` on, without two others.
class plain_bytes {
  public:
    consteval plain_bytes(char first, char excluded, char also_excluded)
        : first_(in_each_byte(static_cast<unsigned char>(first))),
          excluded_{in_each_byte(static_cast<unsigned char>(excluded)),
                    in_each_byte(static_cast<unsigned char>(also_excluded)), in_each_byte(0x7f)} {
        for (std::size_t byte = static_cast<unsigned char>(first); byte < 0x7f; ++byte)
            is_plain_[byte] = true;
        is_plain_[static_cast<unsigned char>(excluded)] = false;
        is_plain_[static_cast<unsigned char>(also_excluded)] = false;
    }

    /// Where the run of plain bytes that begins at `from` ends.
    [[nodiscard]] std::size_t run(std::string_view bytes, std::size_t from) const {
        std::size_t end = from;
        while (end + 8 <= bytes.size() && are_eight_plain(bytes.data() + end)) end += 8;
        while (end < bytes.size() && is_plain_[static_cast<unsigned char>(bytes[end])]) ++end;
        return end;
    }

  private:
    /// Eight bytes at once: a borrow out of a byte's highest bit shows that it was too small.
    [[nodiscard]] bool are_eight_plain(const char* at) const {
        std::uint64_t eight = 0;
        std::memcpy(&eight, at, sizeof eight);
        std::uint64_t found = eight | ((eight - first_) & ~eight);
        for (const std::uint64_t excluded : excluded_) {
            const std::uint64_t zero_where_equal = eight ^ excluded;
            found |= (zero_where_equal - in_each_byte(1)) & ~zero_where_equal;
        }
        return (found & in_each_byte(0x80)) == 0;
    }

    std::uint64_t first_;
    std::array<std::uint64_t, 3> excluded_;
    std::array<bool, 256> is_plain_{};
};

constexpr plain_bytes plain_in_json(' ', '"', '\\');
constexpr std::array<plain_bytes, 3> plain_in = {plain_in_json, plain_bytes('!', '"', '\\'),
                                                 plain_bytes(' ', '\x7f', '\x7f')};

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
        const std::size_t end = plain_in_json.run(bytes, index);
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
    const plain_bytes& plain = plain_in[std::to_underlying(where)];
    std::size_t index = 0;
    while (index < bytes.size()) {
        const std::size_t end = plain.run(bytes, index);
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
