// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "store/entry.h"
#include "store/store.h"

namespace hawser::store {

/// What a touch has done, and whether that must not be undone, as it takes time away or has made
/// the record another class's.
struct touch_effect {
    touched told;
    bool must_settle = false;
    durability lasts = durability::memory;  ///< the record's class
};

/// How far ahead touches are stored: a record that is seen again and again is stored once in that
/// time, and after a crash seems to have been seen at most so much later than it was.
inline constexpr auto touch_cover = std::chrono::seconds(10);

/// What is stored beside a record so that touches need not be, for a while.
struct cover {
    steady_time seen;     ///< as if it had been seen then
    steady_time expires;  ///< as if the application had said so; for `version` only
    hawser::store::version version = no_version;
    steady_time until;  ///< it is of use
};

/// What is to be stored of a record, as it is now: itself (its tombstone), or what covers touches
/// of it, or, with neither, that nothing is there.
struct record_change {
    record_id id;
    entry::owner record;
    std::optional<cover> touches;
};

/// Which shards have something to take. Any thread sets, one takes.
class change_marks {
  public:
    explicit change_marks(std::size_t shards) : words_((shards + 63) / 64) {}

    void set(std::size_t shard) noexcept {
        words_[shard / 64].fetch_or(std::uint64_t{1} << (shard % 64), std::memory_order_release);
    }

    /// Calls `visit(shard)` for those that were set, which are not any more.
    template <typename Visit>
    void take(Visit&& visit) {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            std::uint64_t left = words_[i].exchange(0, std::memory_order_acquire);
            for (; left != 0; left &= left - 1) visit(i * 64 + std::size_t(std::countr_zero(left)));
        }
    }

  private:
    std::vector<std::atomic<std::uint64_t>> words_;
};

}  // namespace hawser::store
