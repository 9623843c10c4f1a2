// SPDX-License-Identifier: Apache-2.0
// Sessions that leave for another process, and that come from one.

#include <algorithm>
#include <bit>
#include <chrono>
#include <utility>

#include "base/limits.h"
#include "registry/shard.h"

namespace hawser::registry {

namespace {

/// Records that are looked at under one lock: some ten microseconds.
constexpr std::size_t slice = 256;

/// Before `now` by what has passed on the wall clock since `then`; at `now` if that is ahead by
/// more than `ahead_most`.
tick tick_at(std::uint32_t then, const instant& now, std::int32_t ahead_most = 0) {
    const auto since = static_cast<std::int32_t>(affinity::seconds_of(now.wall) - then);
    constexpr std::int32_t most = 1 << 29;  // 17 years; what is older is as old
    return tick_of(now.steady) +
           -(std::clamp(since, -ahead_most, most) * tick_span{ticks_a_second});
}

/// When the last request came, or counts as if it had.
tick last_seen_of(const record& told, const instant& now) {
    constexpr auto extended_most =
        static_cast<std::int32_t>(hawser::limits::binding_age_max.count());
    return tick_at(told.last_seen, now, told.extended ? extended_most : 0);
}

}  // namespace

std::size_t shard::copy(record_number& after, std::span<record> into, const instant& now) const {
    const std::lock_guard held(lock_);
    std::size_t count = 0;
    for (std::size_t looked = 0; looked < slice && count < into.size(); ++looked) {
        if (!step(after)) break;
        if (const auto one = record_of(after, now)) into[count++] = *one;
    }
    return count;
}

/// Nothing if there is no session any more, or none that its first key names.
std::optional<record> shard::record_of(record_number number, const instant& now) const {
    const entry& mine = entries_[number];
    const tick at = tick_of(now.steady);
    if (!mine.is(entry::live) || !mine.is(entry::named) || why_over(mine, at)) return std::nullopt;
    const upkeep& rarely = entries_.upkeep_of(number);
    const auto idle =
        mine.requests == 0 ? seconds_between(mine.last_seen, at) : std::chrono::seconds(0);
    const auto ahead = seconds_between(at, mine.last_seen);
    const name key = mine.name.with(rarely.name_rest);
    return record{.pool = ledger_[mine.place].pool,
                  .name_low = key.low,
                  .name_high = key.high,
                  .home = binding_of(mine),
                  .what = {rarely.kind, rarely.session_class, rarely.user},
                  .last_seen = affinity::seconds_of(now.wall - idle + ahead),
                  .tentative = mine.is(entry::tentative),
                  .carried = mine.is(entry::carried),
                  .pinned = mine.is(entry::pinned),
                  .away = mine.is(entry::away),
                  .movable = mine.is(entry::movable),
                  .valuable = mine.is(entry::valuable),
                  .extended = ahead.count() != 0};
}

bool shard::restore(const record& told, const instant& now, origin from) {
    const std::lock_guard held(lock_);
    const name key(told.name_low, told.name_high);
    const tick at = tick_of(now.steady);
    if (const auto found = find(key); found != key_index::nowhere) {
        const auto to = index_[found];
        if (to.extra) return false;  // it belongs to another session by now
        if (!end_if_over(to.number, at)) {
            restore_at(to.number, told, now);
            if (from == origin::here) note(to.number, noted::bindings);
            return true;
        }
    }
    const auto place = ledger_.place_of(told.pool, told.home.home);
    const bool is_full =
        told.tentative ? tentative_ >= most_.tentative : established_ >= most_.established;
    if (place == ledger::no_place || is_full) return false;
    const record_number number = entries_.acquire();
    if (number == 0) return false;

    entry& mine = entries_[number];
    mine.name = stored_name::of(key);
    mine.place = place;
    mine.session = told.home.session;
    mine.instance = told.home.instance;
    mine.born = told.home.born;
    mine.issued = told.home.issued;
    mine.moves = told.home.moves;
    mine.created = tick_at(told.home.born, now);
    mine.last_seen = last_seen_of(told, now);
    mine.requests = 0;
    mine.tunnels = 0;
    if (why_over(mine, at)) {
        entries_.release(number);
        return false;
    }
    mine.keys = 1;
    mine.flags = static_cast<std::uint8_t>(entry::live | (told.tentative ? entry::tentative : 0) |
                                           (told.carried ? entry::carried : 0) |
                                           (told.pinned ? entry::pinned : 0));
    heed(mine, told);
    upkeep& rarely = entries_.upkeep_of(number);
    rarely.user = told.what.user;
    rarely.data = {};
    rarely.kind = told.what.kind;
    rarely.session_class = told.what.session_class;
    count_in(number, key, at);
    unnote(number);  // whoever told of it knows
    if (from == origin::here) note(number, noted::bindings);
    ++ledger_.events(place).restored;
    return true;
}

/// What two processes know of one session: the newer binding, and the later request. Where both
/// have bound it within the same second, both keep the same one, whoever hears it from whom.
void shard::restore_at(record_number number, const record& told, const instant& now) {
    entry& mine = entries_[number];
    const tick last_seen = last_seen_of(told, now);
    // Its time is told in whole seconds.
    const bool is_newer = between(mine.last_seen, last_seen) >= -tick_span{ticks_a_second};
    mine.last_seen = later(mine.last_seen, last_seen);
    if (told.home.home != no_server_id) {
        merge(mine, told.home);
        const auto known = binding_of(mine);
        const bool is_tied = known.moves == told.home.moves && known.issued == told.home.issued;
        if (is_tied && known.home < told.home.home) {
            move_to(mine, ledger_.place_of(told.pool, told.home.home));
            mine.instance = told.home.instance;
        } else if (!is_tied || known.home != told.home.home) {
            note(number, noted::bindings);  // it is known better here
        }
    }
    // What was told may have crossed what a server has just said here.
    if (is_newer && !is_said(number))
        heed(mine, told);
    else if (mine.is(entry::movable) != told.movable || mine.is(entry::valuable) != told.valuable)
        note(number, noted::bindings);
    if (!told.tentative) establish(number, tick_of(now.steady));
    if (told.pinned) mine.set(entry::pinned, true);
    set_flag(number, entry::carried, told.carried && told.home == binding_of(mine),
             tick_of(now.steady));
}

/// What servers have said of it last.
void shard::heed(entry& mine, const record& told) {
    mine.set(entry::away, told.away);
    mine.set(entry::movable, told.movable);
    mine.set(entry::valuable, told.valuable);
}

void shard::end_told(const name& key, const session_id& session, tick now) {
    const std::lock_guard held(lock_);
    const auto found = find(key);
    if (found == key_index::nowhere) return;
    const auto to = index_[found];
    if (to.extra || entries_[to.number].session != session || end_if_over(to.number, now)) return;
    let_go_of(to.number);
}

void shard::note_changes(noted what) {
    const std::lock_guard held(lock_);
    noted_ = what;
    touched_.assign(most_.entries() / 64 + 1, 0);
    said_.assign(touched_.size(), 0);
}

void shard::end_changes() {
    const std::lock_guard held(lock_);
    touched_ = {};
    said_ = {};
}

/// `after` is the word of bits to go on with, counted from 1.
std::size_t shard::changes(record_number& after, std::span<record> into, const instant& now) {
    const std::lock_guard held(lock_);
    if (after == 0 && !std::exchange(is_any_touched_, false)) return 0;
    std::size_t count = 0;
    std::size_t looked = 0;
    for (record_number at = after == 0 ? 0 : after - 1; at < touched_.size(); ++at) {
        for (std::uint64_t& word = touched_[at]; word != 0; word &= word - 1) {
            if (looked++ == slice || count == into.size()) {
                after = at + 1;
                return count;
            }
            const auto number = at * 64 + static_cast<record_number>(std::countr_zero(word));
            said_[at] &= ~bit_of(number);
            if (const auto one = record_of(number, now)) into[count++] = *one;
        }
    }
    after = 0;
    return count;
}

}  // namespace hawser::registry
