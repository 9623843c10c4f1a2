// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/codec.h"

namespace hawser::admin {

/// How much somebody may do; each may do what those before it may.
enum class level : std::uint8_t {
    none,       ///< only see that the process lives
    viewer,     ///< sees everything
    operating,  ///< and sets states, weights and the log's level
    admin,      ///< and adds and removes servers, and reloads
};

/// The levels that can be given to somebody.
constexpr std::array<config::word<level>, 3> choices(level) {
    return {{{"viewer", level::viewer, "sees everything, changes nothing"},
             {"operator", level::operating, "sets states, weights and the log's level"},
             {"admin", level::admin, "adds and removes servers, and reloads, too"}}};
}

[[nodiscard]] constexpr std::string_view name_of(level which) noexcept {
    return which == level::none ? "none" : choices(which)[std::size_t(which) - 1].name;
}

}  // namespace hawser::admin
