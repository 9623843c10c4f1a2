// SPDX-License-Identifier: Apache-2.0
// What names a session: the index, extra keys, and ending a session by its name.

#include "base/limits.h"
#include "registry/shard.h"

namespace hawser::registry {

namespace {

/// When there is no place for an extra key, so many are looked at for one that is void.
constexpr std::size_t void_looks_when_full = 64;

}  // namespace

std::optional<location> shard::locate(const name& key) const {
    const std::lock_guard held(lock_);
    const auto at = find(key);
    if (at == key_index::nowhere) return std::nullopt;
    const auto to = index_[at];
    if (to.extra) return extras_[to.number].leads_to();
    return location{number_, to.number, entries_[to.number].epoch};
}

bool shard::lives(const location& where, tick now) {
    const std::lock_guard held(lock_);
    return is_live(where) && !end_if_over(where.number, now);
}

bool shard::hold_key(const location& where, tick now) {
    const std::lock_guard held(lock_);
    if (!is_live(where) || end_if_over(where.number, now)) return false;
    entry& mine = entries_[where.number];
    if (mine.keys >= hawser::limits::session_keys_max) return false;
    ++mine.keys;
    return true;
}

void shard::release_key(const location& where) {
    const std::lock_guard held(lock_);
    if (is_live(where) && --entries_[where.number].keys == 0)
        end_session(where.number, end_cause::ended);
}

std::expected<bool, location> shard::add_extra(const name& key, const location& target) {
    const std::lock_guard held(lock_);
    if (const auto at = find(key); at != key_index::nowhere) {
        const auto to = index_[at];
        return std::unexpected(to.extra ? extras_[to.number].leads_to()
                                        : location{number_, to.number, entries_[to.number].epoch});
    }
    record_number number = extras_.acquire();
    if (number == 0) {
        drop_void_keys(void_looks_when_full);
        number = extras_.acquire();
        if (number == 0) return false;
    }
    extras_[number] = {key.low, 0, 0};
    index(key.low, {number, true});
    extras_[number] = {key.low, extra_key::packed(target), target.epoch};
    return true;
}

void shard::drop_extra(const name& key, const location& target) {
    const std::lock_guard held(lock_);
    const auto at = find(key);
    if (at == key_index::nowhere) return;
    const auto to = index_[at];
    if (to.extra && extras_[to.number].leads_to() == target) erase_extra(at);
}

std::optional<location> shard::unname(const name& key) {
    const std::lock_guard held(lock_);
    const auto at = find(key);
    if (at == key_index::nowhere) return std::nullopt;
    const auto to = index_[at];
    if (to.extra) {
        const location elsewhere = extras_[to.number].leads_to();
        erase_extra(at);
        return elsewhere;
    }
    entry& mine = entries_[to.number];
    mine.set(entry::named, false);
    index_.erase(at);
    if (--mine.keys == 0) end_session(to.number, end_cause::ended);
    return std::nullopt;
}

bool shard::end_at(const location& where, end_cause why, tick now) {
    const std::lock_guard held(lock_);
    if (!is_live(where) || end_if_over(where.number, now)) return false;
    end_session(where.number, why);
    return true;
}

std::optional<ending> shard::ending_of(const location& where) const {
    const std::lock_guard held(lock_);
    if (!is_live(where)) return std::nullopt;
    const entry& mine = entries_[where.number];
    const name first = mine.name.with(entries_.upkeep_of(where.number).name_rest);
    return ending{.pool = ledger_[mine.place].pool,
                  .session = mine.session,
                  .name_low = first.low,
                  .name_high = first.high};
}

bool shard::move_at(const location& where, const proposal& wanted, const instant& now) {
    const std::lock_guard held(lock_);
    if (!is_live(where) || end_if_over(where.number, tick_of(now.steady))) return false;
    bind_to(where.number, wanted, now);
    return true;
}

bool shard::pin_at(const location& where, bool pinned, tick now) {
    const std::lock_guard held(lock_);
    if (!is_live(where) || end_if_over(where.number, now)) return false;
    note(where.number, noted::bindings);
    entries_[where.number].set(entry::pinned, pinned);
    return true;
}

tick_span shard::echo_of(const location& where) const {
    const std::lock_guard held(lock_);
    if (!is_live(where)) return 0;
    const limits_in_ticks& limits = ledger_.limits_of(entries_[where.number].place);
    if (limits.absolute != 0) return limits.absolute + 1;
    // A request that is under way may renew what its client carries.
    return limits.idle != 0 ? 2 * (limits.idle + 1) : deadline_wheel::farthest;
}

tick_span shard::echo_of(pool_id pool) const {
    const std::lock_guard held(lock_);
    const limits_in_ticks& limits = ledger_.limits_of(pool);
    // By the clock of whoever gave it, which may be ahead of ours.
    constexpr tick_span skew = hawser::limits::clock_skew_max.count() * ticks_a_second;
    if (limits.idle != 0) return limits.idle + skew + 1;
    return limits.absolute != 0 ? limits.absolute + skew + 1 : deadline_wheel::farthest;
}

std::optional<session_view> shard::view_at(const location& where, tick now) const {
    const std::lock_guard held(lock_);
    if (!is_live(where) || why_over(entries_[where.number], now)) return std::nullopt;
    return view_of(where.number, now);
}

/// Looks at `most` extra keys, going on where the last search ended, and removes the void ones.
std::size_t shard::drop_void_keys(std::size_t most) {
    if (extras_.count() == 0) return 0;
    for (std::size_t looked = 0; looked < most; ++looked) {
        void_next_ = void_next_ >= extras_.used() ? 1 : void_next_ + 1;
        const extra_key& key = extras_[void_next_];
        if (key.target == 0 || !is_void(key)) continue;
        erase_extra(index_.find(key.low, [this](key_index::reference to) {
            return to.extra && to.number == void_next_;
        }));
    }
    return most;
}

bool shard::is_void(const extra_key& key) const {
    const location where = key.leads_to();
    return all_[where.shard]->epoch_of(where.number) != where.epoch;
}

void shard::erase_extra(key_index::position at) {
    extras_.release(index_[at].number);
    index_.erase(at);
}

void shard::index(std::uint64_t hash, key_index::reference to) {
    if (index_.is_full()) {
        index_.rebuild([this](auto insert) {
            for (record_number number = 1; number <= entries_.used(); ++number)
                if (const entry& one = entries_[number]; one.is(entry::named))
                    insert(one.name.low(), {number, false});
            for (record_number number = 1; number <= extras_.used(); ++number)
                if (const extra_key& one = extras_[number]; one.target != 0)
                    insert(one.low, {number, true});
        });
    }
    index_.insert(hash, to);
}

}  // namespace hawser::registry
