// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "clients/network_table.h"
#include "http/field.h"

namespace hawser::clients {

inline io::ip_address ip(std::string_view text) { return io::ip_address::parse(text).value(); }

/// The proxies in front.
inline const network_set& trusted() {
    static const network_set set(std::array{network::parse("10.0.0.0/8").value(),
                                            network::parse("2001:db8:f::/48").value()});
    return set;
}

/// A head that has a line for each of `values`, among others.
inline std::vector<http::field> lines_of(http::field_id id,
                                         const std::vector<std::string_view>& values) {
    std::vector<http::field> lines;
    for (const auto value : values) {
        lines.push_back({.name = "X", .value = value, .line = {}, .id = id});
        lines.push_back({.name = "Accept", .value = "203.0.113.1", .line = {}, .id = {}});
    }
    return lines;
}

}  // namespace hawser::clients
