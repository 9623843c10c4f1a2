// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <coroutine>
#include <utility>

#include "async/context.h"
#include "async/loop.h"

namespace hawser {

namespace detail {

/// Awaits an operation under a context of its own; `Narrow` derives it from the surrounding one.
///
/// Refers to the operation, which is a temporary of the same `co_await`: a frame holds it once.
template <typename Operation, typename Narrow>
class [[nodiscard]] narrowed {
  public:
    narrowed(Operation& operation, Narrow narrow)
        : operation_(operation), narrow_(std::move(narrow)) {}
    narrowed(const narrowed&) = delete;
    narrowed& operator=(const narrowed&) = delete;

    void inherit(const context& outer) noexcept {
        conditions_ = outer;
        narrow_(conditions_);
        operation_.inherit(conditions_);
    }

    [[nodiscard]] bool await_ready() { return operation_.await_ready(); }
    auto await_suspend(std::coroutine_handle<> awaiting) {
        return operation_.await_suspend(awaiting);
    }
    decltype(auto) await_resume() { return operation_.await_resume(); }

  private:
    context conditions_;
    Operation& operation_;
    Narrow narrow_;
};

}  // namespace detail

/// Awaits `operation`, whose waits end with `timed_out` once `span` has passed; returns only when
/// it has ended. Never later than the deadline around it.
template <typename Operation>
auto with_deadline(steady_time::duration span, Operation&& operation) {
    return detail::narrowed(operation, [span](context& conditions) {
        conditions.deadline = std::min(conditions.deadline, loop::current().now().steady + span);
    });
}

/// The same, with the moment itself.
template <typename Operation>
auto with_deadline_at(steady_time end, Operation&& operation) {
    return detail::narrowed(operation, [end](context& conditions) {
        conditions.deadline = std::min(conditions.deadline, end);
    });
}

/// Awaits `operation`, each single wait of which may last `span` without progress.
template <typename Operation>
auto with_idle_limit(steady_time::duration span, Operation&& operation) {
    return detail::narrowed(operation, [span](context& conditions) { conditions.idle = span; });
}

/// Awaits `operation`, whose waits end with `cancelled` when `source` stops.
template <typename Operation>
auto with_stop(stop_source& source, Operation&& operation) {
    return detail::narrowed(operation,
                            [&source](context& conditions) { conditions.stop = &source; });
}

}  // namespace hawser
