// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace hawser::sessions {

/// Later than anybody means; what is said beyond counts as this.
inline constexpr std::chrono::milliseconds farthest = std::chrono::years(100);

/// A moment so many milliseconds from now; earlier than now for negative ones.
[[nodiscard]] inline steady_time deadline_in(const instant& now, std::int64_t milliseconds) {
    const auto most = std::int64_t(farthest.count());
    return now.steady + std::chrono::milliseconds(std::clamp(milliseconds, -most, most));
}

/// The moment that clients call so many milliseconds since 1970.
[[nodiscard]] inline steady_time deadline_at(const instant& now, std::int64_t since_1970) {
    const std::int64_t present = now.wall.time_since_epoch().count();
    return deadline_in(now, since_1970 < 0 ? -present : since_1970 - present);
}

/// Milliseconds until `end`, at least 0.
[[nodiscard]] inline std::int64_t left_until(steady_time end, const instant& now) {
    const auto left = std::chrono::round<std::chrono::milliseconds>(end - now.steady);
    return std::max<std::int64_t>(left.count(), 0);
}

}  // namespace hawser::sessions
