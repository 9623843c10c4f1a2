// SPDX-License-Identifier: Apache-2.0
// Records that leave for another process, and that come from one.

#include <algorithm>
#include <utility>
#include <vector>

#include "store/memory_shard.h"

namespace hawser::store {

bool memory_shard::hand_out(const std::function<bool(const entry& one)>& take) {
    const std::scoped_lock held(lock_);
    for (entry* const& first : longest_idle_)
        while (first != nullptr)
            if (!hand_out(*first, take)) return false;
    std::vector<entry*> tombstones;
    index_.walk(0, std::size_t{1} << entry_index::prefix_bits,
                [&](const entry& one) { tombstones.push_back(const_cast<entry*>(&one)); });
    return std::ranges::all_of(tombstones, [&](entry* one) { return hand_out(*one, take); });
}

/// What is on the disk as it is here, the other process finds there.
bool memory_shard::hand_out(entry& one, const std::function<bool(const entry& one)>& take) {
    (void)charge(*one.in, one.is_tombstone ? 0 : -1, -std::int64_t(one.bytes()));
    wheel_.unfile(one);
    if (!one.is_tombstone) unlink(one);
    count_light(one, false);
    index_.erase(one);
    const entry::owner mine(&one, entry::release{&heap_});
    const bool is_on_disk = one.is_stored && !one.has_changed && !one.is_touched;
    return is_on_disk || take(one);
}

void memory_shard::take_in(entry::owner what, entry::owner& replaced) {
    const std::scoped_lock held(lock_);
    entry* there = index_.find({.in = what->in, .hash = what->hash});
    const auto counted = [](const entry& one) { return one.is_tombstone ? 0 : 1; };
    const std::int64_t records = counted(*what) - (there != nullptr ? counted(*there) : 0);
    const std::int64_t bytes =
        std::int64_t(what->bytes()) - (there != nullptr ? std::int64_t(there->bytes()) : 0);
    what->in->held.add(records, bytes);
    all_.add(records, bytes);
    if (!changed_) what->lasts = durability::memory;
    version_ = std::max(version_, std::uint64_t(what->version));
    note_order(*what);
    put_in(std::move(what), there, replaced);
}

/// Whether it will be the last of its namespace's list, though others were seen later.
void memory_shard::note_order(const entry& one) {
    const entry* first = longest_idle_[one.in->number()];
    if (!one.is_tombstone && first != nullptr && one.seen < first->older->seen)
        is_out_of_order_ = true;
}

void memory_shard::put_in_order() {
    const std::scoped_lock held(lock_);
    if (!std::exchange(is_out_of_order_, false)) return;
    for (entry*& first : longest_idle_) {
        std::vector<entry*> all;
        for (entry* one = first; one != nullptr && (all.empty() || one != first);
             one = one->newer.get())
            all.push_back(one);
        std::ranges::sort(all, {}, [](const entry* one) { return one->seen; });
        first = nullptr;
        for (entry* one : all) link(*one);
    }
}

version memory_shard::last_version() {
    const std::scoped_lock held(lock_);
    return version{version_};
}

void memory_shard::go_on_from(version last) {
    const std::scoped_lock held(lock_);
    version_ = std::max(version_, std::uint64_t(last));
}

}  // namespace hawser::store
