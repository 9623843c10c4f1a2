// SPDX-License-Identifier: Apache-2.0
#include "store/memory_shard.h"

#include <algorithm>
#include <utility>

namespace hawser::store {

namespace {

/// Whether a writer who expects `on` may write over `there`; null: nothing is there.
outcome judge(const entry* there, const expectation& on) {
    using kind = expectation::kind;
    const bool is_living = there != nullptr && !there->is_tombstone;
    switch (on.what) {
        case kind::absent: return is_living ? outcome::differs : outcome::kept;
        case kind::present: return is_living ? outcome::kept : outcome::differs;
        case kind::exact: {
            const bool is_as_seen = is_living && there->version == on.seen &&
                                    (!on.expires || there->expires == *on.expires);
            return is_as_seen ? outcome::kept : outcome::differs;
        }
        case kind::any: break;
    }
    const bool has_ended = there != nullptr && there->is_tombstone && on.seen < there->version;
    return has_ended ? outcome::ended : outcome::kept;
}

/// In so few bits that they come again after some hours: then one is taken for the last too long,
/// for a second.
std::uint16_t seconds_of(steady_time when) {
    return std::uint16_t(std::chrono::floor<std::chrono::seconds>(when.time_since_epoch()).count());
}

version version_of(const entry* there) { return there == nullptr ? no_version : there->version; }

}  // namespace

memory_shard::~memory_shard() {
    index_.walk(0, std::size_t{1} << entry_index::prefix_bits,
                [this](const entry& one) { entry::release{&heap_}(const_cast<entry*>(&one)); });
}

/// What is over counts as gone although the wheel has not come to it; it stays until it does.
entry* memory_shard::find_living(const record_id& id, steady_time now) {
    entry* found = index_.find(id);
    return found != nullptr && found->ends() > now ? found : nullptr;
}

finding memory_shard::read(const record_id& id, bool sees, steady_time now) {
    const std::scoped_lock held(lock_);
    entry* found = find_living(id, now);
    if (found == nullptr) return {};
    if (found->is_tombstone) return {.record = std::nullopt, .at = found->version};
    if (sees) see(*found, now);
    return {.record = found->view().copy(), .at = found->version};
}

void memory_shard::show(const record_id& id, bool sees, steady_time now, const store::look& look) {
    const std::scoped_lock held(lock_);
    entry* found = find_living(id, now);
    if (found == nullptr || found->is_tombstone) return look(nullptr, version_of(found));
    if (sees) see(*found, now);
    const record_view there = found->view();
    look(&there, found->version);
}

std::optional<revised> memory_shard::revise(const record_id& id, std::string_view name,
                                            std::string_view data, steady_time now,
                                            const store::decision& decide, entry::owner& replaced) {
    using what = revision::what;
    const std::scoped_lock held(lock_);
    entry* there = index_.find(id);
    entry* living = there != nullptr && there->ends() > now ? there : nullptr;
    const bool was_record = there != nullptr && !there->is_tombstone;
    const bool is_there = living != nullptr && was_record;
    const record_view shown = is_there ? living->view() : record_view();
    const revision by = decide(is_there ? &shown : nullptr, version_of(living));
    if (by.is == what::leave || (by.is == what::touch && !is_there))
        return revised{.was = what::leave, .at = version_of(living)};
    if (by.is == what::touch) {
        const bool shortens = by.life.expires < living->expires;
        end_at(*living, by.life.expires, now);
        return revised{.was = what::touch,
                       .at = living->version,
                       .unsettled = shortens ? living->lasts : durability::memory};
    }
    // A change is as safe as the safer of what was there and what is: else the former comes back.
    const durability unsettled = std::max(by.lasts, is_there ? living->lasts : durability::memory);
    if (is_there && living->name_size == name.size() &&
        living->has_room_for(name.size() + data.size())) {
        if (!charge(*id.in, 0, std::int64_t(data.size()) - std::int64_t(living->data_size)))
            return std::nullopt;
        write_over(*living, data, by, now);
        return revised{.was = what::write, .at = living->version, .unsettled = unsettled};
    }
    const auto bytes_before = there == nullptr ? 0 : std::int64_t(there->bytes());
    const auto bytes = std::int64_t(entry::bytes_for(name.size(), data.size()));
    entry::owner made = entry::make(&heap_, id, name, data);
    if (made == nullptr || !charge(*id.in, was_record ? 0 : 1, bytes - bytes_before))
        return std::nullopt;
    made->set_life(by.life);
    made->user = by.user;
    made->flags = by.flags;
    made->lasts = by.lasts;
    made->version = next_version();
    made->seen = now;
    made->created = is_there ? living->created : now;
    const revised done{.was = what::write, .at = made->version, .unsettled = unsettled};
    put_in(std::move(made), there, replaced);
    return done;
}

/// Puts other data into a record that has room for it, and all that a write brings.
void memory_shard::write_over(entry& one, std::string_view data, const revision& by,
                              steady_time now) {
    const steady_time before = one.ends();
    if (one.lasts != by.lasts) count_light(one, false);
    one.replace_data(data);
    one.set_life(by.life);
    one.user = by.user;
    one.flags = by.flags;
    if (std::exchange(one.lasts, by.lasts) != by.lasts) count_light(one, true);
    one.version = next_version();
    one.seen = now;
    move_to_end(one);
    set_end(one, before);
    note_change(one);
}

/// An end that is put off moves nobody in the wheel: it is found out when the former one comes.
void memory_shard::set_end(entry& one, steady_time before) {
    if (one.ends() >= before) return;
    wheel_.unfile(one);
    wheel_.file(one, one.ends());
}

void memory_shard::regrade(entry& one, const grade& as) {
    count_light(one, false);
    one.lasts = as.lasts;
    one.flags = as.flags;
    count_light(one, true);
    note_change(one);
}

void memory_shard::end_at(entry& one, steady_time expires, steady_time now) {
    const steady_time before = one.ends();
    const steady_time present = std::exchange(one.expires, expires);
    note_deadline(one, present, now);
    see(one, now);
    set_end(one, before);
}

std::optional<change> memory_shard::write(entry::owner& what, const expectation& on,
                                          steady_time now) {
    const std::scoped_lock held(lock_);
    const record_id id{.in = what->in, .hash = what->hash};
    entry* there = index_.find(id);
    const entry* living = there != nullptr && there->ends() > now ? there : nullptr;
    if (const auto judged = judge(living, on); judged != outcome::kept)
        return change{.outcome = judged, .at = version_of(living)};

    const bool was_record = there != nullptr && !there->is_tombstone;
    const auto bytes_before = there == nullptr ? 0 : std::int64_t(there->bytes());
    if (!charge(*what->in, was_record ? 0 : 1, std::int64_t(what->bytes()) - bytes_before))
        return std::nullopt;
    what->version = next_version();
    what->seen = now;
    what->created = living != nullptr && was_record ? living->created : now;
    const change done{.outcome = outcome::kept, .at = what->version, .lasts = what->lasts};
    put_in(std::move(what), there, what);
    return done;
}

change memory_shard::erase(const record_id& id, const expectation& on,
                           std::chrono::milliseconds remembered, entry::owner& ended,
                           steady_time now) {
    const std::scoped_lock held(lock_);
    entry* there = find_living(id, now);
    const bool is_living = there != nullptr && !there->is_tombstone;
    if (!is_living || judge(there, on) != outcome::kept)
        return {.outcome = outcome::differs, .at = version_of(there)};
    const change done{.outcome = outcome::kept, .at = next_version(), .lasts = there->lasts};
    const auto bytes = std::int64_t(there->bytes());
    if (remembered.count() == 0) {
        (void)charge(*there->in, -1, -bytes);
        ended = take_out(*there);
        return done;
    }
    // A tombstone is no larger than what it stands for, so there is always room.
    (void)charge(*there->in, -1, std::int64_t(entry::bytes_for(0, 0)) - bytes);
    const auto mark = [&](entry& one) {
        one.is_tombstone = true;
        one.set_life({.expires = now + remembered});
        one.version = done.at;
        one.created = one.seen = now;
        one.lasts = done.lasts;
    };
    if (entry::owner made = entry::make(&heap_, id, {}, {})) {
        mark(*made);
        put_in(std::move(made), there, ended);
        return done;
    }
    // No block is left: what was there becomes its own tombstone, in one that is larger than that.
    wheel_.unfile(*there);
    unlink(*there);
    count_light(*there, false);
    there->wipe();
    mark(*there);
    wheel_.file(*there, there->ends());
    note_change(*there);
    return done;
}

touch_effect memory_shard::touch(const record_id& id, const touching& how, steady_time now) {
    const std::scoped_lock held(lock_);
    entry* found = find_living(id, now);
    if (found == nullptr || found->is_tombstone) return {};
    const steady_time present = found->expires;
    if (how.seen != no_version && how.seen != found->version)
        return {.told = {.exists = true, .changed = false}};
    if (!how.holds(present)) return {.told = {.exists = true, .changed = false}};
    const steady_time expires = how.keeps_deadline ? present : how.expires;
    end_at(*found, expires, now);
    const durability before = found->lasts;
    if (how.as) regrade(*found, *how.as);
    return {.told = {.exists = true, .changed = true},
            .must_settle = expires < present || how.as,
            .lasts = std::max(before, found->lasts)};
}

/// Names are somebody else's choice, and as large as a record may be: copying many of them would
/// hold a worker. A walk ends between two slots only, so they are counted before.
std::size_t memory_shard::slots_within(const space& in, std::uint64_t from, slice most) const {
    for (std::size_t slots = most.slots; slots > 1; slots = (slots + 3) / 4) {
        std::size_t bytes = 0;
        (void)index_.walk(from, slots, [&](const entry& one) {
            if (one.in == &in) bytes += one.name_size;
        });
        if (bytes <= most.bytes) return slots;
    }
    return 1;
}

entry_index::step memory_shard::scan(const space& in, std::uint64_t from, slice most,
                                     std::vector<scanned>& into, steady_time now) {
    const std::scoped_lock held(lock_);
    return index_.walk(from, slots_within(in, from, most), [&](const entry& one) {
        if (one.in != &in || one.is_tombstone || one.ends() <= now) return;
        into.push_back({.name = std::string(one.name()), .flags = one.flags});
    });
}

std::size_t memory_shard::sweep(steady_time now, std::size_t most,
                                std::vector<entry::owner>& ended) {
    const std::scoped_lock held(lock_);
    std::size_t looked = 0;
    for (; looked < most; ++looked) {
        entry* taken = wheel_.take(now);
        if (taken == nullptr) break;
        if (taken->ends() > now) {
            wheel_.file(*taken, taken->ends());
            continue;
        }
        (void)charge(*taken->in, taken->is_tombstone ? 0 : -1, -std::int64_t(taken->bytes()));
        ended.push_back(take_out(*taken));
    }
    return looked;
}

steady_time memory_shard::oldest(const space& in) {
    const std::scoped_lock held(lock_);
    const entry* first = longest_idle_[in.number()];
    return first == nullptr ? no_deadline : first->seen;
}

entry::owner memory_shard::evict(const space& in) {
    const std::scoped_lock held(lock_);
    entry* first = longest_idle_[in.number()];
    if (first == nullptr) return nullptr;
    (void)charge(*first->in, -1, -std::int64_t(first->bytes()));
    return take_out(*first);
}

bool memory_shard::charge(space& in, std::int64_t records, std::int64_t bytes) {
    if (records == 0 && bytes == 0) return true;
    if (!in.held.change(records, bytes)) return false;
    if (all_.change(records, bytes)) return true;
    (void)in.held.change(-records, -bytes);
    return false;
}

void memory_shard::see(entry& one, steady_time now) {
    one.seen = std::max(one.seen, now);
    if (one.idle.get().count() != 0) note_seen(one, now);
    move_to_end(one);
}

/// It was seen last of its namespace. Whoever came to the end a moment ago stays where he is: that
/// spares most reads of a busy session its neighbours.
void memory_shard::move_to_end(entry& one) {
    if (one.linked_at == seconds_of(one.seen)) return;
    if (one.newer == longest_idle_[one.in->number()]) return;  // it is the last already
    unlink(one);
    link(one);
}

void memory_shard::count_light(const entry& one, bool is_there) {
    if (one.is_tombstone || one.lasts != durability::memory) return;
    one.in->light.fetch_add(is_there ? 1 : ~std::uint64_t{0}, std::memory_order_relaxed);
}

/// Puts a record at the end of its namespace's list: it was seen last.
void memory_shard::link(entry& one) {
    entry*& first = longest_idle_[one.in->number()];
    one.linked_at = seconds_of(one.seen);
    if (first == nullptr) {
        one.newer = &one;
        one.older = &one;
        first = &one;
        return;
    }
    one.newer = first;
    one.older = first->older.get();
    first->older->newer = &one;
    first->older = &one;
}

void memory_shard::unlink(entry& one) {
    entry*& first = longest_idle_[one.in->number()];
    if (one.newer == &one) {
        first = nullptr;
        return;
    }
    one.older->newer = one.newer.get();
    one.newer->older = one.older.get();
    if (first == &one) first = one.newer.get();
}

entry::owner memory_shard::take_out(entry& one) {
    wheel_.unfile(one);
    if (!one.is_tombstone) unlink(one);
    count_light(one, false);
    index_.erase(one);
    note_end(one);
    return entry::owner(&one, entry::release{&heap_});
}

void memory_shard::put_in(entry::owner what, entry* former, entry::owner& before) {
    entry& one = *what.release();
    if (former == nullptr) {
        index_.insert(one);
        before.reset();
    } else {
        wheel_.unfile(*former);
        count_light(*former, false);
        if (!former->is_tombstone) unlink(*former);
        index_.replace(*former, one);
        one.is_stored = former->is_stored;
        one.has_changed = former->has_changed;
        one.is_touched = former->is_touched;
        before = entry::owner(former, entry::release{&heap_});
    }
    count_light(one, true);
    if (!one.is_tombstone) link(one);
    wheel_.file(one, one.ends());
    note_change(one);
}

}  // namespace hawser::store
