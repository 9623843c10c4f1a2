// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>

#include "async/context.h"
#include "async/loop.h"
#include "async/stop.h"
#include "base/result.h"

namespace hawser {

/// What waits of coroutines have in common that may be over by themselves, at their time, or
/// because they are stopped. Whoever derives from it says what is awaited.
class timed_wait : runnable, timer, stop_listener {
  public:
    void inherit(const context& conditions) noexcept { conditions_ = &conditions; }

  protected:
    timed_wait() = default;
    /// Only before it is awaited.
    timed_wait(timed_wait&& other) noexcept : conditions_(other.conditions_) {}
    ~timed_wait() = default;

    [[nodiscard]] const context& conditions() const noexcept { return *conditions_; }
    [[nodiscard]] bool is_stopped() const noexcept {
        return conditions_->stop != nullptr && conditions_->stop->is_stopped();
    }

    /// Suspends `awaiting` until `wake`, until `end`, or until it is stopped.
    void begin(std::coroutine_handle<> awaiting, steady_time end) {
        waiting_ = awaiting;
        if (is_stopped()) return stopped();
        listen_to(conditions_->stop);
        if (end != no_deadline) loop::current().arm(*this, end);
    }
    void wake() noexcept {
        ignore_stop();
        loop::current().disarm(*this);
        loop::current().make_ready(*this);
    }

  private:
    /// It is over before what is awaited: `timed_out` or `cancelled`.
    virtual void gave_up(errc why) noexcept = 0;

    void expired(steady_time) override { give_up(errc::timed_out); }
    void stopped() noexcept override { give_up(errc::cancelled); }
    void run() override { waiting_.resume(); }
    void give_up(errc why) noexcept {
        gave_up(why);
        wake();
    }

    const context* conditions_ = &unlimited;
    std::coroutine_handle<> waiting_;
};

}  // namespace hawser
