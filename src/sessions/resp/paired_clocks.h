// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "base/clock.h"

namespace hawser::sessions::resp {

/// Both clocks in one relation: what was said by the wall clock, kept by the steady one and told by
/// the wall clock again is the same millisecond. Two readings each are not enough for that, as the
/// wall clock's is cut to milliseconds.
class paired_clocks {
  public:
    explicit paired_clocks(const instant& begin) : pair_(begin) {}

    /// The wall clock's millisecond, and the moment at which it began, as near as is known.
    [[nodiscard]] instant at(const instant& now) {
        const steady_time begun = pair_.steady + (now.wall - pair_.wall);
        // The wall clock was set, or corrected bit by bit: what it told before is not what it
        // tells.
        if (begun > now.steady + slack || begun < now.steady - slack) return pair_ = now;
        return {.steady = begun, .wall = now.wall};
    }

  private:
    static constexpr auto slack = std::chrono::milliseconds(2);

    instant pair_;
};

}  // namespace hawser::sessions::resp
