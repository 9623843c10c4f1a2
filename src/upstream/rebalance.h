// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

#include "base/limits.h"
#include "upstream/drain_policy.h"

namespace hawser::upstream {

/// `rebalance` of a pool: by which terms sessions move from servers that have too many to those
/// that have too few.
struct rebalance_policy {
    bool is_on = false;
    std::chrono::seconds idle = std::chrono::minutes(5);  ///< sessions idle so long may move
    std::uint32_t per_second = 10;                        ///< sessions of the pool
    unsigned tolerance_percent = 20;  ///< above what its weight is due is even enough

    friend bool operator==(const rebalance_policy&, const rebalance_policy&) = default;
};

/// What a server may give away, or lacks: told by the control thread each second, and read by
/// workers where a session comes home. At first nothing is given away.
class balance_due {
  public:
    /// Gives away `count` sessions at the most that were idle for `idle`.
    void give(std::uint32_t count, std::chrono::seconds idle) noexcept {
        idle_.store(static_cast<std::uint32_t>(std::clamp<std::chrono::seconds::rep>(
                        idle.count(), 0, std::numeric_limits<std::uint32_t>::max())),
                    std::memory_order_relaxed);
        to_give_.store(count, std::memory_order_relaxed);
    }
    /// Whether it takes sessions of others.
    void set_lacks(bool lacks) noexcept { lacks_.store(lacks, std::memory_order_relaxed); }

    [[nodiscard]] std::uint32_t to_give() const noexcept {
        return to_give_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool lacks() const noexcept { return lacks_.load(std::memory_order_relaxed); }

    /// A session that stood so before its request may move: nothing of it is open, and it has come
    /// back at least once.
    [[nodiscard]] bool lets_go(const standing& one) const noexcept {
        return to_give() != 0 && !one.has_tunnel && !one.is_tentative && !one.is_pinned &&
               !one.is_valuable &&
               (one.may_move ||
                one.idle >= std::chrono::seconds(idle_.load(std::memory_order_relaxed)));
    }
    /// Takes one of those that are to be given away; false if others were faster.
    [[nodiscard]] bool take_one() noexcept {
        std::uint32_t left = to_give();
        while (left != 0)
            if (to_give_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed))
                return true;
        return false;
    }

  private:
    std::atomic<std::uint32_t> to_give_{0};
    std::atomic<std::uint32_t> idle_{0};
    std::atomic<bool> lacks_{false};
};

}  // namespace hawser::upstream
