// SPDX-License-Identifier: Apache-2.0
#include "io/endpoint.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstddef>
#include <cstring>

namespace hawser::io {

namespace {

constexpr std::string_view unix_prefix = "unix:";

constexpr std::uint16_t network_order(std::uint16_t host_order) noexcept {
    return std::endian::native == std::endian::little ? std::byteswap(host_order) : host_order;
}

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

}  // namespace

result<host_and_port> split_host_and_port(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || text.ends_with(']'))
        return fail(errc::invalid, quoted(text) + " has no port");

    host_and_port parts{.host = text.substr(0, colon)};
    const std::string_view digits = text.substr(colon + 1);
    const auto [end, why] =
        std::from_chars(digits.data(), digits.data() + digits.size(), parts.port);
    if (why != std::errc() || end != digits.data() + digits.size() || parts.port == 0)
        return fail(errc::invalid, quoted(text) + " has no port between 1 and 65535");

    if (parts.host.starts_with('[') && parts.host.ends_with(']')) {
        parts.host = parts.host.substr(1, parts.host.size() - 2);
        parts.is_bracketed = true;
    }
    if (!parts.is_bracketed && parts.host.contains(':'))
        return fail(errc::invalid, quoted(text) + ": an IPv6 address stands in brackets");
    return parts;
}

endpoint::endpoint(const ip_address& address, std::uint16_t port) noexcept {
    const auto& bytes = address.bytes();
    if (address.is_v4()) {
        address_.v4 = {};
        address_.v4.sin_family = AF_INET;
        address_.v4.sin_port = network_order(port);
        std::memcpy(&address_.v4.sin_addr, bytes.data() + 12, 4);
        size_ = sizeof address_.v4;
    } else {
        address_.v6 = {};
        address_.v6.sin6_family = AF_INET6;
        address_.v6.sin6_port = network_order(port);
        std::memcpy(&address_.v6.sin6_addr, bytes.data(), bytes.size());
        size_ = sizeof address_.v6;
    }
}

result<endpoint> endpoint::parse(std::string_view text) {
    if (text.starts_with(unix_prefix)) return unix_socket(text.substr(unix_prefix.size()));
    const auto parts = split_host_and_port(text);
    if (!parts) return std::unexpected(parts.error());

    const auto ip = ip_address::parse(parts->host);
    if (!ip || (parts->is_bracketed && ip->is_v4() && !parts->host.contains(':')))
        return fail(errc::invalid, quoted(text) + " is not an IP address and a port");
    return endpoint(*ip, parts->port);
}

result<endpoint> endpoint::parse_listening(std::string_view text) {
    if (!text.starts_with(':')) return parse(text);
    const auto parts = split_host_and_port(text);
    if (!parts) return std::unexpected(parts.error());
    if (!parts->host.empty()) return fail(errc::invalid, quoted(text) + " is not an address");
    return endpoint(ip_address(), parts->port);
}

result<endpoint> endpoint::unix_socket(std::string_view path) {
    endpoint made;
    if (path.empty()) return fail(errc::invalid, "\"unix:\" needs a path");
    if (path.contains('\0')) return fail(errc::invalid, "a socket's path holds a NUL");
    if (path.size() >= sizeof made.address_.local.sun_path)
        return fail(errc::invalid, quoted(path) + " is longer than a socket's path may be (" +
                                       std::to_string(sizeof made.address_.local.sun_path - 1) +
                                       " bytes)");
    made.address_.local = {};
    made.address_.local.sun_family = AF_UNIX;
    std::ranges::copy(path, made.address_.local.sun_path);
    made.size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    return made;
}

endpoint endpoint::of(const sockaddr* from, socklen_t size) noexcept {
    endpoint made;
    if (size < sizeof(sa_family_t) || size > sizeof(sockaddr_un)) return made;
    const bool is_known = (from->sa_family == AF_INET && size >= sizeof(sockaddr_in)) ||
                          (from->sa_family == AF_INET6 && size >= sizeof(sockaddr_in6)) ||
                          from->sa_family == AF_UNIX;
    if (!is_known) return made;
    std::memcpy(&made.address_, from, size);
    made.size_ = size;
    return made;
}

endpoint::kind endpoint::family() const noexcept {
    switch (domain()) {
        case AF_INET: return kind::v4;
        case AF_INET6: return kind::v6;
        case AF_UNIX: return kind::unix_path;
        default: return kind::none;
    }
}

std::uint16_t endpoint::port() const noexcept {
    switch (family()) {
        case kind::v4: return network_order(address_.v4.sin_port);
        case kind::v6: return network_order(address_.v6.sin6_port);
        default: return 0;
    }
}

std::string_view endpoint::path() const noexcept {
    constexpr std::size_t head = offsetof(sockaddr_un, sun_path);
    if (family() != kind::unix_path || size_ <= head) return {};
    const std::string_view room(address_.local.sun_path, size_ - head);
    return room.substr(0, room.find('\0'));
}

std::string endpoint::text() const {
    switch (family()) {
        case kind::none: return "none";
        case kind::unix_path: return std::string(unix_prefix) + std::string(path());
        default: break;
    }
    const std::string port_text = ":" + std::to_string(port());
    const ip_address address = ip();
    if (address.is_none()) return "[::]" + port_text;
    if (address.is_v4()) return address.text() + port_text;
    return "[" + address.text() + "]" + port_text;
}

bool operator==(const endpoint& a, const endpoint& b) noexcept {
    return a.family() == b.family() && a.port() == b.port() && a.ip() == b.ip() &&
           a.path() == b.path();
}

}  // namespace hawser::io
