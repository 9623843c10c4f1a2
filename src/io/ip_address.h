// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace hawser::io {

/// An IPv4 or IPv6 address without a port, 16 bytes, so that a connection can afford to keep one.
///
/// IPv4 is kept in its IPv6-mapped form: a client is the same one whether it came in by an IPv4
/// socket or by a dual-stack one. All zero is "none": what a unix socket's peer has.
class ip_address {
  public:
    /// Enough for any address as text, without a terminating zero.
    static constexpr std::size_t text_max = 45;

    constexpr ip_address() = default;
    explicit constexpr ip_address(const std::array<std::uint8_t, 16>& bytes) : bytes_(bytes) {}

    /// The address of an AF_INET or AF_INET6 socket address; none for any other family.
    [[nodiscard]] static ip_address of(const sockaddr& from) noexcept;

    /// Reads `10.0.0.1` or `2001:db8::1` (no brackets, no zone).
    [[nodiscard]] static std::optional<ip_address> parse(std::string_view text) noexcept;

    /// Writes the address as text to `into` (room for `text_max`) and returns the length; an
    /// IPv4 address is written as IPv4. Nothing is written for none.
    std::size_t write(char* into) const noexcept;
    [[nodiscard]] std::string text() const;

    [[nodiscard]] bool is_none() const noexcept { return *this == ip_address(); }
    [[nodiscard]] bool is_v4() const noexcept;
    [[nodiscard]] bool is_loopback() const noexcept;

    /// Network order, IPv4 mapped: what is hashed when an address is a session key.
    [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }

    friend constexpr auto operator<=>(const ip_address&, const ip_address&) = default;

  private:
    std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace hawser::io
