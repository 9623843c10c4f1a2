// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "io/ip_address.h"

namespace hawser::clients {

/// Addresses that begin with the same bits: `10.0.0.0/8`, `2001:db8::/32`, one address.
///
/// A network of IPv4 is one of the mapped addresses, so one client is the same by either socket.
/// `unix:` is the peer of a unix socket, which has no address.
struct network {
    io::ip_address address;
    unsigned bits = 128;  ///< of the IPv6 form

    /// Reads `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.1`, `unix:`. What stands behind the counted
    /// bits has no meaning and need not be zero.
    [[nodiscard]] static std::optional<network> parse(std::string_view text) noexcept;
    /// The one that `address` is in, of so many bits by its own kind.
    [[nodiscard]] static network of(const io::ip_address& address, unsigned ipv4_bits,
                                    unsigned ipv6_bits) noexcept;
    /// As it is read, always with its length.
    [[nodiscard]] std::string text() const;

    [[nodiscard]] bool contains(const io::ip_address& one) const noexcept;
    /// The least and the greatest of its addresses.
    [[nodiscard]] io::ip_address first() const noexcept;
    [[nodiscard]] io::ip_address last() const noexcept;

    friend bool operator==(const network&, const network&) = default;
};

/// Whom limits take for one client: an IPv4 address, or an IPv6 /64, of which a client has as many
/// addresses as it likes (E135).
[[nodiscard]] io::ip_address counted_as(const io::ip_address& client) noexcept;

}  // namespace hawser::clients
