// SPDX-License-Identifier: Apache-2.0
#include "http/uri.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "http/field.h"
#include "http/scan.h"

namespace hawser::http {
namespace {

/// Bytes of a reg-name (RFC 3986 3.2.2) but `%`, and but the comma, which would let one Host be
/// read as two (E42).
constexpr auto host_bytes = [] {
    std::array<bool, 256> table{};
    for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
    for (unsigned c = 'a'; c <= 'z'; ++c) table[c] = table[c - 32] = true;
    for (const char c : std::string_view("-._~!$&'()*+;="))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

int hex_value(char byte) noexcept {
    if (byte >= '0' && byte <= '9') return byte - '0';
    const char low = static_cast<char>(byte | 0x20);
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/// The byte that `%XX` at the front of `text` stands for, or -1.
int escaped_byte(std::string_view text) noexcept {
    if (text.size() < 3 || text[0] != '%') return -1;
    const int high = hex_value(text[1]);
    const int low = hex_value(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// RFC 3986 3.2.2 has escapes in names for what is not ASCII; one that hides a delimiter or a
/// control would be read in two ways.
bool is_harmless_escape(int byte) noexcept {
    return byte >= 0x80 || (byte >= 0 && host_bytes[static_cast<unsigned char>(byte)]);
}

bool is_ipv6_literal(std::string_view inside) noexcept {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (inside.size() >= text.size() || inside.contains('\0')) return false;
    std::ranges::copy(inside, text.begin());
    in6_addr address;
    return inet_pton(AF_INET6, text.data(), &address) == 1;
}

/// How many bytes at the front of `text` are a host; 0 if none.
std::size_t host_length(std::string_view text) noexcept {
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos || !is_ipv6_literal(text.substr(1, end - 1))) return 0;
        return end + 1;
    }
    std::size_t at = 0;
    while (at < text.size()) {
        if (host_bytes[static_cast<unsigned char>(text[at])])
            ++at;
        else if (is_harmless_escape(escaped_byte(text.substr(at))))
            at += 3;
        else
            break;
    }
    return at;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) noexcept {
    if (digits.empty() || digits.size() > 5) return std::nullopt;
    unsigned port = 0;
    for (const char c : digits) {
        if (!scan::is_digit(c)) return std::nullopt;
        port = port * 10 + static_cast<unsigned>(c - '0');
    }
    if (port > 65535) return std::nullopt;
    return static_cast<std::uint16_t>(port);
}

std::string_view without_trailing_dot(std::string_view host) noexcept {
    if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
    return host;
}

/// Whether routes would see another path than was sent.
bool needs_change(std::string_view path) noexcept {
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '%') return true;
        if (path[i] == '/' && i + 1 < path.size() && (path[i + 1] == '/' || path[i + 1] == '.'))
            return true;
    }
    return false;
}

/// Decodes `%XX` once but for `%2F` and malformed escapes, and merges slashes. Returns the size
/// written, or nothing at `%00`.
std::optional<std::size_t> decode(std::string_view path, std::span<char> out) noexcept {
    std::size_t size = 0;
    for (std::size_t at = 0; at < path.size();) {
        const int escaped = escaped_byte(path.substr(at));
        if (escaped == 0) return std::nullopt;
        if (escaped == '/') {
            std::memcpy(out.data() + size, path.data() + at, 3);
            size += 3;
            at += 3;
            continue;
        }
        const char byte = escaped > 0 ? static_cast<char>(escaped) : path[at];
        at += escaped > 0 ? 3 : 1;
        if (byte == '/' && size > 0 && out[size - 1] == '/') continue;
        out[size++] = byte;
    }
    return size;
}

/// Resolves dot segments in place; nothing if one climbs above the root (RFC 3986 5.2.4 would
/// stay there in silence).
std::optional<std::size_t> resolve_dots(std::span<char> path) noexcept {
    std::size_t size = 0;
    std::size_t at = 0;
    while (at < path.size()) {
        // Invariant: path[0, size) is resolved and path[at] begins a segment with its slash.
        std::size_t end = at + 1;
        while (end < path.size() && path[end] != '/') ++end;
        const std::string_view segment(path.data() + at + 1, end - at - 1);
        const bool is_last = end == path.size();
        if (segment == "..") {
            if (size == 0) return std::nullopt;
            while (path[--size] != '/') {
            }
        } else if (segment != ".") {
            std::memmove(path.data() + size, path.data() + at, end - at);
            size += end - at;
        }
        if (is_last && (segment == "." || segment == "..")) path[size++] = '/';
        at = end;
    }
    return size;
}

}  // namespace

std::optional<authority> split_authority(std::string_view text) noexcept {
    const std::size_t length = host_length(text);
    if (length == 0) return std::nullopt;
    authority found{text.substr(0, length), std::nullopt};
    if (length == text.size()) return found;
    if (text[length] != ':') return std::nullopt;
    found.port = parse_port(text.substr(length + 1));
    if (!found.port) return std::nullopt;
    return found;
}

std::string_view fold_host(std::string_view host, std::span<char> out) noexcept {
    host = without_trailing_dot(host);
    std::ranges::transform(host, out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return {out.data(), host.size()};
}

bool same_authority(std::string_view a, std::string_view b, std::uint16_t default_port) noexcept {
    const auto one = split_authority(a);
    const auto other = split_authority(b);
    return one && other && one->port.value_or(default_port) == other->port.value_or(default_port) &&
           equal_ignoring_case(without_trailing_dot(one->host), without_trailing_dot(other->host));
}

std::optional<std::string_view> normal_path(std::string_view path, std::span<char> out) noexcept {
    if (!path.starts_with('/') || !needs_change(path)) return path;
    const auto decoded = decode(path, out);
    if (!decoded) return std::nullopt;
    const auto resolved = resolve_dots(out.first(*decoded));
    if (!resolved) return std::nullopt;
    return std::string_view(out.data(), *resolved);
}

std::string_view percent_decoded(std::string_view value, std::span<char> out) noexcept {
    if (!value.contains('%')) return value;
    std::size_t size = 0;
    while (!value.empty()) {
        const int byte = escaped_byte(value);
        out[size++] = byte < 0 ? value.front() : static_cast<char>(byte);
        value.remove_prefix(byte < 0 ? 1 : 3);
    }
    return {out.data(), size};
}

std::optional<std::string_view> take_parameter(std::string_view name, char separator,
                                               std::string_view& rest) noexcept {
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find(separator));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const auto mark = std::min(pair.find('='), pair.size());
        if (pair.substr(0, mark) == name) return pair.substr(std::min(mark + 1, pair.size()));
    }
    return std::nullopt;
}

std::string mask_parameter(std::string_view target, std::string_view name) {
    constexpr std::string_view before = "?&;";
    constexpr std::string_view behind = "&;/?#";
    std::string masked;
    while (!target.empty()) {
        const auto start = std::min(target.find_first_of(before), target.size() - 1) + 1;
        masked += target.substr(0, start);
        target.remove_prefix(start);
        const auto mark = target.substr(0, target.find_first_of(behind)).find('=');
        if (mark == target.npos || !equal_ignoring_case(target.substr(0, mark), name)) continue;
        masked.append(target.substr(0, mark + 1)).append("*");
        target.remove_prefix(std::min(target.find_first_of(behind, mark), target.size()));
    }
    return masked;
}

}  // namespace hawser::http
