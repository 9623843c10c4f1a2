// SPDX-License-Identifier: Apache-2.0
#include "store/residents.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

#include "store/memory_shard.h"

namespace hawser::store {

namespace {

constexpr std::size_t shards_min = 64;  // workers seldom meet in one
constexpr std::size_t shards_max = 4096;
constexpr std::size_t records_a_shard = 16'384;       // an index of so many grows in 0.2 ms
constexpr std::size_t shards_compared = 64;           // for the longest idle record
constexpr std::size_t evictions_at_once = 64;         // for one write; then it is refused
constexpr std::size_t slots_scanned_max = 4096;       // by one call
constexpr std::size_t bytes_scanned_max = 64 * 1024;  // of names, by one call
constexpr std::size_t swept_of_shard = 64;            // under one lock

constexpr std::size_t changes_at_once = 64;  // taken under one lock

constexpr std::uint64_t prefix_mask = entry_index::prefix_end - 1;

std::size_t shards_for(std::size_t records) {
    return std::clamp(std::bit_ceil(records / records_a_shard + 1), shards_min, shards_max);
}

cursor cursor_at(std::size_t shard, std::uint64_t prefix) {
    return cursor{std::uint64_t(shard) << entry_index::prefix_bits | prefix};
}

}  // namespace

residents::residents(const settings& given, steady_time now,
                     std::function<void(const ending&)> tell)
    : tell_(std::move(tell)),
      heap_(given.heap_bytes),
      held_(given.most),
      marks_(shards_for(given.records)) {
    const std::size_t count = shards_for(given.records);
    shards_.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        shards_.push_back(std::make_unique<memory_shard>(
            heap_, held_, now, given.begin,
            given.keeps_journal ? std::function<void()>([this, i] { marks_.set(i); })
                                : std::function<void()>()));
}

residents::~residents() = default;

memory_shard& residents::shard_of(const record_id& id) const {
    return *shards_[id.hash[0] & (shards_.size() - 1)];
}

finding residents::read(const record_id& id, bool sees, steady_time now) {
    return shard_of(id).read(id, sees, now);
}

void residents::show(const record_id& id, bool sees, steady_time now, const store::look& look) {
    shard_of(id).show(id, sees, now, look);
}

result<change> residents::write(const record_id& id, const record& what, const expectation& on,
                                steady_time now) {
    entry::owner made;
    auto done = with_room<change>(*id.in, [&]() -> std::optional<change> {
        if (made == nullptr) made = entry::make(&heap_, id, what.name, what.data);
        if (made == nullptr) return std::nullopt;
        made->set_life(what.life);
        made->user = what.user;
        made->flags = what.flags;
        made->lasts = what.lasts;
        return shard_of(id).write(made, on, now);
    });
    if (done && done->outcome == outcome::kept) tell_if_over(made, now);
    return done;
}

/// What was replaced may have been over, with nobody having noticed so far.
void residents::tell_if_over(const entry::owner& replaced, steady_time now) {
    if (replaced != nullptr && !replaced->is_tombstone && replaced->ends() <= now)
        tell_of_expiry(*replaced);
}

void residents::tell_of_expiry(const entry& one) {
    one.in->expired.fetch_add(1, std::memory_order_relaxed);
    tell_({.in = *one.in, .name = std::string(one.name()), .why = end_cause::expired});
}

result<revised> residents::revise(const record_id& id, std::string_view name, std::string_view data,
                                  steady_time now, const store::decision& decide) {
    entry::owner replaced;  // released without the lock
    auto done = with_room<revised>(
        *id.in, [&] { return shard_of(id).revise(id, name, data, now, decide, replaced); });
    tell_if_over(replaced, now);
    return done;
}

/// What `change` says, which says nothing where there is no room: others make it, if they may.
template <typename Done, typename Change>
result<Done> residents::with_room(space& in, const Change& change) {
    for (std::size_t evictions = 0;; ++evictions) {
        if (const auto done = change()) return *done;
        const bool may = in.answer() == when_full::evict && evictions < evictions_at_once;
        if (may && make_room(in)) continue;
        in.refused.fetch_add(1, std::memory_order_relaxed);
        return fail(errc::exhausted, "the namespace, or the store, is full");
    }
}

/// The longest idle of those that lead their shards' lists makes room; with 64 shards or fewer that
/// is the longest idle of all.
bool residents::make_room(space& in) {
    const std::size_t compared = std::min(shards_.size(), shards_compared);
    const std::size_t begin = evict_next_.fetch_add(compared, std::memory_order_relaxed);
    memory_shard* chosen = nullptr;
    steady_time soonest = no_deadline;
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        if (i >= compared && chosen != nullptr) break;
        auto& one = *shards_[(begin + i) & (shards_.size() - 1)];
        const steady_time seen = one.oldest(in);
        if (seen >= soonest) continue;
        soonest = seen;
        chosen = &one;
    }
    if (chosen == nullptr) return false;
    const auto victim = chosen->evict(in);
    if (victim == nullptr) return true;  // another one has made room meanwhile
    in.evicted.fetch_add(1, std::memory_order_relaxed);
    tell_({.in = in, .name = std::string(victim->name()), .why = end_cause::evicted});
    return true;
}

