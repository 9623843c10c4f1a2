// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace hawser::upstream {

/// How long a server takes to begin an answer, as one worker has measured it: an average that
/// rises at once and falls slowly (peak EWMA). Written by that worker, read by all.
class response_time {
  public:
    /// After so long a silence what was measured counts half.
    static constexpr std::chrono::nanoseconds memory = std::chrono::seconds(10);

    void note(std::chrono::nanoseconds took, steady_time now) noexcept {
        const auto fresh = double(std::max<std::int64_t>(took.count(), 1));
        const double before = average();
        const double kept = weight(now);
        average_.store(fresh > before ? fresh : before * kept + fresh * (1 - kept),
                       std::memory_order_relaxed);
        noted_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
    }

    /// In nanoseconds, as of the last note; 0: there was none.
    [[nodiscard]] double average() const noexcept {
        return average_.load(std::memory_order_relaxed);
    }

    /// How much it still counts, from 1 down towards 0 as time goes by; 0: nothing was noted.
    [[nodiscard]] double weight(steady_time now) const noexcept {
        if (average() == 0) return 0;
        const auto silence =
            now.time_since_epoch().count() - noted_.load(std::memory_order_relaxed);
        // Without an exponential, of which a pick would need one for every server and worker.
        constexpr auto half = double(memory.count());
        return half / (half + double(std::max<std::int64_t>(silence, 0)));
    }

  private:
    std::atomic<double> average_{0};
    std::atomic<std::int64_t> noted_{0};
};

}  // namespace hawser::upstream
