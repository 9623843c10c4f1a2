// SPDX-License-Identifier: Apache-2.0
#include "upstream/retry_budget.h"

namespace hawser::upstream {

void retry_budget::count_request(steady_time now) noexcept {
    ++turn_to(now).requests;
    ++sum_.requests;
}

std::optional<retry_budget::permit> retry_budget::take(steady_time now, unsigned percent) noexcept {
    second& present = turn_to(now);
    const bool is_within_share =
        std::uint64_t{sum_.retries + 1} * 100 <= std::uint64_t{sum_.requests} * percent;
    if (!is_within_share && under_way_ >= limits::retries_always_allowed) return std::nullopt;
    ++present.retries;
    ++sum_.retries;
    return permit(*this);
}

/// The counters of `now`'s second, after those that fell out of the window were taken off.
retry_budget::second& retry_budget::turn_to(steady_time now) noexcept {
    const std::int64_t wanted =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    if (wanted - present_ >= window) {
        seconds_ = {};
        sum_ = {};
        present_ = wanted;
    }
    while (present_ < wanted) {
        ++present_;
        second& oldest = seconds_[static_cast<std::size_t>(present_ % window)];
        sum_.requests -= oldest.requests;
        sum_.retries -= oldest.retries;
        oldest = {};
    }
    return seconds_[static_cast<std::size_t>(present_ % window)];
}

}  // namespace hawser::upstream
