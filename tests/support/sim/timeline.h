// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <utility>

#include "base/clock.h"

namespace hawser::sim {

/// Virtual time and what will happen in it. Events of one moment happen in random order, and the
/// same seed makes the same history.
class timeline {
  public:
    using happening = std::move_only_function<void()>;

    explicit timeline(std::uint64_t seed) : random_(seed) {}

    /// A number from `low` to `high`, both included.
    std::size_t between(std::size_t low, std::size_t high) {
        return low + random_() % (high - low + 1);
    }

    [[nodiscard]] instant now() const {
        using namespace std::chrono;
        constexpr sys_days start = 2026y / January / 1;
        return {now_, start + floor<milliseconds>(now_.time_since_epoch()) + wall_step_};
    }

    /// Somebody sets the wall clock; the steady one knows nothing of it.
    void step_wall(std::chrono::milliseconds by) { wall_step_ += by; }

    void after(steady_time::duration span, happening what) {
        events_.emplace(std::pair(now_ + span, random_()), std::move(what));
    }

    [[nodiscard]] bool is_empty() const { return events_.empty(); }

    /// Jumps to the next event, or to `end` if that comes first; then whatever is due happens.
    void pass_until(steady_time end) {
        if (!events_.empty()) end = std::min(end, events_.begin()->first.first);
        if (end != no_deadline) now_ = std::max(now_, end);
        while (!events_.empty() && events_.begin()->first.first <= now_) {
            auto due = events_.extract(events_.begin());
            due.mapped()();
        }
    }

  private:
    std::mt19937_64 random_;
    steady_time now_{std::chrono::hours(1)};
    std::chrono::milliseconds wall_step_{0};
    std::map<std::pair<steady_time, std::uint64_t>, happening> events_;
};

}  // namespace hawser::sim
