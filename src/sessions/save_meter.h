// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "async/loop.h"
#include "base/cpu_clock.h"

namespace hawser::sessions {

/// What processors have spent on some of a namespace's saves: enough of them to know the mean.
struct save_costs {
    std::atomic<std::uint64_t> saves{0};
    std::atomic<std::uint64_t> nanoseconds{0};

    void add(std::chrono::nanoseconds spent) {
        saves.fetch_add(1, std::memory_order_relaxed);
        nanoseconds.fetch_add(std::uint64_t(spent.count()), std::memory_order_relaxed);
    }
};

/// Reckons what one command costs its worker's processor, if it saves something: by laps, of which
/// those count in which nobody else had his turn. Between two turns of a loop others have it, and
/// who waits goes on in a later turn only.
class save_meter {
  public:
    void start() {
        is_on_ = true;
        has_saved_ = false;
        spent_ = {};
        begin_lap(read_thread_cpu());
    }

    /// Ends a lap, before or after what may have to wait.
    void lap() {
        if (!is_on_) return;
        const auto now = read_thread_cpu();
        if (turn_ == loop::current().turn()) spent_ += now - begun_;
        begin_lap(now);
    }

    void note_save() { has_saved_ = true; }

    /// Nothing: it was not started, or nothing was saved.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> stop() {
        if (!is_on_) return std::nullopt;
        lap();
        is_on_ = false;
        return has_saved_ ? std::optional(spent_) : std::nullopt;
    }

  private:
    void begin_lap(std::chrono::nanoseconds now) {
        begun_ = now;
        turn_ = loop::current().turn();
    }

    bool is_on_ = false;
    bool has_saved_ = false;
    std::chrono::nanoseconds spent_{0};
    std::chrono::nanoseconds begun_{0};
    std::uint64_t turn_ = 0;
};

}  // namespace hawser::sessions
