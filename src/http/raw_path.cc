// SPDX-License-Identifier: Apache-2.0
#include "http/raw_path.h"

#include <algorithm>
#include <array>

namespace hawser::http {
namespace {

constexpr auto table_of(std::string_view more) {
    std::array<bool, 256> table{};
    for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
    for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = true;
    for (const char c : std::string_view("-._~!$&'()*+,;=:@/"))
        table[static_cast<unsigned char>(c)] = true;
    for (const char c : more) table[static_cast<unsigned char>(c)] = true;
    return table;
}

constexpr auto path_bytes = table_of("");
constexpr auto uri_bytes = table_of("?%[]");

void append_escaped(char byte, std::string& into) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto value = static_cast<unsigned char>(byte);
    into += '%';
    into += digits[value >> 4];
    into += digits[value & 15];
}

bool is_escaped_slash(std::string_view text) {
    return text.size() >= 3 && text[0] == '%' && text[1] == '2' && (text[2] | 0x20) == 'f';
}

/// How many dots a segment is, each perhaps as `%2e`; 0 if it is more than dots.
unsigned dots_in(std::string_view segment) {
    unsigned dots = 0;
    while (!segment.empty()) {
        const std::size_t size =
            segment[0] == '.'                                                                ? 1
            : segment.size() >= 3 && segment.starts_with("%2") && (segment[2] | 0x20) == 'e' ? 3
                                                                                             : 0;
        if (size == 0) return 0;
        segment.remove_prefix(size);
        ++dots;
    }
    return dots;
}

}  // namespace

std::string_view path_below(std::string_view path, std::size_t depth) noexcept {
    std::size_t cut = 0;
    std::size_t now = 0;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at + 1), path.size());
        const auto segment = path.substr(at + 1, end - at - 1);
        const unsigned dots = dots_in(segment);
        at = end;
        if (segment.empty() || dots == 1) continue;
        if (dots == 2) {
            if (now > 0) --now;
            continue;
        }
        // The last time that the path goes down to this depth is where the rest begins.
        if (++now == depth) cut = end;
    }
    return path.substr(cut);
}

void append_escaped_path(std::string_view normal, std::string& into) {
    for (std::size_t at = 0; at < normal.size(); ++at) {
        const char byte = normal[at];
        // The normal form keeps `%2F`, which is no separator.
        if (path_bytes[static_cast<unsigned char>(byte)] || is_escaped_slash(normal.substr(at)))
            into += byte;
        else
            append_escaped(byte, into);
    }
}

bool has_ambiguous_slash(std::string_view path) noexcept {
    for (std::size_t at = path.find("%252"); at != path.npos; at = path.find("%252", at + 1))
        if (at + 4 < path.size() && (path[at + 4] | 0x20) == 'f') return true;
    return false;
}

void append_as_sent(std::string_view raw, std::string& into) {
    for (const char byte : raw) {
        if (uri_bytes[static_cast<unsigned char>(byte)])
            into += byte;
        else
            append_escaped(byte, into);
    }
}

}  // namespace hawser::http
