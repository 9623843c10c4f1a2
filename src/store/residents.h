// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "store/entry.h"
#include "store/journal.h"
#include "store/store.h"

namespace hawser::store {

class memory_shard;

/// Records in this process's memory: what all stores that answer from it have in common.
///
/// Sharded by id; each call holds the lock of one shard for one record. Bytes are counted with all
/// that a record takes but its slot in the index, which is 11 to 21 bytes more, and the heap's
/// rounding; bounds are exact. Calls mean what `store` says of them.
class residents {
  public:
    struct settings {
        std::size_t records = 0;  ///< shards for about so many
        room most = {};           ///< for all namespaces together
        /// Greater than any version that was given out before this process.
        version begin = no_version;
        std::size_t heap_bytes = block_heap::most_bytes;  ///< but for large records
        bool keeps_journal = false;  ///< `take_changes` tells what is to be stored elsewhere
    };

    residents(const settings& given, steady_time now, std::function<void(const ending&)> tell);
    ~residents();

    [[nodiscard]] finding read(const record_id& id, bool sees, steady_time now);
    void show(const record_id& id, bool sees, steady_time now, const store::look& look);
    [[nodiscard]] result<revised> revise(const record_id& id, std::string_view name,
                                         std::string_view data, steady_time now,
                                         const store::decision& decide);
    [[nodiscard]] result<change> write(const record_id& id, const record& what,
                                       const expectation& on, steady_time now);
    [[nodiscard]] change erase(const record_id& id, const expectation& on,
                               std::chrono::milliseconds remembered, steady_time now);
    [[nodiscard]] touch_effect touch(const record_id& id, const touching& how, steady_time now);
    [[nodiscard]] page scan(space& in, cursor from, std::size_t count, steady_time now);
    bool sweep(steady_time now, std::size_t budget);

    [[nodiscard]] occupancy& held() noexcept { return held_; }
    /// Where its records lie.
    [[nodiscard]] block_heap& heap() noexcept { return heap_; }

    // For stores that keep a journal; by one thread at a time.

    /// The class of what is there; `memory` of nothing.
    [[nodiscard]] durability lasts_of(const record_id& id);
    /// Takes what has changed since it was taken last, until about `bytes` were copied. True: there
    /// may be more.
    bool take_changes(std::size_t bytes, std::vector<record_change>& into);
    /// What was taken could not be stored: it will be taken again.
    void put_back(const record_id& id);
    /// All of `in` that has to be stored will be taken again.
    void put_back_all(space& in);
    /// Has room again for touches of records that were not seen lately.
    void forget_covers(steady_time now);
    /// Puts in what was stored, unless something is there. It may be more than there is room for.
    void restore(entry::owner what);
    /// After those: makes the longest idle of each namespace known again.
    void put_in_order();

    // From one process to the next. Nobody else uses the one that gives; in the one that takes, the
    // namespaces of what comes are opening.

    /// Lets go of all records, and shows `take` those that only this memory has, tombstones
    /// included, each just before. False: `take` has said that it takes no more.
    bool hand_out(const std::function<bool(const entry& one)>& take);
    /// Puts in what another process had, in the place of what was stored. It may be more than there
    /// is room for. `put_in_order` comes after the last one.
    void take_in(entry::owner what);
    /// No version that was given out so far is greater.
    [[nodiscard]] version last_version() const;
    /// Those that will be given out are greater than `last`.
    void go_on_from(version last);

  private:
    [[nodiscard]] memory_shard& shard_of(const record_id& id) const;
    [[nodiscard]] bool make_room(space& in);
    void tell_if_over(const entry::owner& replaced, steady_time now);
    void tell_of_expiry(const entry& one);
    template <typename Done, typename Change>
    [[nodiscard]] result<Done> with_room(space& in, const Change& change);

    std::function<void(const ending&)> tell_;
    block_heap heap_;
    occupancy held_;
    change_marks marks_;
    std::vector<std::unique_ptr<memory_shard>> shards_;  // a power of two of them
    std::atomic<std::size_t> sweep_next_{0};
    std::atomic<std::size_t> evict_next_{0};
};

}  // namespace hawser::store
