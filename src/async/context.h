// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

#include "async/stop.h"
#include "base/clock.h"

namespace hawser {

/// Under which conditions a coroutine runs; what it awaits inherits them.
struct context {
    /// When the whole work must be over.
    steady_time deadline = no_deadline;
    /// How long one single wait may last without progress; max() for no such limit.
    steady_time::duration idle = steady_time::duration::max();
    /// Who may stop the work early; null: nobody.
    stop_source* stop = nullptr;

    /// When a wait that begins at `now` must have ended.
    [[nodiscard]] steady_time wait_until(steady_time now) const noexcept {
        if (idle == steady_time::duration::max()) return deadline;
        return std::min(deadline, now + idle);
    }
};

/// For work that nothing limits; roots begin with it.
inline constexpr context unlimited{};

}  // namespace hawser
