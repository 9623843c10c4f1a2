// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <coroutine>

#include "async/timed_wait.h"
#include "base/result.h"

namespace hawser {

/// Waits until a time, or less when the scope is stopped (`cancelled`) or its deadline comes first
/// (`timed_out`).
class [[nodiscard]] sleep_until final : public timed_wait {
  public:
    explicit sleep_until(steady_time when) : when_(when) {}

    [[nodiscard]] bool await_ready() const noexcept {
        return when_ <= loop::current().now().steady || is_stopped();
    }
    void await_suspend(std::coroutine_handle<> awaiting) {
        begin(awaiting, std::min(when_, conditions().deadline));
    }
    result<> await_resume() const {
        if (loop::current().now().steady >= when_) return {};
        return fail(is_stopped() ? errc::cancelled : errc::timed_out);
    }

  private:
    void gave_up(errc) noexcept override {}

    steady_time when_;
};

/// Waits for `span`.
[[nodiscard]] inline sleep_until sleep_for(steady_time::duration span) {
    return sleep_until(loop::current().now().steady + span);
}

}  // namespace hawser
