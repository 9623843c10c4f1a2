// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "base/ensure.h"

namespace hawser::upstream {

class places;

/// One place at a server, given back when this goes. A server without a limit gives places too,
/// which cost nothing.
class place {
  public:
    place() = default;
    explicit place(places* from) noexcept : from_(from) {}
    place(place&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
    place& operator=(place&& other) noexcept {
        std::swap(from_, other.from_);
        return *this;
    }
    ~place();

  private:
    places* from_ = nullptr;
};

/// A server's `max-connections`: how many connections may carry an exchange or a tunnel at once,
/// over all workers. The one number of a server that workers contend for, and only when there is
/// a limit.
class places {
  public:
    explicit places(std::uint32_t maximum) noexcept : maximum_(maximum) {}

    [[nodiscard]] std::uint32_t maximum() const noexcept {
        return maximum_.load(std::memory_order_relaxed);
    }

    /// 0: no limit. Lowered below what is taken, it sends nobody away: no new ones until it fits.
    void set_maximum(std::uint32_t wanted) noexcept {
        maximum_.store(wanted, std::memory_order_relaxed);
    }

    [[nodiscard]] bool is_full() const noexcept {
        const std::uint32_t most = maximum();
        return most != 0 && taken_.load(std::memory_order_relaxed) >= most;
    }

    /// Takes one place into `into`; false, without a wait, when all are taken.
    [[nodiscard]] bool take(place& into) noexcept {
        const std::uint32_t most = maximum();
        if (most == 0) {
            into = place();
            return true;
        }
        if (taken_.fetch_add(1, std::memory_order_relaxed) >= most) {
            taken_.fetch_sub(1, std::memory_order_relaxed);
            return false;
        }
        into = place(this);
        return true;
    }

  private:
    friend class place;

    alignas(64) std::atomic<std::uint32_t> taken_{0};
    std::atomic<std::uint32_t> maximum_;
};

inline place::~place() {
    if (from_ == nullptr) return;
    const std::uint32_t before = from_->taken_.fetch_sub(1, std::memory_order_relaxed);
    ensure(before > 0, "only a place that was taken is given back");
}

}  // namespace hawser::upstream
