// SPDX-License-Identifier: Apache-2.0
#include "io/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace hawser::io {

namespace {

constexpr std::array<std::uint8_t, 12> v4_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

ip_address mapped(const in_addr& address) noexcept {
    std::array<std::uint8_t, 16> bytes{};
    std::ranges::copy(v4_prefix, bytes.begin());
    std::memcpy(bytes.data() + v4_prefix.size(), &address, sizeof address);
    return ip_address(bytes);
}

}  // namespace

ip_address ip_address::of(const sockaddr& from) noexcept {
    if (from.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &from, sizeof v4);
        return mapped(v4.sin_addr);
    }
    if (from.sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &from, sizeof v6);
        std::array<std::uint8_t, 16> bytes{};
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return ip_address(bytes);
    }
    return {};
}

std::optional<ip_address> ip_address::parse(std::string_view text) noexcept {
    std::array<char, text_max + 1> terminated{};
    if (text.empty() || text.size() > text_max || text.contains('\0')) return std::nullopt;
    std::ranges::copy(text, terminated.begin());

    in_addr v4{};
    if (inet_pton(AF_INET, terminated.data(), &v4) == 1) return mapped(v4);
    std::array<std::uint8_t, 16> v6{};
    if (inet_pton(AF_INET6, terminated.data(), v6.data()) == 1) return ip_address(v6);
    return std::nullopt;
}

std::size_t ip_address::write(char* into) const noexcept {
    if (is_none()) return 0;
    if (is_v4()) {
        // By hand: this runs once per forwarded request, for X-Forwarded-For.
        char* end = into;
        for (std::size_t at = v4_prefix.size(); at < bytes_.size(); ++at) {
            if (at != v4_prefix.size()) *end++ = '.';
            end = std::to_chars(end, into + text_max, bytes_[at]).ptr;
        }
        return static_cast<std::size_t>(end - into);
    }
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    inet_ntop(AF_INET6, bytes_.data(), terminated.data(), terminated.size());
    const std::size_t length = std::strlen(terminated.data());
    std::memcpy(into, terminated.data(), length);
    return length;
}

std::string ip_address::text() const {
    std::array<char, text_max> room{};
    return {room.data(), write(room.data())};
}

bool ip_address::is_v4() const noexcept {
    return std::equal(v4_prefix.begin(), v4_prefix.end(), bytes_.begin());
}

bool ip_address::is_loopback() const noexcept {
    if (is_v4()) return bytes_[v4_prefix.size()] == 127;
    std::array<std::uint8_t, 16> one{};
    one.back() = 1;
    return bytes_ == one;
}

}  // namespace hawser::io
