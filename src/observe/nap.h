// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace hawser::observe {

/// How one background thread sleeps so that busy threads need hardly ever wake it.
///
/// It dozes while work keeps coming, and only someone in a hurry cuts a doze short; it sleeps after
/// a quiet time, and then anyone wakes it, once. A wake that races with falling asleep may be
/// missed (no fence is paid for it): the sleep's own end makes up for it.
class nap {
  public:
    void doze(std::chrono::milliseconds most) noexcept { rest(dozing, most); }
    void sleep(std::chrono::milliseconds most) noexcept { rest(asleep, most); }

    /// Ends a sleep, and a doze if it is urgent. Costs one load while the thread is up.
    void wake_if_needed(bool is_urgent) noexcept {
        const auto now = state_.load(std::memory_order_relaxed);
        if (now == awake) [[likely]]
            return;
        if (now == asleep || is_urgent) wake();
    }

    /// Ends any rest, also one that is about to begin.
    void wake() noexcept;

  private:
    static constexpr std::uint32_t awake = 0;
    static constexpr std::uint32_t dozing = 1;
    static constexpr std::uint32_t asleep = 2;
    static constexpr std::uint32_t woken = 3;

    void rest(std::uint32_t how, std::chrono::milliseconds most) noexcept;

    std::atomic<std::uint32_t> state_ = awake;
};

}  // namespace hawser::observe
