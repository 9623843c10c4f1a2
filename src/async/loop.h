// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/ensure.h"

namespace hawser {

/// Work that waits for its turn in a loop's ready queue. Lives in whoever queued it.
class runnable {
  public:
    runnable() = default;
    runnable(const runnable&) = delete;
    runnable& operator=(const runnable&) = delete;

  protected:
    ~runnable() { ensure(!queued_, "what waits in a ready queue lives until it has run"); }

  private:
    friend class loop;
    virtual void run() = 0;

    runnable* next_ = nullptr;
    bool queued_ = false;
};

/// Something that a loop calls at a time; disarms itself when it dies.
class timer {
  public:
    timer() = default;
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;

    [[nodiscard]] bool is_armed() const noexcept { return place_ != not_armed; }

  protected:
    ~timer();

  private:
    friend class loop;
    static constexpr std::size_t not_armed = static_cast<std::size_t>(-1);

    virtual void expired(steady_time now) = 0;

    std::size_t place_ = not_armed;
};

/// The turn-taking of one thread: a queue of what can go on, timers, and the time of this turn.
///
/// Coroutines are resumed only from `run_ready`, never inside another's read: what one has lent
/// from the hot buffer stays valid until it waits.
class loop {
  public:
    loop();
    ~loop();
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;

    /// The loop of the calling thread; there is exactly one while a worker lives.
    [[nodiscard]] static loop& current() noexcept;

    /// Both clocks, as read once for this turn.
    [[nodiscard]] const instant& now() const noexcept { return now_; }
    /// Counts turns; fairness is reckoned by it.
    [[nodiscard]] std::uint64_t turn() const noexcept { return turn_; }

    /// Queues `work`; twice before it ran is once.
    void make_ready(runnable& work) noexcept;
    [[nodiscard]] bool has_ready() const noexcept { return first_ != nullptr; }

    /// Runs what was ready when it was called; what becomes ready meanwhile waits for the next
    /// turn.
    void run_ready();

    /// Calls `t` at `when` or soon after; one that is armed already moves.
    void arm(timer& t, steady_time when);
    void disarm(timer& t) noexcept;
    /// When the earliest armed timer is due; `no_deadline` without one.
    [[nodiscard]] steady_time next_timer() const noexcept;

    /// Begins a turn at `now`: calls the timers that are due.
    void advance(const instant& now);

  private:
    struct armed {
        steady_time when;
        timer* what;
    };

    void place(std::size_t at, armed entry) noexcept;
    void sift_up(std::size_t at) noexcept;
    void sift_down(std::size_t at) noexcept;

    instant now_;
    std::uint64_t turn_ = 0;
    runnable* first_ = nullptr;
    runnable* last_ = nullptr;
    std::vector<armed> heap_;
};

}  // namespace hawser
