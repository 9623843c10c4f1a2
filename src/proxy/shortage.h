// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace hawser::proxy {

/// Why a pool's servers have no room for a request that they would serve otherwise.
enum class shortage : std::uint8_t {
    none,
    full,             ///< all have as much as they may
    home_full,        ///< its home has, and it goes to no other
    home_down,        ///< its home serves nobody now, and it goes to no other
    queue_full,       ///< so many wait already
    queue_timeout,    ///< it waited in vain
    circuit_breaker,  ///< the pool has as much to do as it may
    circuit_open,     ///< so many of its requests have failed that none is let through
};

/// As logs and metrics tell it: static text.
[[nodiscard]] constexpr std::string_view name_of(shortage why) noexcept {
    switch (why) {
        case shortage::none: break;
        case shortage::full: return "full";
        case shortage::home_full: return "home-full";
        case shortage::home_down: return "home-down";
        case shortage::queue_full: return "queue-full";
        case shortage::queue_timeout: return "queue-timeout";
        case shortage::circuit_breaker: return "circuit-breaker";
        case shortage::circuit_open: return "circuit-open";
    }
    return "none";
}

}  // namespace hawser::proxy
