// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>

#include "upstream/drain_policy.h"

namespace hawser::upstream {

/// By which terms sessions leave a server that drains, as workers read them: a word for each class.
///
/// Written by the control thread; workers look only where a session comes home to a server that
/// drains. At first nobody leaves.
class leave_terms {
  public:
    leave_terms() noexcept { clear(); }

    void set(const drain_policy& wanted) noexcept {
        is_over_.store(false, std::memory_order_relaxed);
        idle_after_.store(seconds_of(wanted.idle_after), std::memory_order_relaxed);
        for (std::size_t i = 0; i < session_classes; ++i)
            idle_[i].store(seconds_of(wanted.rules[i].idle), std::memory_order_relaxed);
    }
    /// The drain has ended: everybody leaves.
    void end() noexcept { is_over_.store(true, std::memory_order_relaxed); }
    /// There is no drain: nobody leaves.
    void clear() noexcept {
        is_over_.store(false, std::memory_order_relaxed);
        for (auto& each : idle_) each.store(never, std::memory_order_relaxed);
    }

    [[nodiscard]] bool is_over() const noexcept { return is_over_.load(std::memory_order_relaxed); }

    /// A session that stood so before its request goes elsewhere with it.
    [[nodiscard]] bool lets_go(const standing& one) const noexcept {
        if (is_over() || one.is_free()) return true;
        if (one.is_pinned) return false;
        const std::chrono::seconds idle_after(idle_after_.load(std::memory_order_relaxed));
        const auto which = static_cast<std::size_t>(class_of(one, idle_after));
        const std::uint32_t from = idle_[which].load(std::memory_order_relaxed);
        return from != never && seconds_of(one.idle) >= from;
    }

  private:
    static constexpr std::uint32_t never = std::numeric_limits<std::uint32_t>::max();

    static std::uint32_t seconds_of(std::chrono::seconds time) noexcept {
        return static_cast<std::uint32_t>(
            std::clamp<std::chrono::seconds::rep>(time.count(), 0, never));
    }

    std::atomic<bool> is_over_;
    std::atomic<std::uint32_t> idle_after_{0};
    std::array<std::atomic<std::uint32_t>, session_classes> idle_;
};

}  // namespace hawser::upstream
