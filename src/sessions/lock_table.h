// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace hawser::sessions {

/// Who holds which lock of a namespace, and who waits for it, for any worker.
///
/// Libraries take a lock by SET NX, again and again until they get it (T6). Whoever has asked twice
/// within a while waits in the order of their first attempts: a lock that is free is theirs who has
/// waited longest, as long as they go on asking as often as they did. Who asks once does not wait.
class lock_table {
  public:
    using place = std::array<std::uint64_t, 2>;  ///< the hash in the lock's record_id

    static constexpr std::size_t known_max = 65'536;  ///< locks; of more nothing is known
    static constexpr std::size_t waiting_max = 1024;  ///< for one lock; others are not ordered
    /// Who has not asked again for so long does not wait any more, however seldom they ask.
    static constexpr std::chrono::seconds patience_max{2};

    struct holder {
        std::int64_t connection = 0;
        std::string who = {};  ///< as the client calls itself
        steady_time since{};
        steady_time ends = no_deadline;
    };

    /// Whether it is the turn of this connection, should the lock be free.
    [[nodiscard]] bool may_take(const place& lock, std::int64_t connection, steady_time now);
    /// It has got it.
    void take(const place& lock, holder by);
    /// Somebody has it.
    void refuse(const place& lock, std::int64_t connection, steady_time now);
    void prolong(const place& lock, steady_time ends);
    void free(const place& lock, steady_time now);
    /// The connection will not ask for it again.
    void forget(const place& lock, std::int64_t connection, steady_time now);

    struct shown {
        place lock;
        holder by;
        std::size_t waiting = 0;
    };
    [[nodiscard]] std::vector<shown> all(steady_time now) const;
    [[nodiscard]] std::size_t held(steady_time now) const;
    /// Locks that something is known of.
    [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }

  private:
    struct attempt {
        std::int64_t connection;
        steady_time last;
        std::chrono::nanoseconds interval{0};  ///< between the last two; 0: only one so far

        [[nodiscard]] bool waits(steady_time now) const;
    };
    struct lock_state {
        std::optional<holder> by;
        std::deque<attempt> attempts;  // in the order of the first ones
    };

    static void drop_gone(lock_state& one, steady_time now);
    [[nodiscard]] lock_state* known(const place& lock);
    void tidy(std::map<place, lock_state>::iterator one, steady_time now);

    mutable std::mutex lock_;
    std::map<place, lock_state> all_;
    std::atomic<std::size_t> size_{0};
};

}  // namespace hawser::sessions
