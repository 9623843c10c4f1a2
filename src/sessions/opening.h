// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "async/loop.h"
#include "async/sleep.h"
#include "async/task.h"
#include "sessions/limits.h"
#include "store/space.h"

namespace hawser::sessions {

/// Waits while it is not known what `space` has kept, but not for long: then clients are told so.
/// Libraries make little of that: PHP's handler gives its visitors new sessions, others give up.
inline task<> await_opening(const store::space& space) {
    constexpr std::chrono::milliseconds between_looks(5);
    const steady_time end = loop::current().now().steady + limits::opening_awaited;
    while (space.condition() == store::condition::opening && loop::current().now().steady < end)
        if (!co_await sleep_for(between_looks)) co_return;
}

}  // namespace hawser::sessions
