// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/entry.h"
#include "store/entry_index.h"
#include "store/expiry_wheel.h"
#include "store/journal.h"
#include "store/store.h"

namespace hawser::store {

/// The part of the memory store under one lock: what is decided for a record is decided here.
///
/// A lock is held for one record, or a bounded slice of them. What was replaced or has ended is
/// handed back, to be released without the lock.
class memory_shard {
  public:
    /// Calls `changed`, with its lock held, when there is something for `take_changes`; empty: it
    /// keeps no journal. Versions are greater than `begin`.
    memory_shard(block_heap& heap, occupancy& all, steady_time now, version begin,
                 std::function<void()> changed)
        : heap_(heap),
          all_(all),
          index_(heap),
          wheel_(now),
          version_(std::uint64_t(begin)),
          changed_(std::move(changed)) {}
    ~memory_shard();
    memory_shard(const memory_shard&) = delete;
    memory_shard& operator=(const memory_shard&) = delete;

    [[nodiscard]] finding read(const record_id& id, bool sees, steady_time now);

    void show(const record_id& id, bool sees, steady_time now, const store::look& look);
    /// Leaves in `replaced` what has to be released. Nothing: no room.
    [[nodiscard]] std::optional<revised> revise(const record_id& id, std::string_view name,
                                                std::string_view data, steady_time now,
                                                const store::decision& decide,
                                                entry::owner& replaced);

    /// Takes `what` if it is kept, and leaves in it what was there before. Nothing: no room.
    [[nodiscard]] std::optional<change> write(entry::owner& what, const expectation& on,
                                              steady_time now);
    /// Leaves a tombstone for `remembered`; 0: none.
    [[nodiscard]] change erase(const record_id& id, const expectation& on,
                               std::chrono::milliseconds remembered, entry::owner& ended,
                               steady_time now);
    [[nodiscard]] touch_effect touch(const record_id& id, const touching& how, steady_time now);
    /// How much is looked at with the lock held. Of names that alone are larger there is one.
    struct slice {
        std::size_t slots = 1;
        std::size_t bytes = 0;  ///< of names
    };
    /// Adds names of `in` from `from` on to `into`.
    entry_index::step scan(const space& in, std::uint64_t from, slice most,
                           std::vector<scanned>& into, steady_time now);

    /// Takes out what is over, until `most` were looked at or nothing more is due.
    std::size_t sweep(steady_time now, std::size_t most, std::vector<entry::owner>& ended);

    /// When the longest idle record of `in` was seen; `no_deadline`: there is none.
    [[nodiscard]] steady_time oldest(const space& in);
    /// Takes that record out.
    [[nodiscard]] entry::owner evict(const space& in);

    // The journal.

    /// Adds what is to be stored, `most` records of it at the most, and their bytes to `bytes`.
    /// True: there is more.
    [[nodiscard]] durability lasts_of(const record_id& id);
    bool take_changes(std::size_t most, std::vector<record_change>& into, std::size_t& bytes);
    void put_back(const record_id& id);
    entry_index::step put_back_all(const space& in, std::uint64_t from, std::size_t slots);
    void forget_covers(steady_time now);
    void restore(entry::owner what);

    // From process to process: `residents` has what these promise.

    bool hand_out(const std::function<bool(const entry& one)>& take);
    void take_in(entry::owner what, entry::owner& replaced);
    void put_in_order();
    [[nodiscard]] version last_version();
    void go_on_from(version last);

  private:
    [[nodiscard]] std::size_t slots_within(const space& in, std::uint64_t from, slice most) const;
    [[nodiscard]] entry* find_living(const record_id& id, steady_time now);
    [[nodiscard]] bool charge(space& in, std::int64_t records, std::int64_t bytes);
    void see(entry& one, steady_time now);
    void end_at(entry& one, steady_time expires, steady_time now);
    void write_over(entry& one, std::string_view data, const revision& by, steady_time now);
    void set_end(entry& one, steady_time before);
    void regrade(entry& one, const grade& as);
    void note_change(entry& one);
    void note_end(const entry& one);
    void note_seen(entry& one, steady_time now);
    void note_deadline(entry& one, steady_time before, steady_time now);
    void set_cover(entry& one, const cover& what);
    [[nodiscard]] const cover* cover_of(const entry& one) const;
    void put_down(const record_id& id, bool was_stored);
    void thin_out();
    void put_back_held(const record_id& id);
    static void count_light(const entry& one, bool is_there);
    void move_to_end(entry& one);
    void link(entry& one);
    void unlink(entry& one);
    void note_order(const entry& one);
    bool hand_out(entry& one, const std::function<bool(const entry& one)>& take);
    entry::owner take_out(entry& one);
    void put_in(entry::owner what, entry* former, entry::owner& before);
    [[nodiscard]] version next_version() { return version{++version_}; }

    std::mutex lock_;
    block_heap& heap_;
    occupancy& all_;
    entry_index index_;
    expiry_wheel wheel_;
    std::array<entry*, space::numbers_max> longest_idle_{};  // of each namespace: circular lists
    bool is_out_of_order_ = false;
    std::uint64_t version_;

    /// What is to be stored. One that has ended since and was never stored is nothing.
    struct pending {
        record_id id;
        bool was_stored = false;
    };
    std::function<void()> changed_;
    std::vector<pending> pending_;
    std::size_t thin_out_at_ = pending_at_first;
    std::unordered_map<std::uint64_t, cover> covers_;  ///< by half of the id; both are keyed hashes
    static constexpr std::size_t pending_at_first = 1024;
};

}  // namespace hawser::store
