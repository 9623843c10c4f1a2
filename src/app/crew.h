// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/result.h"
#include "io/worker.h"
#include "proxy/station.h"

namespace hawser::app {

/// The worker threads, each with its station.
class crew {
  public:
    using equipment = std::function<proxy::station::shared(unsigned worker)>;

    /// Starts `workers` threads; all stand when it returns.
    static result<std::unique_ptr<crew>> start(std::size_t workers, const equipment& equip);
    /// Only once `is_quiet`, or after `stop`.
    ~crew();

    /// Runs `what` on every worker between two of its turns and waits for all of them.
    void tell_all(const std::function<void(proxy::station&)>& what);
    /// Runs `what` on one worker, and waits.
    void tell(unsigned worker, const std::function<void(proxy::station&)>& what);

    [[nodiscard]] std::size_t size() const noexcept { return hands_.size(); }
    /// Nothing is under way on any worker.
    [[nodiscard]] bool is_quiet();
    /// Every worker's loop has turned since the last call, as each call asks all of them to: what a
    /// watchdog wants to know. Does not wait.
    [[nodiscard]] bool have_all_turned();

  private:
    struct hand {
        std::thread thread;
        std::atomic<io::worker*> worker{nullptr};
        std::atomic<proxy::station*> station{nullptr};
        bool leaves = false;  ///< its thread's own
        /// Who told it to leave is done with its worker.
        std::atomic<bool> is_let_go{false};
        std::uint64_t turns_seen = 0;
    };

    static void work(hand& self, unsigned index, std::unique_ptr<io::engine> engine,
                     const equipment& equip);

    std::vector<std::unique_ptr<hand>> hands_;
};

}  // namespace hawser::app
