// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "async/scope.h"
#include "async/stop.h"
#include "async/task.h"
#include "base/ensure.h"
#include "io/worker.h"
#include "support/sim/engine.h"

namespace hawser::sim {

/// A worker without a kernel: everything that its coroutines wait for happens in virtual time, in
/// an order and in portions that the seed decides.
class world {
  public:
    explicit world(std::uint64_t seed) : network_(seed) {}

    [[nodiscard]] io::worker& worker() noexcept { return worker_; }
    [[nodiscard]] io::engine& io() noexcept { return *engine_; }
    [[nodiscard]] network& net() noexcept { return network_; }
    [[nodiscard]] timeline& time() noexcept { return network_.time(); }

    [[nodiscard]] std::unique_ptr<io::listener> listen(std::string_view at) {
        return engine_->listen(io::endpoint::parse(at).value());
    }
    /// The faults of `at`, to be read and changed.
    [[nodiscard]] weather& weather_at(std::string_view at) {
        return network_.weather_at(io::endpoint::parse(at).value());
    }

    /// Takes turns until `work` has ended. Waiting for what will never happen is a failure, after
    /// which the work is stopped.
    void run(task<> work) {
        stop_source stop;
        const context conditions{.stop = &stop};
        scope root(conditions);
        root.spawn(std::move(work));
        for (unsigned turns = 0; root.running() > 0; ++turns) {
            worker_.turn();
            const bool is_endless = turns > turns_max;
            if (!engine_->is_stuck() && !is_endless) continue;
            // Coroutines that don't end when they are stopped can't be cleared away.
            ensure(!stop.is_stopped(), "simulated work ends when it is stopped");
            ADD_FAILURE() << (is_endless ? "the work does not end"
                                         : "deadlock: coroutines wait, and nothing is to come");
            stop.stop();
            turns = 0;
        }
    }

  private:
    static constexpr unsigned turns_max = 1'000'000;

    network network_;
    engine* engine_ = new engine(network_);  // owned by the worker
    io::worker worker_{0, std::unique_ptr<io::engine>(engine_)};
};

}  // namespace hawser::sim
