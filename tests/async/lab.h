// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "async/loop.h"
#include "async/scope.h"
#include "async/task.h"

namespace hawser {

/// A loop whose time is made up: it jumps to the next timer when nothing is ready.
class lab {
  public:
    /// Takes turns until `work` has ended.
    void run(task<> work) {
        scope root;
        root.spawn(std::move(work));
        while (root.running() > 0) {
            if (!loop_.has_ready() && loop_.next_timer() == no_deadline) {
                ADD_FAILURE() << "coroutines wait for what will never happen";
                std::abort();
            }
            turn();
        }
    }

    void turn() {
        if (!loop_.has_ready() && loop_.next_timer() != no_deadline)
            now_.steady = std::max(now_.steady, loop_.next_timer());
        loop_.advance(now_);
        loop_.run_ready();
    }

    /// How much of the made-up time has passed.
    [[nodiscard]] steady_time::duration passed() const { return now_.steady - start; }

    [[nodiscard]] loop& turns() noexcept { return loop_; }

  private:
    static constexpr steady_time start{std::chrono::hours(1)};

    loop loop_;
    instant now_{start, {}};
    // What coroutines read before the first turn is this time, too.
    const bool begun_ = (loop_.advance(now_), true);
};

}  // namespace hawser
