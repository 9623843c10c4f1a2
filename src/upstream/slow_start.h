// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "upstream/weight.h"

namespace hawser::upstream {

/// How a server that was added, or came back, gets to its weight: `slow-start` of a pool.
struct slow_start {
    std::chrono::milliseconds time{0};  ///< 0: it has it at once
    unsigned from_percent = 10;         ///< of its weight, in the beginning

    [[nodiscard]] bool is_on() const noexcept { return time.count() != 0; }
    friend bool operator==(const slow_start&, const slow_start&) = default;
};

/// Lets a server's weight grow. Begun by any thread, at the very moment that the server may be
/// chosen again; carried on by the control thread.
class warm_up {
  public:
    explicit warm_up(weight& of) : weight_(of) {}

    // By the control thread.
    void set(const slow_start& by) noexcept {
        by_ = by;
        from_percent_ = by.is_on() ? by.from_percent : 100;
        if (!by.is_on() && since_.exchange(over) != over) weight_.warm(100);
    }
    void go_on(steady_time now) noexcept;

    /// From now on it has the least share. Any thread.
    void begin() noexcept {
        const unsigned least = from_percent_;
        if (least == 100) return;
        since_ = begun;
        weight_.warm(least);
    }
    [[nodiscard]] bool is_over() const noexcept { return since_ == over; }

  private:
    static constexpr std::int64_t over = 0;
    static constexpr std::int64_t begun = -1;  ///< the clock has not been looked at yet

    weight& weight_;
    slow_start by_;
    std::atomic<unsigned> from_percent_{100};
    std::atomic<std::int64_t> since_{over};  ///< ticks of the steady clock
};

}  // namespace hawser::upstream
