// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace hawser::health {

/// When a server is checked.
///
/// `draw` is a random number from 0 to below 1. It spreads first checks over an interval and
/// makes others up to a tenth earlier, so that checks of many servers, and of many nodes, do not
/// come together. Never later: what an interval promises holds.
struct pace {
    std::chrono::milliseconds interval = std::chrono::seconds(5);
    std::chrono::milliseconds fast = std::chrono::milliseconds(2500);  ///< while in doubt

    [[nodiscard]] steady_time first(steady_time now, double draw) const noexcept {
        return now + part_of(interval, draw);
    }

    /// After a check that began at `began` and has ended `now`.
    [[nodiscard]] steady_time next(steady_time began, steady_time now, bool is_in_doubt,
                                   double draw) const noexcept {
        const auto span = is_in_doubt ? std::min(fast, interval) : interval;
        return std::max(now, began + span - part_of(span, draw / 10));
    }

    friend bool operator==(const pace&, const pace&) = default;

  private:
    static std::chrono::microseconds part_of(std::chrono::milliseconds span,
                                             double share) noexcept {
        const auto whole = std::chrono::duration<double, std::micro>(span);
        return std::chrono::duration_cast<std::chrono::microseconds>(whole * share);
    }
};

/// By which those checks that decide come within one interval of the first that contradicts a
/// server's state: with more than two, closer together.
[[nodiscard]] constexpr std::chrono::milliseconds fast_for(std::chrono::milliseconds interval,
                                                           unsigned rise, unsigned fall) noexcept {
    return interval / std::max(1U, std::max(rise, fall) - 1);
}

}  // namespace hawser::health
