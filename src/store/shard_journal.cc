// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <tuple>

#include "store/memory_shard.h"

/// What a shard has to have stored elsewhere. All of it is by what is there when it is taken, not
/// by what happened: whoever changes a record twice before that has it stored once, and what could
/// not be stored is simply taken again.
namespace hawser::store {

namespace {

constexpr std::size_t bytes_at_once = 64 * 1024;  // copied under one lock; and one record

/// Where a record's cover is found: its id is a keyed hash, so halves of two do not meet.
std::uint64_t cover_key(const record_id& id) {
    return id.hash[1] ^ (std::uint64_t{id.in->number()} + 1) * 0x9e3779b97f4a7c15U;
}

record_id id_of(const entry& one) { return {.in = one.in, .hash = one.hash}; }

steady_time later(steady_time when, steady_time::duration by) {
    return when > no_deadline - by ? no_deadline : when + by;
}

entry::owner clone_of(const entry& one) {
    auto made = entry::make(nullptr, id_of(one), one.name(), one.data());
    made->version = one.version;
    made->created = one.created;
    made->seen = one.seen;
    made->set_life(one.life());
    made->user = one.user;
    made->lasts = one.lasts;
    made->flags = one.flags;
    made->is_tombstone = one.is_tombstone;
    return made;
}

}  // namespace

void memory_shard::put_down(const record_id& id, bool was_stored) {
    pending_.push_back({.id = id, .was_stored = was_stored});
    if (pending_.size() >= thin_out_at_) thin_out();
    changed_();
}

/// While nothing can be stored, what comes and goes must not pile up: no more stays than there are
/// records here and in the store.
void memory_shard::thin_out() {
    const auto by_id = [](const pending& one) {
        return std::tuple(one.id.hash, one.id.in->number(), !one.was_stored);
    };
    std::ranges::sort(pending_, {}, by_id);
    const auto twins = std::ranges::unique(pending_, {}, &pending::id);
    pending_.erase(twins.begin(), twins.end());
    std::erase_if(pending_, [this](const pending& one) {
        return !one.was_stored && index_.find(one.id) == nullptr;
    });
    thin_out_at_ = std::max(pending_at_first, 2 * pending_.size());
}

/// A record, or its tombstone, has come in the place of what was there.
void memory_shard::note_change(entry& one) {
    if (!changed_) return;
    if (one.is_tombstone) covers_.erase(cover_key(id_of(one)));
    if (one.lasts == durability::memory && !one.is_stored) return;
    if (one.has_changed) return;
    one.has_changed = true;
    put_down(id_of(one), one.is_stored);
}

/// Nothing is in its place any more.
void memory_shard::note_end(const entry& one) {
    if (!changed_) return;
    covers_.erase(cover_key(id_of(one)));
    if (one.is_stored) put_down(id_of(one), true);
}

const cover* memory_shard::cover_of(const entry& one) const {
    const auto found = covers_.find(cover_key(id_of(one)));
    return found == covers_.end() ? nullptr : &found->second;
}

void memory_shard::set_cover(entry& one, const cover& what) {
    covers_.insert_or_assign(cover_key(id_of(one)), what);
    if (one.is_touched) return;
    one.is_touched = true;
    put_down(id_of(one), one.is_stored);
}

void memory_shard::note_seen(entry& one, steady_time now) {
    if (!changed_ || one.lasts == durability::memory) return;
    const cover* there = cover_of(one);
    // A power cut may undo what was stored last.
    if (there != nullptr && now + touch_cover / 5 <= there->seen) return;
    const bool holds = there != nullptr && there->version == one.version;
    set_cover(one, {.seen = now + touch_cover,
                    .expires = holds ? there->expires : one.expires,
                    .version = one.version,
                    .until = now + touch_cover});
}

/// Its deadline was `before`. An earlier one is stored as it is: it must hold after a crash too.
void memory_shard::note_deadline(entry& one, steady_time before, steady_time now) {
    if (!changed_ || one.lasts == durability::memory) return;
    const steady_time given = one.expires;
    const cover* there = cover_of(one);
    const bool holds = there != nullptr && there->version == one.version;
    if (given >= before && holds && given <= there->expires) return;
    set_cover(one, {.seen = there != nullptr ? std::max(there->seen, now) : now,
                    .expires = given < before ? given : later(given, touch_cover),
                    .version = one.version,
                    .until = now + touch_cover});
}

bool memory_shard::take_changes(std::size_t most, std::vector<record_change>& into,
                                std::size_t& bytes) {
    const std::scoped_lock held(lock_);
    const std::size_t stop = bytes + bytes_at_once;
    for (; !pending_.empty() && most > 0 && bytes < stop; --most) {
        const pending next = pending_.back();
        pending_.pop_back();
        entry* there = index_.find(next.id);
        if (there == nullptr) {
            if (next.was_stored) into.push_back({.id = next.id, .record = {}, .touches = {}});
            continue;
        }
        if (!there->has_changed && !there->is_touched) continue;  // it was taken already
        record_change taken{.id = next.id, .record = {}, .touches = {}};
        if (there->is_touched && !there->is_tombstone) {
            const cover* known = cover_of(*there);
            taken.touches = known != nullptr ? *known
                                             : cover{.seen = there->seen,
                                                     .expires = there->expires,
                                                     .version = there->version,
                                                     .until = {}};
        }
        if (there->has_changed) taken.record = clone_of(*there);
        there->is_touched = there->has_changed = false;
        const bool leaves_memory = there->lasts != durability::memory;
        if (!leaves_memory) {
            taken.record.reset();
            taken.touches.reset();
        }
        there->is_stored = leaves_memory;
        bytes += there->bytes();
        into.push_back(std::move(taken));
    }
    if (pending_.empty()) thin_out_at_ = pending_at_first;
    return !pending_.empty();
}

durability memory_shard::lasts_of(const record_id& id) {
    const std::scoped_lock held(lock_);
    const entry* there = index_.find(id);
    return there == nullptr ? durability::memory : there->lasts;
}

void memory_shard::put_back(const record_id& id) {
    const std::scoped_lock held(lock_);
    put_back_held(id);
}

void memory_shard::put_back_held(const record_id& id) {
    if (entry* there = index_.find(id); there != nullptr) {
        there->has_changed = true;
        there->is_touched = cover_of(*there) != nullptr;
    }
    put_down(id, true);
}

entry_index::step memory_shard::put_back_all(const space& in, std::uint64_t from,
                                             std::size_t slots) {
    const std::scoped_lock held(lock_);
    return index_.walk(from, slots, [&](const entry& one) {
        if (one.in != &in || one.lasts == durability::memory) return;
        auto& there = const_cast<entry&>(one);
        there.has_changed = true;
        there.is_touched = cover_of(one) != nullptr;
        put_down(id_of(one), true);
    });
}

void memory_shard::forget_covers(steady_time now) {
    const std::scoped_lock held(lock_);
    std::erase_if(covers_, [now](const auto& each) { return each.second.until <= now; });
}

void memory_shard::restore(entry::owner what) {
    const std::scoped_lock held(lock_);
    const record_id id = id_of(*what);
    if (index_.find(id) != nullptr) {  // newer: what was stored is to be replaced by it
        put_back_held(id);
        return;
    }
    entry& one = *what.release();
    one.in->held.add(one.is_tombstone ? 0 : 1, std::int64_t(one.bytes()));
    all_.add(one.is_tombstone ? 0 : 1, std::int64_t(one.bytes()));
    version_ = std::max(version_, std::uint64_t(one.version));
    one.is_stored = true;
    count_light(one, true);
    note_order(one);
    index_.insert(one);
    if (!one.is_tombstone) link(one);
    wheel_.file(one, one.ends());
}

}  // namespace hawser::store
