// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "store/record.h"

namespace hawser::sessions {

/// Under which new ids sessions are found whose id was changed: for a few seconds who was under way
/// with the old one may read with it (S5, T8); who comes later has kept it, or taken it.
class successors {
  public:
    using session = std::array<std::uint64_t, 2>;

    static constexpr std::chrono::seconds grace{10};    ///< S5: at most
    static constexpr std::chrono::minutes watched{10};  ///< whether the old one is seen again
    static constexpr std::size_t most = 65'536;

    /// It has changed `now`: no earlier than those before it.
    void note(const session& old, const session& now_called, steady_time now) {
        const std::scoped_lock held(lock_);
        while (!order_.empty() && (order_.size() >= most || order_.front().until <= now)) {
            all_.erase(order_.front().old[0]);
            order_.pop_front();
        }
        all_[old[0]] = {.called = now_called, .changed = now};
        order_.push_back({.old = old, .until = now + watched});
        size_.store(order_.size(), std::memory_order_relaxed);
    }

    /// One that was noted.
    struct renewed {
        session old;
        session called;
        steady_time changed;
    };
    /// All that are of use still, in the order of their change.
    [[nodiscard]] std::vector<renewed> all(steady_time now) const {
        const std::scoped_lock held(lock_);
        std::vector<renewed> found;
        for (const auto& each : order_) {
            const auto one = all_.find(each.old[0]);
            const bool is_last_of_its =
                one != all_.end() && one->second.changed + watched == each.until;
            if (each.until > now && is_last_of_its)
                found.push_back({.old = each.old,
                                 .called = one->second.called,
                                 .changed = one->second.changed});
        }
        return found;
    }

    struct found {
        session called;
        bool is_late;  ///< the few seconds are over
    };
    [[nodiscard]] std::optional<found> find(const session& old, steady_time now) const {
        if (size_.load(std::memory_order_relaxed) == 0) return std::nullopt;
        const std::scoped_lock held(lock_);
        const auto one = all_.find(old[0]);
        if (one == all_.end() || now >= one->second.changed + watched) return std::nullopt;
        return found{.called = one->second.called, .is_late = now >= one->second.changed + grace};
    }

  private:
    struct successor {
        session called;
        steady_time changed;
    };
    struct place {
        session old;
        steady_time until;
    };

    mutable std::mutex lock_;
    std::unordered_map<std::uint64_t, successor> all_;
    std::deque<place> order_;
    std::atomic<std::size_t> size_{0};
};

}  // namespace hawser::sessions
