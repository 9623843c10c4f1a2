// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <unordered_set>

#include "base/ids.h"
#include "registry/ticks.h"

namespace hawser::registry {

/// Sessions that somebody has ended although their clients carry them: what such a client shows
/// leads to no session any more, until nothing that was given to it can be valid.
///
/// In parts by the id, each under its own lock, which is taken only where a part holds anything: so
/// they cost requests a relaxed load until somebody ends sessions. Bounded; what is full takes
/// none.
class ended_sessions {
  public:
    explicit ended_sessions(std::size_t most) : most_of_part_(most / parts + 1) {}

    [[nodiscard]] bool holds(pool_id pool, const session_id& session) const;
    /// False: there is no room for it.
    [[nodiscard]] bool add(pool_id pool, const session_id& session, tick until, tick now);
    /// Drops what is over of one part after another.
    void drop_lapsed(tick now);

  private:
    static constexpr std::size_t parts = 64;

    struct key {
        pool_id pool;
        session_id session;
        friend bool operator==(const key&, const key&) = default;
    };
    /// Ids are random, and sealed where clients carry them: nobody can choose where they lie.
    struct spread {
        std::size_t operator()(const key& one) const noexcept;
    };
    struct alignas(64) part {
        std::atomic<std::size_t> count{0};
        mutable std::mutex lock;
        std::unordered_set<key, spread> all;
        std::deque<std::pair<tick, key>> in_order;  // in which they came

        void drop_lapsed(tick now);
    };

    std::size_t most_of_part_;
    std::array<part, parts> parts_;
    std::atomic<std::size_t> next_{0};
};

}  // namespace hawser::registry
