// SPDX-License-Identifier: Apache-2.0
#include "clients/network.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace hawser::clients {

namespace {

using address_bytes = std::array<std::uint8_t, 16>;

constexpr unsigned v4_offset = 96;
constexpr std::string_view unix_peer = "unix:";
constexpr unsigned counted_bits = 64;

/// `bytes` with everything behind the first `bits` set to `fill`.
io::ip_address filled(address_bytes bytes, unsigned bits, std::uint8_t fill) {
    const std::size_t whole = bits / 8;
    if (whole == bytes.size()) return io::ip_address(bytes);
    const auto kept = std::uint8_t(0xff00U >> (bits % 8));
    bytes[whole] = std::uint8_t((bytes[whole] & kept) | (fill & ~kept));
    std::fill(bytes.begin() + std::ptrdiff_t(whole) + 1, bytes.end(), fill);
    return io::ip_address(bytes);
}

}  // namespace

std::optional<network> network::parse(std::string_view text) noexcept {
    if (text == unix_peer) return network{};
    const auto slash = std::min(text.find('/'), text.size());
    const auto address = io::ip_address::parse(text.substr(0, slash));
    if (!address) return std::nullopt;
    const unsigned width = address->is_v4() ? 128 - v4_offset : 128;
    unsigned bits = width;
    if (slash < text.size()) {
        const char* const end = text.data() + text.size();
        const auto [stop, wrong] = std::from_chars(text.data() + slash + 1, end, bits);
        if (wrong != std::errc() || stop != end || bits > width) return std::nullopt;
    }
    return network{*address, bits + 128 - width};
}

std::string network::text() const {
    if (*this == network{}) return std::string(unix_peer);
    const bool as_v4 = address.is_v4() && bits >= v4_offset;
    const std::string written = address.is_none() ? "::" : address.text();
    return written + "/" + std::to_string(as_v4 ? bits - v4_offset : bits);
}

bool network::contains(const io::ip_address& one) const noexcept {
    const auto& a = address.bytes();
    const auto& b = one.bytes();
    const std::size_t whole = bits / 8;
    if (!std::equal(a.begin(), a.begin() + std::ptrdiff_t(whole), b.begin())) return false;
    const unsigned rest = bits % 8;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

io::ip_address network::first() const noexcept { return filled(address.bytes(), bits, 0); }

io::ip_address network::last() const noexcept { return filled(address.bytes(), bits, 0xff); }

network network::of(const io::ip_address& address, unsigned ipv4_bits,
                    unsigned ipv6_bits) noexcept {
    return {.address = address, .bits = address.is_v4() ? v4_offset + ipv4_bits : ipv6_bits};
}

io::ip_address counted_as(const io::ip_address& client) noexcept {
    return client.is_v4() ? client : filled(client.bytes(), counted_bits, 0);
}

}  // namespace hawser::clients
