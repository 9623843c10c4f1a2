// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "base/ensure.h"

namespace hawser::upstream {

class places;
class queue;
class server;

/// One of so many places, given back when this goes. Without a limit there are places too, which
/// cost nothing.
class place {
  public:
    place() = default;
    place(place&& other) noexcept : from_(std::exchange(other.from_, nullptr)) {}
    place& operator=(place&& other) noexcept {
        std::swap(from_, other.from_);
        return *this;
    }
    inline ~place();

    /// Is this one of those? One without a limit is nobody's.
    [[nodiscard]] bool is_of(const places& all) const noexcept { return from_ == &all; }

  private:
    friend class places;
    friend class queue;
    explicit place(places& from) noexcept : from_(&from) {}

    places* from_ = nullptr;
};

/// How many may be at once, over all workers: exchanges and tunnels with a server that has
/// `max-connections`, requests of a pool that has a limit. The one number of these that workers
/// contend for, and only when there is a limit.
///
/// Where requests wait for a place at a server, one that is given back goes to the first of them,
/// so that nobody who comes just then is faster.
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

    /// Without a limit nothing is counted.
    [[nodiscard]] std::uint32_t taken() const noexcept {
        return taken_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] bool is_full() const noexcept {
        const std::uint32_t most = maximum();
        return most != 0 && taken() >= most;
    }

    /// Takes one place into `into`; false, without a wait, when all are taken. Never more, and
    /// never refused while one is free: who waits relies on that.
    [[nodiscard]] bool take(place& into) noexcept {
        const std::uint32_t most = maximum();
        if (most == 0) {
            into = place();
            return true;
        }
        std::uint32_t seen = taken_.load();
        do {
            if (seen >= most) return false;
        } while (!taken_.compare_exchange_weak(seen, seen + 1));
        into = place(*this);
        return true;
    }

    /// From now on who waits in `line` gets what comes free of these places at `whose`; both
    /// outlive this. Before anybody takes one.
    void belong_to(queue& line, server& whose) noexcept {
        line_ = &line;
        whose_ = &whose;
    }

  private:
    friend class place;
    friend class queue;

    void give_back() noexcept {
        if (line_ != nullptr) return give_back_to_line();
        const std::uint32_t before = taken_.fetch_sub(1);
        ensure(before > 0, "only a place that was taken is given back");
    }
    void give_back_to_line() noexcept;

    alignas(64) std::atomic<std::uint32_t> taken_{0};
    std::atomic<std::uint32_t> maximum_;
    queue* line_ = nullptr;
    server* whose_ = nullptr;
};

inline place::~place() {
    if (from_ != nullptr) from_->give_back();
}

}  // namespace hawser::upstream
