// SPDX-License-Identifier: Apache-2.0
// Making room, ending sessions, and answering questions about many of them.

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "registry/shard.h"

namespace hawser::registry {

namespace {

/// Under churn, the least idle of so many that were filed first goes: within a bucket the order is
/// that of filing, and a request does not file its session anew.
constexpr std::size_t eviction_sample = 8;

/// After so many that cannot go, the request is served unregistered.
constexpr std::size_t eviction_looks_max = 64;

/// Void keys are looked for all the time, this many in each visit of the sweep, so that what it
/// costs does not depend on how many there are: at ten visits a second, some twenty minutes for
/// the keys of a full shard.
constexpr std::size_t void_looks_a_sweep = 2;

/// Entries that one walk looks at under the lock.
constexpr std::size_t slice = 256;

}  // namespace

std::optional<end_cause> shard::why_over(const entry& mine, tick now) const {
    const limits_in_ticks& limits = ledger_.limits_of(mine.place);
    // Ticks are rounded down, so only a difference above the limit says that it is reached.
    if (limits.absolute != 0 && between(mine.created, now) > limits.absolute)
        return end_cause::absolute;
    if (limits.idle != 0 && mine.requests == 0 && between(mine.last_seen, now) > limits.idle)
        return end_cause::idle;
    return std::nullopt;
}

/// When `mine` will be over if nobody comes.
tick shard::deadline_of(const entry& mine, tick now) const {
    const limits_in_ticks& limits = ledger_.limits_of(mine.place);
    tick_span left = deadline_wheel::farthest;
    if (limits.idle != 0) {
        const tick_span idle = mine.requests == 0 ? between(mine.last_seen, now) : 0;
        left = std::min(left, limits.idle + 1 - idle);
    }
    if (limits.absolute != 0)
        left = std::min(left, limits.absolute + 1 - between(mine.created, now));
    return now + left;
}

bool shard::end_if_over(record_number number, tick now) {
    const auto why = why_over(entries_[number], now);
    if (why) end_session(number, *why);
    return why.has_value();
}

void shard::end_session(record_number number, end_cause why) {
    const entry& mine = entries_[number];
    const bool tentative = mine.is(entry::tentative);
    happenings& events = ledger_.events(mine.place);
    ++(tentative ? events.tentative_ends : events.ends)[static_cast<std::size_t>(why)];
    // One that goes on under another name has not lived its life yet.
    if (!tentative && why != end_cause::renamed)
        events.lifetimes.add(
            static_cast<std::uint64_t>(seconds_between(mine.created, mine.last_seen).count()));
    let_go_of(number);
}

/// It is no session any more; nothing but requests in flight keeps the record.
void shard::let_go_of(record_number number) {
    entry& mine = entries_[number];
    wheel_of(mine).unfile(number);
    if (mine.is(entry::named)) {
        const auto at = index_.find(mine.name.low(), [number](key_index::reference to) {
            return !to.extra && to.number == number;
        });
        ensure(at != key_index::nowhere, "the index leads to every entry that is named");
        index_.erase(at);
    }

    const bool tentative = mine.is(entry::tentative);
    ledger_.subtract(mine.place, tentative);
    --(tentative ? tentative_ : established_);

    mine.flags = 0;
    entries_.next_epoch(number);
    if (mine.requests == 0) free(number);
}

void shard::free(record_number number) {
    ledger_.release(entries_[number].place);
    entries_.release(number);
}

/// Room for one more session: established ones and those that never came back keep to themselves,
/// so a flood of first requests pushes out only what came with it (E160).
bool shard::make_room(bool tentative, tick now) {
    if (tentative) return tentative_ < most_.tentative || evict(wheels_[0], 1, now);
    // One that the client carries costs nobody a home.
    return established_ < most_.established || evict(wheels_[1], eviction_sample, now) ||
           evict(wheels_[2], eviction_sample, now);
}

/// Ends the session of `from` that has been idle for longest: among those of equal limits the one
/// nearest to its end, to the width of a bucket (a sixty-fourth of the time that it has left).
bool shard::evict(deadline_wheel& from, std::size_t sample, tick now) {
    for (std::size_t looked = 0; looked < eviction_looks_max;) {
        record_number longest = 0;
        record_number at = from.first().number;
        if (at == 0) return false;
        for (std::size_t n = 0; n < sample && at != 0; ++n, ++looked) {
            const record_number next = from.next_in_bucket(at);
            if (end_if_over(at, now)) return true;
            if (!refile_if_moved(at, now) &&
                (longest == 0 || between(entries_[at].last_seen, entries_[longest].last_seen) > 0))
                longest = at;
            at = next;
        }
        if (longest != 0) {
            end_session(longest, end_cause::evicted);
            return true;
        }
    }
    return false;
}

/// Files a session that has been used since it was filed where it belongs now. One in flight goes
/// behind all others of its bucket, as it cannot make room.
bool shard::refile_if_moved(record_number number, tick now) {
    const entry& mine = entries_[number];
    const auto bucket = wheel_of(mine).bucket_for(deadline_of(mine, now));
    if (mine.requests == 0 && bucket == entries_.upkeep_of(number).bucket) return false;
    refile(number, now);
    return true;
}

void shard::refile(record_number number, tick now) {
    const entry& mine = entries_[number];
    deadline_wheel& wheel = wheel_of(mine);
    wheel.unfile(number);
    wheel.file(number, deadline_of(mine, now));
}

const deadline_wheel& shard::wheel_of(const entry& mine) const {
    if (mine.is(entry::tentative)) return wheels_[0];
    return wheels_[mine.is(entry::carried) ? 1 : 2];
}

deadline_wheel& shard::wheel_of(const entry& mine) {
    return const_cast<deadline_wheel&>(std::as_const(*this).wheel_of(mine));
}

void shard::set_flag(record_number number, entry::flag which, bool on, tick now) {
    entry& mine = entries_[number];
    if (mine.is(which) == on) return;
    deadline_wheel& before = wheel_of(mine);
    mine.set(which, on);
    deadline_wheel& after = wheel_of(mine);
    if (&before == &after) return;
    before.unfile(number);
    after.file(number, deadline_of(mine, now));
}

shard::swept shard::sweep(tick now, std::size_t most) {
    const std::lock_guard held(lock_);
    std::size_t steps = drop_void_keys(void_looks_a_sweep);
    for (; refile_next_ != 0 && steps < most; ++steps) {
        if (entries_[refile_next_].is(entry::live)) refile(refile_next_, now);
        refile_next_ = refile_next_ == entries_.used() ? 0 : refile_next_ + 1;
    }
    for (deadline_wheel& wheel : wheels_) {
        for (;; ++steps) {
            const auto next = wheel.first();
            if (next.number == 0 || between(next.begins, now) < 0) {
                wheel.turn_to(now);
                break;
            }
            if (steps >= most) return {steps, true};
            wheel.turn_to(next.begins);
            if (!end_if_over(next.number, now)) refile(next.number, now);
        }
    }
    return {steps, refile_next_ != 0};
}

void shard::configure(pool_id pool, const limits_in_ticks& limits) {
    const std::lock_guard held(lock_);
    if (ledger_.configure(pool, limits) && entries_.used() != 0) refile_next_ = 1;
}

std::size_t shard::walk(record_number& after, const selection& which, std::span<session_view> into,
                        tick now) const {
    const std::lock_guard held(lock_);
    std::size_t count = 0;
    for (std::size_t looked = 0; looked < slice && count < into.size(); ++looked) {
        if (!step(after)) break;
        const entry& mine = entries_[after];
        if (!mine.is(entry::live)) continue;
        const auto& place = ledger_[mine.place];
        if (which.pool != pool_id{} && which.pool != place.pool) continue;
        if (which.home != no_server_id && which.home != place.home) continue;
        if (why_over(mine, now)) continue;
        into[count] = view_of(after, now);
        if (which.matches(into[count])) ++count;
    }
    return count;
}

std::size_t shard::release(record_number& after, const selection& which) {
    const std::lock_guard held(lock_);
    std::size_t count = 0;
    for (std::size_t looked = 0; looked < slice; ++looked) {
        if (!step(after)) break;
        entry& mine = entries_[after];
        const auto& place = ledger_[mine.place];
        if (!mine.is(entry::live) || mine.requests != 0) continue;
        if (place.pool != which.pool || place.home != which.home) continue;
        note(after, noted::bindings);
        move_to(mine, ledger_.place_of(which.pool, no_server_id));
        ++count;
    }
    return count;
}

session_view shard::view_of(record_number number, tick now) const {
    const entry& mine = entries_[number];
    const upkeep& rarely = entries_.upkeep_of(number);
    const upstream::standing now_stands = standing_of(mine, now);
    return {.at = {number_, number, mine.epoch},
            .pool = ledger_[mine.place].pool,
            .home = binding_of(mine),
            .what = {rarely.kind, rarely.session_class, rarely.user},
            .data = rarely.data,
            .age = seconds_between(mine.created, now),
            .idle = now_stands.idle,
            .requests = mine.requests,
            .tunnels = mine.tunnels,
            .keys = mine.keys,
            .tentative = mine.is(entry::tentative),
            .carried = mine.is(entry::carried),
            .movable = mine.is(entry::movable),
            .pinned = mine.is(entry::pinned),
            .valuable = mine.is(entry::valuable),
            .extended = between(now, mine.last_seen) > 0};
}

void shard::add_to(report& sum, pool_places& places) const {
    const std::lock_guard held(lock_);
    ledger_.add_to(sum, places);
    sum.extra_keys += extras_.count();
    sum.bytes += sizeof(shard) + index_.bytes() + ledger_.bytes();
    sum.unregistered += unregistered_;
    sum.keys_refused += keys_refused_;
}

void shard::add_to(pool_sessions& sum, std::span<const server_id> homes) const {
    const std::lock_guard held(lock_);
    ledger_.add_to(sum, homes);
}

void shard::count_unregistered() {
    const std::lock_guard held(lock_);
    ++unregistered_;
}

void shard::count_refused_key() {
    const std::lock_guard held(lock_);
    ++keys_refused_;
}

}  // namespace hawser::registry
