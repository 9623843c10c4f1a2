// SPDX-License-Identifier: Apache-2.0
#include "upstream/slow_start.h"

#include <algorithm>

namespace hawser::upstream {

namespace {

/// Tables of hashing balancers are made anew with each weight: not more often than it is felt.
constexpr unsigned step_percent = 5;

}  // namespace

void warm_up::go_on(steady_time now) noexcept {
    std::int64_t since = since_;
    if (since == over) return;
    const std::int64_t present = now.time_since_epoch().count();
    if (since == begun) {
        since_.compare_exchange_strong(since, present);
        return;
    }
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(
        steady_time::duration(present - since));
    if (passed >= by_.time) {
        if (since_.compare_exchange_strong(since, over)) weight_.warm(100);
        return;
    }
    const auto grown =
        by_.from_percent + unsigned((100 - by_.from_percent) * passed.count() / by_.time.count());
    weight_.warm(std::max(by_.from_percent, grown / step_percent * step_percent));
}

}  // namespace hawser::upstream
