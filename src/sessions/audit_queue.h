// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "sessions/limits.h"

namespace hawser::sessions {

/// What somebody has done to a session, or to all of a user's (S19). Neither an id nor data is in
/// it: a session has its handle, a user the hash that the namespace has of it.
struct audited {
    wall_time when{};
    std::string_view what;  ///< outlives the process's doors
    std::string name_space;
    std::string who;   ///< the application's user; `local`: nobody had to say
    std::string from;  ///< an address
    std::string session = {};
    std::uint64_t user = 0;
    unsigned status = 0;  ///< of the answer
    std::optional<std::size_t> ended = {};
};

/// Where workers leave what is to be audited, for the thread that writes it down. What comes faster
/// than that takes it is counted.
class audit_queue {
  public:
    void put(audited one) {
        const std::scoped_lock held(lock_);
        if (waiting_.size() == limits::audited_waiting_max)
            lost_.fetch_add(1, std::memory_order_relaxed);
        else
            waiting_.push_back(std::move(one));
    }
    [[nodiscard]] std::vector<audited> take() {
        const std::scoped_lock held(lock_);
        return std::exchange(waiting_, {});
    }
    [[nodiscard]] std::uint64_t lost() const noexcept {
        return lost_.load(std::memory_order_relaxed);
    }

  private:
    std::mutex lock_;
    std::vector<audited> waiting_;
    std::atomic<std::uint64_t> lost_{0};
};

}  // namespace hawser::sessions
