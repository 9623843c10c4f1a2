// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <fmt/format.h>

namespace hawser::app {

/// A time as people read it: `12 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`.
[[nodiscard]] inline std::string span_of(std::uint64_t seconds) {
    if (seconds < 60) return fmt::format("{} s", seconds);
    if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
    const auto hours = seconds / 3600;
    if (hours < 48) return fmt::format("{} h {} min", hours, seconds / 60 % 60);
    return fmt::format("{} d {} h", hours / 24, hours % 24);
}

}  // namespace hawser::app
