// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "store/record.h"

namespace hawser::sessions {

/// What happens to whoever wants one session more than a user may have.
enum class user_full : std::uint8_t {
    refuse,      ///< is told so
    end_oldest,  ///< the user's oldest session ends
};

/// Which sessions of a namespace are whose, by hash of the user's key, for any worker. Whoever adds
/// and removes does so after the store has kept, or ended, the session.
class user_index {
  public:
    using session = std::array<std::uint64_t, 2>;  ///< the hash in its record_id

    /// What comes of a wish for one session more.
    struct claim {
        bool is_granted = true;
        std::vector<session> give_way = {};  ///< the oldest, taken out here; to be ended
    };
    /// Adds it, if the user then has no more than `most` (0: any number); exact, whoever else asks.
    [[nodiscard]] claim add(std::uint64_t user, const session& one, std::size_t most,
                            user_full answer);
    /// Adds one that a process before this one had, however many there may be: between those by
    /// when it was created, and before all that came since.
    void restore(std::uint64_t user, const session& one, steady_time created);
    /// It has ended; also of one that nobody has added.
    void remove(const session& one);

    /// The oldest first.
    [[nodiscard]] std::vector<session> of(std::uint64_t user) const;

    [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }

  private:
    struct place {
        session one;
        steady_time created;  ///< of one that was restored; else `no_deadline`
    };

    void put(std::uint64_t user, const place& what);

    mutable std::mutex lock_;
    std::unordered_map<std::uint64_t, std::vector<place>> by_user_;
    std::unordered_map<std::uint64_t, std::uint64_t> user_of_;  // by a session's first half
    std::atomic<std::size_t> size_{0};
};

}  // namespace hawser::sessions