change residents::erase(const record_id& id, const expectation& on,
                        std::chrono::milliseconds remembered, steady_time now) {
    entry::owner ended;
    return shard_of(id).erase(id, on, remembered, ended, now);
}

touch_effect residents::touch(const record_id& id, const touching& how, steady_time now) {
    return shard_of(id).touch(id, how, now);
}

page residents::scan(space& in, cursor from, std::size_t count, steady_time now) {
    page made;
    auto shard = std::size_t(std::uint64_t(from) >> entry_index::prefix_bits);
    std::uint64_t prefix = std::uint64_t(from) & prefix_mask;
    const std::size_t slots = std::clamp(count, std::size_t{1}, slots_scanned_max);
    std::size_t bytes = 0;
    for (std::size_t looked = 0; shard < shards_.size();) {
        const bool is_full = made.found.size() >= count || bytes >= bytes_scanned_max;
        if (is_full || looked >= slots_scanned_max) {
            made.next = cursor_at(shard, prefix);
            break;
        }
        const std::size_t before = made.found.size();
        const auto step = shards_[shard]->scan(
            in, prefix, {.slots = slots, .bytes = bytes_scanned_max - bytes}, made.found, now);
        for (const auto& each : std::span(made.found).subspan(before)) bytes += each.name.size();
        looked += step.looked;
        prefix = step.next;
        if (prefix < entry_index::prefix_end) continue;
        prefix = 0;
        ++shard;
    }
    return made;
}

bool residents::sweep(steady_time now, std::size_t budget) {
    std::size_t clean = 0;  // shards in a row with nothing due
    std::vector<entry::owner> ended;
    while (clean < shards_.size() && budget > 0) {
        auto& one = *shards_[sweep_next_.load(std::memory_order_relaxed) & (shards_.size() - 1)];
        const std::size_t most = std::min(budget, swept_of_shard);
        const std::size_t looked = one.sweep(now, most, ended);
        for (const auto& each : ended) {
            if (!each->is_tombstone) tell_of_expiry(*each);
        }
        ended.clear();
        budget -= looked;
        if (looked == most) {
            clean = 0;
            continue;  // it may have more
        }
        ++clean;
        sweep_next_.fetch_add(1, std::memory_order_relaxed);
    }
    return clean < shards_.size();
}

bool residents::take_changes(std::size_t bytes, std::vector<record_change>& into) {
    bool is_more = false;
    std::size_t copied = 0;
    marks_.take([&](std::size_t shard) {
        while (copied < bytes) {
            if (!shards_[shard]->take_changes(changes_at_once, into, copied)) return;
        }
        marks_.set(shard);
        is_more = true;
    });
    return is_more;
}

durability residents::lasts_of(const record_id& id) { return shard_of(id).lasts_of(id); }

void residents::put_back(const record_id& id) { shard_of(id).put_back(id); }

void residents::put_back_all(space& in) {
    for (const auto& each : shards_) {
        for (std::uint64_t from = 0; from < entry_index::prefix_end;)
            from = each->put_back_all(in, from, slots_scanned_max).next;
    }
}

void residents::forget_covers(steady_time now) {
    for (const auto& each : shards_) each->forget_covers(now);
}

/// Those whose blocks lie in the same extents go together: so these are given back on the way.
bool residents::hand_out(const std::function<bool(const entry& one)>& take) {
    for (std::size_t bank = 0; bank < block_heap::banks; ++bank)
        for (std::size_t i = bank; i < shards_.size(); i += block_heap::banks)
            if (!shards_[i]->hand_out(take)) return false;
    return true;
}

void residents::take_in(entry::owner what) {
    entry::owner replaced;  // released without the lock
    shard_of({.in = what->in, .hash = what->hash}).take_in(std::move(what), replaced);
}

void residents::put_in_order() {
    for (const auto& each : shards_) each->put_in_order();
}

version residents::last_version() const {
    version last = no_version;
    for (const auto& each : shards_) last = std::max(last, each->last_version());
    return last;
}

void residents::go_on_from(version last) {
    for (const auto& each : shards_) each->go_on_from(last);
}

void residents::restore(entry::owner what) {
    const record_id id{.in = what->in, .hash = what->hash};
    shard_of(id).restore(std::move(what));
}

}  // namespace hawser::store
