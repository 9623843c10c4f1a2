// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

#include "base/clock.h"
#include "io/stream.h"
#include "observe/counters.h"

namespace hawser::upstream {

/// What one connection adds to what is counted of the way to its server: at each look, what is new
/// since the last one.
class path_tally {
  public:
    /// Between two looks at a connection that goes on: each is a system call.
    static constexpr std::chrono::seconds interval{1};

    path_tally() = default;
    explicit path_tally(observe::path_counters& into) : into_(&into) {}

    /// The connection stands, after so long.
    void connected(std::chrono::microseconds took) noexcept {
        into_->connects.add();
        into_->connect_time.add(std::uint64_t(took.count()));
    }

    /// Costs a system call: for the last look at a connection.
    void look(const io::stream& at) noexcept {
        const auto now = at.path();
        if (!now) return;
        if (now->round_trip.count() > 0) {
            into_->round_trips.add();
            into_->round_trip_time.add(std::uint64_t(now->round_trip.count()));
        }
        into_->segments.add(now->segments - std::exchange(segments_, now->segments));
        into_->retransmits.add(now->retransmits - std::exchange(retransmits_, now->retransmits));
    }
    /// The same, unless it was looked at a moment ago.
    void look_at_times(const io::stream& at, steady_time now) noexcept {
        if (now < due_) return;
        due_ = now + interval;
        look(at);
    }

  private:
    observe::path_counters* into_ = nullptr;
    steady_time due_{};
    std::uint32_t segments_ = 0;
    std::uint32_t retransmits_ = 0;
};

}  // namespace hawser::upstream
