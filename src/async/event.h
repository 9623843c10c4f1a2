// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <coroutine>
#include <utility>

#include "async/context.h"
#include "async/loop.h"
#include "async/stop.h"
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
    class [[nodiscard]] waiter final : runnable, timer, stop_listener {
      public:
        explicit waiter(event& awaited) : event_(awaited) {}
        /// Only before it is awaited.
        waiter(waiter&& other) noexcept : event_(other.event_), conditions_(other.conditions_) {}

        void inherit(const context& conditions) noexcept { conditions_ = &conditions; }
        [[nodiscard]] bool await_ready() const noexcept { return event_.set_; }
        void await_suspend(std::coroutine_handle<> awaiting) {
            ensure(event_.waiting_ == nullptr, "an event has one waiter");
            waiting_ = awaiting;
            event_.waiting_ = this;
            if (conditions_->stop != nullptr && conditions_->stop->is_stopped()) return stopped();
            listen_to(conditions_->stop);
            const auto end = conditions_->wait_until(loop::current().now().steady);
            if (end != no_deadline) loop::current().arm(*this, end);
        }
        result<> await_resume() {
            if (std::exchange(event_.set_, false)) return {};
            return fail(outcome_);
        }
        void wake() noexcept {
            ignore_stop();
            loop::current().disarm(*this);
            loop::current().make_ready(*this);
        }

      private:
        void expired(steady_time) override { give_up(errc::timed_out); }
        void stopped() noexcept override { give_up(errc::cancelled); }
        void run() override { waiting_.resume(); }
        void give_up(errc why) noexcept {
            outcome_ = why;
            event_.waiting_ = nullptr;
            wake();
        }

        event& event_;
        const context* conditions_ = &unlimited;
        std::coroutine_handle<> waiting_;
        errc outcome_ = errc::cancelled;
    };

    waiter* waiting_ = nullptr;
    bool set_ = false;
};

}  // namespace hawser
