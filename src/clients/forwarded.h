// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "clients/network_table.h"
#include "http/field.h"
#include "io/ip_address.h"

namespace hawser::clients {

/// The value of a Forwarded field obeys RFC 7239 4: elements of `name=value` pairs, a name at most
/// once in each; `for` and `by` name nodes, `proto` a scheme.
[[nodiscard]] bool is_valid_forwarded(std::string_view value) noexcept;

/// As `client_by_forwarded_for`, by the `for` of each element of Forwarded, all lines as one
/// list. A list with an invalid line says nothing: the client is `peer`. An element without `for`,
/// or with a node that is no address, ends the walk.
[[nodiscard]] io::ip_address client_by_forwarded(const io::ip_address& peer,
                                                 std::span<const http::field> fields,
                                                 const network_set& trusted) noexcept;

/// What one element of ours says.
struct forwarded_element {
    std::string_view client;  ///< its address as text; empty: `unknown`
    std::string_view host;    ///< of the request; left out when empty
    std::string_view proto;   ///< `http` or `https`
};

/// Bytes that `write_forwarded` writes at most.
[[nodiscard]] std::size_t forwarded_size_max(const forwarded_element& what) noexcept;

/// Writes `for=192.0.2.1;host=shop.example;proto=https` to `out`, each value quoted where it is no
/// token, IPv6 in brackets (E134).
[[nodiscard]] std::string_view write_forwarded(const forwarded_element& what,
                                               std::span<char> out) noexcept;

}  // namespace hawser::clients
