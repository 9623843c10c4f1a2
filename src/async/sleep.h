// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>

#include "async/context.h"
#include "async/loop.h"
#include "async/stop.h"
#include "base/result.h"

namespace hawser {

/// Waits until a time, or less when the scope is stopped (`cancelled`) or its deadline comes first
/// (`timed_out`).
class [[nodiscard]] sleep_until final : timer, runnable, stop_listener {
  public:
    explicit sleep_until(steady_time when) : when_(when) {}
    /// Only before it is awaited.
    sleep_until(sleep_until&& other) noexcept
        : when_(other.when_), conditions_(other.conditions_) {}

    void inherit(const context& conditions) noexcept { conditions_ = &conditions; }
    [[nodiscard]] bool await_ready() const noexcept {
        return when_ <= loop::current().now().steady ||
               (conditions_->stop != nullptr && conditions_->stop->is_stopped());
    }
    void await_suspend(std::coroutine_handle<> awaiting) {
        waiting_ = awaiting;
        listen_to(conditions_->stop);
        loop::current().arm(*this, std::min(when_, conditions_->deadline));
    }
    result<> await_resume() const {
        if (loop::current().now().steady >= when_) return {};
        if (conditions_->stop != nullptr && conditions_->stop->is_stopped())
            return fail(errc::cancelled);
        return fail(errc::timed_out);
    }

  private:
    void expired(steady_time) override {
        ignore_stop();
        loop::current().make_ready(*this);
    }
    void stopped() noexcept override {
        loop::current().disarm(*this);
        loop::current().make_ready(*this);
    }
    void run() override { waiting_.resume(); }

    steady_time when_;
    const context* conditions_ = &unlimited;
    std::coroutine_handle<> waiting_;
};

/// Waits for `span`.
[[nodiscard]] inline sleep_until sleep_for(steady_time::duration span) {
    return sleep_until(loop::current().now().steady + span);
}

}  // namespace hawser
