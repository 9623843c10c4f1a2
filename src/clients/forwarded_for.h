// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "clients/network_table.h"
#include "http/field.h"
#include "io/ip_address.h"

namespace hawser::clients {

/// The client of a request by its X-Forwarded-For, all lines of it as one list (E132): from `peer`
/// to the left as long as who speaks is a trusted proxy. So it is the rightmost address that is
/// not trusted, else the leftmost one; a word that is no address ends the walk before it.
[[nodiscard]] io::ip_address client_by_forwarded_for(const io::ip_address& peer,
                                                     std::span<const http::field> fields,
                                                     const network_set& trusted) noexcept;

/// The address of `10.0.0.1`, `10.0.0.1:80`, `2001:db8::1` or `[2001:db8::1]:80`.
[[nodiscard]] std::optional<io::ip_address> address_of_node(std::string_view text) noexcept;

}  // namespace hawser::clients
