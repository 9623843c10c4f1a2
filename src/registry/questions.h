// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "registry/registry.h"

namespace hawser::registry {

/// How many sessions would move, each counted once: by the first of these that it is.
struct impact {
    std::uint64_t with_tunnel = 0;
    std::uint64_t active = 0;  ///< a request in flight, or one not long ago
    std::uint64_t idle = 0;
    std::uint64_t tentative = 0;  ///< may never come back

    [[nodiscard]] std::uint64_t total() const { return with_tunnel + active + idle + tentative; }
    friend bool operator==(const impact&, const impact&) = default;
};

/// Which sessions would lose their home if these servers went away? Asked in slices, so that
/// whoever asks can do other things between them.
class impact_question {
  public:
    /// `idle_after`: without a request for so long, a session is idle.
    impact_question(std::vector<server_id> homes, std::chrono::seconds idle_after);

    /// Looks at some more sessions (at most about 4,000). True when all have been looked at.
    bool advance(const registry& sessions, steady_time now);

    [[nodiscard]] const impact& so_far() const { return found_; }

  private:
    std::vector<server_id> homes_;  // sorted
    std::chrono::seconds idle_after_;
    cursor at_;
    impact found_;
};

/// The whole answer at once, for callers that may take their time (half a second for 10 million).
[[nodiscard]] impact would_move(const registry& sessions, std::vector<server_id> homes,
                                std::chrono::seconds idle_after, steady_time now);

/// For how long are the established sessions of each pool idle? Asked in slices, again and again:
/// it tells of the last time that all were looked at.
class idle_question {
  public:
    /// Looks at some more sessions (at most about 4,000). True when that were the last: then `told`
    /// is of all of them, and the next call begins anew.
    bool advance(const registry& sessions, steady_time now);

    /// Of one pool; null: it has none, or not all have been looked at yet.
    [[nodiscard]] const histogram* told(pool_id pool) const;

  private:
    using histograms = std::unordered_map<pool_id, histogram>;

    cursor at_;
    histograms so_far_;
    histograms told_;
};

}  // namespace hawser::registry
