// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "async/loop.h"
#include "io/engine.h"

namespace hawser::io {

/// One thread's world: its loop, its engine, and a letter box for other threads.
///
/// Built and run on its own thread. Everything it serves belongs to it alone.
class worker {
  public:
    using letter = std::move_only_function<void()>;

    worker(unsigned index, std::unique_ptr<engine> chosen);

    [[nodiscard]] unsigned index() const noexcept { return index_; }
    [[nodiscard]] engine& io() noexcept { return *engine_; }
    [[nodiscard]] loop& turns() noexcept { return loop_; }

    /// Runs `what` on the worker's thread between two turns; from any thread.
    void post(letter what);

    /// Takes turns until `is_over` says so between two of them.
    void run_until(const std::function<bool()>& is_over);
    /// One turn: what the engine has, waiting for it until `end` at most, then what is ready.
    void turn(steady_time end = no_deadline);

    /// Turns so far; a watchdog sees by it that the loop is alive. From any thread.
    [[nodiscard]] std::uint64_t turns_taken() const noexcept {
        return turns_.load(std::memory_order_relaxed);
    }

  private:
    void open_letters();

    unsigned index_;
    loop loop_;
    std::unique_ptr<engine> engine_;
    std::atomic<std::uint64_t> turns_{0};
    std::mutex letters_lock_;
    std::vector<letter> letters_;
    std::atomic<bool> has_letters_{false};
};

}  // namespace hawser::io
