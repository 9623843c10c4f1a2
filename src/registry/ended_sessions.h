// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "affinity/binding.h"
#include "base/clock.h"
#include "base/ids.h"
#include "registry/session.h"
#include "registry/ticks.h"

namespace hawser::registry {

/// Sessions that are over although their clients may carry them: what such a client shows leads to
/// no session any more, until nothing that was given to it can be valid. With each, why.
///
/// In parts by the id, each under its own lock, which is taken only where a part holds anything: so
/// they cost requests a relaxed load until a session is ended. Bounded; what is full takes none.
/// Half of the room is kept for those that an operator has ended: users log out all the time.
class ended_sessions {
  public:
    struct key {
        pool_id pool;
        session_id session;
        friend bool operator==(const key&, const key&) = default;
    };

    explicit ended_sessions(std::size_t most) : most_of_part_(most / parts + 1) {}

    /// `none`: it is not over.
    [[nodiscard]] affinity::cause why(pool_id pool, const session_id& session) const {
        const part& here = part_of(session);
        if (here.count.load(std::memory_order_relaxed) == 0) [[likely]]
            return affinity::cause::none;
        return here.find({pool, session});
    }
    /// False: there is no room for it.
    [[nodiscard]] bool add(const key& one, affinity::cause why, tick until, tick now);
    /// Drops what is over of one part after another.
    void drop_lapsed(tick now);

    static constexpr std::size_t parts = 64;
    /// All of that part that there are throughout: others have their turn meanwhile.
    [[nodiscard]] std::vector<ending> copy(std::size_t part, const instant& now) const;

  private:
    /// Ids are random, and sealed where clients carry them: nobody can choose where they lie.
    struct spread {
        std::size_t operator()(const key& one) const noexcept;
    };
    struct queue {
        std::deque<std::pair<tick, key>> all;
        std::uint64_t dropped = 0;  ///< before them
    };
    struct alignas(64) part {
        std::atomic<std::size_t> count{0};
        mutable std::mutex lock;
        std::unordered_map<key, affinity::cause, spread> all;
        // In which they came; those that were revoked have another term.
        queue asked_for;
        queue revoked;

        [[nodiscard]] affinity::cause find(const key& one) const;
        void drop_lapsed(tick now);
        void drop_lapsed(queue& of, tick now);
        /// From number `next` on as many of `of` as are copied under one lock; false: that was all.
        [[nodiscard]] bool copy(const queue& of, std::uint64_t& next, const instant& now,
                                std::vector<ending>& into) const;
    };

    [[nodiscard]] const part& part_of(const session_id& session) const {
        return parts_[session.bytes[0] % parts];
    }

    std::size_t most_of_part_;
    std::array<part, parts> parts_;
    std::atomic<std::size_t> next_{0};
};

}  // namespace hawser::registry
