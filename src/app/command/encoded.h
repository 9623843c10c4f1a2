// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace hawser::app {

/// A text as a part of a query: unreserved characters stay (RFC 3986 2.3).
[[nodiscard]] inline std::string encoded(std::string_view text) {
    std::string made;
    for (const char each : text) {
        const bool is_plain = (each >= '0' && each <= '9') || (each >= 'A' && each <= 'Z') ||
                              (each >= 'a' && each <= 'z') || each == '-' || each == '.' ||
                              each == '_' || each == '~';
        made += is_plain ? std::string(1, each)
                         : fmt::format("%{:02X}", static_cast<unsigned char>(each));
    }
    return made;
}

}  // namespace hawser::app
