// SPDX-License-Identifier: Apache-2.0
#include "registry/shard.h"

#include <algorithm>
#include <limits>

#include "base/ensure.h"
#include "base/limits.h"

namespace hawser::registry {

namespace {

std::uint32_t seconds_of(wall_time now) {
    return static_cast<std::uint32_t>(
        std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
}

using affinity::is_later;

/// What the client carries counts, and not what is registered with `home`.
bool counts(const affinity::binding& carried, server_id home, const entry& registered) {
    return home == no_server_id || affinity::is_newer(carried, registered);
}

/// For how long a session that was `born` has lived; a clock that is ahead of ours counts as now.
tick_span ticks_since(std::uint32_t born, std::uint32_t wall) {
    if (!is_later(wall, born)) return 0;
    constexpr std::uint32_t most = 1u << 29;  // 17 years; what is older is as old
    return static_cast<tick_span>(std::min(wall - born, most) * ticks_a_second);
}

/// A binding that began `born` seconds ago has come to its absolute limit.
bool is_past(std::uint32_t born, std::uint32_t wall, tick_span absolute) {
    return absolute != 0 && ticks_since(born, wall) > absolute;
}

}  // namespace

seen uncounted(const arrival& who) {
    seen told;
    told.known = who.carried != nullptr;
    if (told.known)
        told.home = *who.carried;
    else
        told.home = {.session = who.session, .born = who.wall, .issued = who.wall};
    return told;
}

shard::shard(std::uint32_t number, const siblings& all, arena& space, const shard_bounds& most,
             const limits_in_ticks& usual, tick now)
    : number_(number),
      all_(all),
      most_(most),
      entries_(space, static_cast<record_number>(most.entries())),
      extras_(space, most.extra_keys),
      ledger_(usual),
      wheels_{deadline_wheel(entries_, now), deadline_wheel(entries_, now),
              deadline_wheel(entries_, now)} {}

std::expected<seen, location> shard::enter(const name& key, const arrival& who) {
    const std::lock_guard held(lock_);
    if (const auto at = find(key); at != key_index::nowhere) {
        const auto to = index_[at];
        if (to.extra) return std::unexpected(extras_[to.number].leads_to());
        if (!end_if_over(to.number, who.now)) return welcome(to.number, who);
    }
    return begin(key, who);
}

std::optional<seen> shard::enter_at(const location& where, const arrival& who) {
    const std::lock_guard held(lock_);
    if (!is_live(where) || end_if_over(where.number, who.now)) return std::nullopt;
    return welcome(where.number, who);
}

/// A request of a session that is known.
seen shard::welcome(record_number number, const arrival& who) {
    note(number);
    entry& mine = entries_[number];
    const upstream::standing before = standing_of(mine, who.now);
    mine.last_seen = later(mine.last_seen, who.now);
    if (who.carried != nullptr) {
        merge(mine, *who.carried);
        const affinity::binding& shown = *who.carried;
        set_flag(number, entry::carried,
                 shown.home == ledger_[mine.place].home && shown.moves == mine.moves &&
                     shown.instance == mine.instance,
                 who.now);
    }
    establish(number, who.now);

    seen known{.handle = {},
               .home = binding_of(mine),
               .known = true,
               .tentative = mine.is(entry::tentative),
               .first_return = before.is_tentative,
               .away = mine.is(entry::away),
               .before = before};
    if (mine.requests == hawser::limits::session_in_flight_max) {
        ++unregistered_;
        return known;
    }
    ++mine.requests;
    known.handle = slot(number_, number);
    return known;
}

std::optional<seen> shard::foresee_at(const location& where, const arrival& who) const {
    const std::lock_guard held(lock_);
    if (!is_live(where)) return std::nullopt;
    const entry& mine = entries_[where.number];
    if (why_over(mine, who.now)) return std::nullopt;
    const upstream::standing before = standing_of(mine, who.now);
    seen told{.handle = {},
              .home = binding_of(mine),
              .known = true,
              .tentative = before.is_tentative,
              .first_return = before.is_tentative,
              .away = mine.is(entry::away),
              .before = before};
    if (who.carried == nullptr || !counts(*who.carried, told.home.home, mine)) return told;
    told.home.home = who.carried->home;
    told.home.instance = who.carried->instance;
    told.home.moves = who.carried->moves;
    told.home.issued = who.carried->issued;
    told.away = false;
    return told;
}

seen shard::foresee_new(arrival who) const {
    const std::lock_guard held(lock_);
    const auto absolute = ledger_.limits_of(who.pool).absolute;
    if (who.carried != nullptr && is_past(who.carried->born, who.wall, absolute))
        who.carried = nullptr;
    seen told = uncounted(who);
    told.tentative = !told.known;
    told.first_return = told.known;
    return told;
}

/// Its key has come back: it is not tentative any more, if there is room.
void shard::establish(record_number number, tick now) {
    entry& mine = entries_[number];
    if (!mine.is(entry::tentative) || !make_room(false, now)) return;
    --tentative_;
    ++established_;
    ledger_.subtract(mine.place, true);
    ledger_.add(mine.place, false);
    ++ledger_.events(mine.place).returned;
    set_flag(number, entry::tentative, false, now);
}

/// The first request of a session that is not known here; a binding that the client carries says
/// that it was known elsewhere, or before a restart.
seen shard::begin(const name& key, const arrival& who) {
    const affinity::binding* carried = who.carried;
    const auto place =
        ledger_.place_of(who.pool, carried != nullptr ? carried->home : no_server_id);
    if (place == ledger::no_place) return unregistered(who);
    if (carried != nullptr && is_past(carried->born, who.wall, ledger_.limits_of(place).absolute)) {
        arrival anew = who;
        anew.carried = nullptr;
        return begin(key, anew);
    }
    const bool tentative = carried == nullptr;
    if (!make_room(tentative, who.now)) return unregistered(who);
    const record_number number = entries_.acquire();
    if (number == 0) return unregistered(who);

    entry& mine = entries_[number];
    mine.name = stored_name::of(key);
    mine.place = place;
    mine.session = tentative ? who.session : carried->session;
    mine.instance = tentative ? 0 : carried->instance;
    mine.born = tentative ? who.wall : carried->born;
    mine.issued = tentative ? who.wall : carried->issued;
    mine.moves = tentative ? std::uint16_t{0} : carried->moves;
    mine.created = who.now + -ticks_since(mine.born, who.wall);
    mine.last_seen = who.now;
    mine.requests = 1;
    mine.tunnels = 0;
    mine.keys = 1;
    mine.flags = entry::live | (tentative ? entry::tentative : entry::carried);
    upkeep& rarely = entries_.upkeep_of(number);
    rarely.user = who.what.user;
    rarely.data = {};
    rarely.kind = who.what.kind;
    rarely.session_class = who.what.session_class;

    count_in(number, key, who.now);
    ++(tentative ? ledger_.events(place).begun : ledger_.events(place).remade);
    return {.handle = slot(number_, number),
            .home = binding_of(mine),
            .known = !tentative,
            .tentative = tentative,
            .first_return = !tentative};
}

/// The session in this record is there from now on: counted, found by `key`, filed.
void shard::count_in(record_number number, const name& key, tick now) {
    note(number);
    entry& mine = entries_[number];
    entries_.upkeep_of(number).name_rest = static_cast<std::uint32_t>(key.high);
    const bool tentative = mine.is(entry::tentative);
    ledger_.hold(mine.place);
    ledger_.add(mine.place, tentative);
    ++(tentative ? tentative_ : established_);
    index(key.low, {number, false});
    mine.set(entry::named, true);
    wheel_of(mine).file(number, deadline_of(mine, now));
}

seen shard::unregistered(const arrival& who) {
    ++unregistered_;
    return uncounted(who);
}

/// Takes over what the client carries if it is newer: another node has moved the session.
void shard::merge(entry& mine, const affinity::binding& carried) {
    if (!counts(carried, ledger_[mine.place].home, mine)) return;
    move_to(mine, ledger_.place_of(ledger_[mine.place].pool, carried.home));
    mine.set(entry::away, false);
    mine.instance = carried.instance;
    mine.moves = carried.moves;
    mine.issued = carried.issued;
}

/// The session counts for another home from now on.
void shard::move_to(entry& mine, ledger::place_number to) {
    ensure(to != ledger::no_place, "the pool of a session has its record");
    if (to == mine.place) return;
    ledger_.hold(to);
    if (mine.is(entry::live)) {
        ledger_.subtract(mine.place, mine.is(entry::tentative));
        ledger_.add(to, mine.is(entry::tentative));
    }
    ledger_.release(mine.place);
    mine.place = to;
}

affinity::binding shard::claim(record_number number, const affinity::binding& last_seen,
                               const proposal& wanted, const instant& now) {
    ensure(wanted.home != no_server_id, "a session is bound to a server");
    const std::lock_guard held(lock_);
    note(number, noted::bindings);
    entry& mine = entries_[number];
    const auto current = binding_of(mine);
    const bool is_claimed = current.home != no_server_id;
    const bool moved_meanwhile = current.home != last_seen.home ||
                                 current.moves != last_seen.moves ||
                                 current.instance != last_seen.instance;
    // A server that came back without saying who it is has another memory all the same.
    const bool is_there_already = current.home == wanted.home &&
                                  current.instance == wanted.instance &&
                                  wanted.why != affinity::cause::stale;
    if (is_claimed && (moved_meanwhile || is_there_already)) return current;
    bind_to(number, wanted, now);
    return binding_of(mine);
}

/// The session lives at `wanted.home` from now on, and no client carries that yet.
void shard::bind_to(record_number number, const proposal& wanted, const instant& now) {
    note(number, noted::bindings);
    entry& mine = entries_[number];
    const server_id former = ledger_[mine.place].home;
    const bool is_claimed = former != no_server_id;
    if (is_claimed && former != wanted.home) {
        // The most moves possible stay the most: wrapping would make every older token win.
        if (mine.moves != std::numeric_limits<std::uint16_t>::max()) ++mine.moves;
        if (mine.is(entry::live))
            ++ledger_.events(mine.place).moves[static_cast<std::size_t>(wanted.why)];
    }
    move_to(mine, ledger_.place_of(ledger_[mine.place].pool, wanted.home));
    mine.set(entry::away, false);
    mine.instance = wanted.instance;
    const std::uint32_t wall = seconds_of(now.wall);
    if (!is_claimed || is_later(wall, mine.issued)) mine.issued = wall;
    if (mine.is(entry::live)) set_flag(number, entry::carried, false, tick_of(now.steady));
}

void shard::set_user(record_number number, std::uint64_t user) {
    const std::lock_guard held(lock_);
    if (entries_[number].is(entry::live)) entries_.upkeep_of(number).user = user;
}

void shard::set_data(record_number number, const std::array<std::uint64_t, 2>& data) {
    const std::lock_guard held(lock_);
    if (entries_[number].is(entry::live)) entries_.upkeep_of(number).data = data;
}

void shard::say(record_number number, entry::flag flag, bool is) {
    if (entries_[number].is(flag) == is) return;
    entries_[number].set(flag, is);
    note(number, noted::bindings);
    if (!said_.empty()) said_[number / 64] |= bit_of(number);
}

void shard::set_away(record_number number, bool away) {
    const std::lock_guard held(lock_);
    say(number, entry::away, away);
}

void shard::set_movable(record_number number, bool movable) {
    const std::lock_guard held(lock_);
    say(number, entry::movable, movable);
}

void shard::set_valuable(record_number number, bool valuable) {
    const std::lock_guard held(lock_);
    say(number, entry::valuable, valuable);
}

/// As if its last request came later than it did, so that its idle limit does.
void shard::extend(record_number number, tick_span by, tick now) {
    const std::lock_guard held(lock_);
    entry& mine = entries_[number];
    const tick_span idle = ledger_.limits_of(mine.place).idle;
    if (!mine.is(entry::live) || idle == 0 || by <= idle) return;
    mine.last_seen = later(mine.last_seen, now + (by - idle));
    note(number, noted::bindings);
    refile(number, now);
}

void shard::leave(record_number number, tick now) {
    const std::lock_guard held(lock_);
    note(number);
    entry& mine = entries_[number];
    ensure(mine.requests > mine.tunnels, "each request that entered leaves once, its tunnel ended");
    mine.last_seen = later(mine.last_seen, now);
    if (--mine.requests == 0 && !mine.is(entry::live)) free(number);
}

void shard::begin_tunnel(record_number number) {
    const std::lock_guard held(lock_);
    entry& mine = entries_[number];
    ensure(mine.tunnels < mine.requests, "a tunnel is a request in flight");
    ++mine.tunnels;
}

void shard::end_tunnel(record_number number, tick now) {
    const std::lock_guard held(lock_);
    entry& mine = entries_[number];
    ensure(mine.tunnels > 0, "a tunnel that ends has begun");
    --mine.tunnels;
    mine.last_seen = later(mine.last_seen, now);
}

affinity::binding shard::binding_of(const entry& mine) const {
    return {.session = mine.session,
            .home = ledger_[mine.place].home,
            .instance = mine.instance,
            .born = mine.born,
            .issued = mine.issued,
            .moves = mine.moves};
}

upstream::standing shard::standing_of(const entry& mine, tick now) {
    const bool is_busy = mine.requests != 0;
    return {.idle = is_busy ? std::chrono::seconds(0) : seconds_between(mine.last_seen, now),
            .is_tentative = mine.is(entry::tentative),
            .has_tunnel = mine.tunnels != 0,
            .may_move = mine.is(entry::movable),
            .is_pinned = mine.is(entry::pinned),
            .is_valuable = mine.is(entry::valuable)};
}

bool shard::is_live(const location& where) const {
    return entries_[where.number].epoch == where.epoch && entries_[where.number].is(entry::live);
}

key_index::position shard::find(const name& key) const {
    return index_.find(key.low, [&](key_index::reference to) {
        return to.extra ? extras_[to.number].low == key.low : entries_[to.number].name.is(key);
    });
}

}  // namespace hawser::registry
