// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <utility>

#include "async/timed_wait.h"
#include "base/ensure.h"
#include "base/result.h"

namespace hawser {

/// One coroutine tells another of the same thread that something has happened. Set stays set until
/// it has been waited for.
class event {
  public:
    event() = default;
    event(const event&) = delete;
    event& operator=(const event&) = delete;

    void set() noexcept {
        set_ = true;
        if (waiting_ != nullptr) std::exchange(waiting_, nullptr)->wake();
    }
    [[nodiscard]] bool is_set() const noexcept { return set_; }

    /// Waits until set, and clears it. `timed_out` or `cancelled` by the context.
    [[nodiscard]] auto wait() noexcept { return waiter(*this); }

  private:
    class [[nodiscard]] waiter final : public timed_wait {
      public:
        explicit waiter(event& awaited) : event_(awaited) {}

        [[nodiscard]] bool await_ready() const noexcept { return event_.set_; }
        void await_suspend(std::coroutine_handle<> awaiting) {
            ensure(event_.waiting_ == nullptr, "an event has one waiter");
            event_.waiting_ = this;
            begin(awaiting, conditions().wait_until(loop::current().now().steady));
        }
        result<> await_resume() {
            if (std::exchange(event_.set_, false)) return {};
            return fail(outcome_);
        }

      private:
        friend class event;

        void gave_up(errc why) noexcept override {
            outcome_ = why;
            event_.waiting_ = nullptr;
        }

        event& event_;
        errc outcome_ = errc::cancelled;
    };

    waiter* waiting_ = nullptr;
    bool set_ = false;
};

}  // namespace hawser
