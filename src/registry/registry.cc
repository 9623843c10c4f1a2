// SPDX-License-Identifier: Apache-2.0
#include "registry/registry.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "registry/arena.h"
#include "registry/shard.h"

namespace hawser::registry {

namespace {

std::uint32_t seconds_of(wall_time now) {
    return static_cast<std::uint32_t>(
        std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
}

limits_in_ticks in_ticks(const lifetime& lives) {
    const auto ticks = [](std::chrono::seconds time) {
        constexpr std::int64_t most = 1 << 29;  // 8 years and a half
        return static_cast<tick_span>(
            std::clamp<std::int64_t>(time.count() * ticks_a_second, 0, most));
    };
    return {ticks(lives.idle), ticks(lives.absolute)};
}

/// Some ten thousand sessions a shard, so that growing its index stays far below a millisecond;
/// and 64 shards, one for each worker there may be, unless they would hold next to nothing.
std::size_t shards_for(std::size_t sessions) {
    const std::size_t by_size = std::bit_ceil(sessions / 16'384 + 1);
    const std::size_t by_workers =
        std::min(std::bit_floor(sessions / 256 + 1), hawser::limits::workers_max);
    return std::clamp(std::max(by_size, by_workers), std::size_t{1}, shards_max);
}

/// The share of one shard of `total`. Keys fall on shards by chance, so each gets four standard
/// deviations more than its part: `total` fits before the first shard is full.
std::size_t share(std::size_t total, std::size_t shards) {
    if (shards == 1 || total == 0) return total;
    const double part = static_cast<double>(total) / static_cast<double>(shards);
    return static_cast<std::size_t>(std::ceil(part + 4 * std::sqrt(part) + 8));
}

arrival arrival_of(pool_id pool, const affinity::finding& found, const instant& now,
                   const traits& what = {}) {
    return {.pool = pool,
            .session = found.session,
            .carried = found.brought(),
            .what = what,
            .now = tick_of(now.steady),
            .wall = seconds_of(now.wall)};
}

std::uint32_t seconds_after(wall_time now, tick_span time) {
    return seconds_of(now + std::chrono::seconds(time / tick_span{ticks_a_second}));
}

/// Of 256 entries each, that one call walks.
constexpr std::size_t slices_max = 16;

template <typename Extent>
std::size_t bytes_for(std::size_t records) {
    return slab<Extent>::extents_for(static_cast<record_number>(records)) * sizeof(Extent);
}

}  // namespace

result<std::unique_ptr<registry>> registry::create(const settings& wanted, steady_time now) {
    const std::size_t count = shards_for(wanted.capacity + wanted.tentative_capacity);
    const std::size_t established = share(wanted.capacity, count);
    const std::size_t tentative = share(wanted.tentative_capacity, count);
    const std::size_t extra = share(wanted.extra_keys, count);
    if (established > record_number_max || tentative > record_number_max ||
        extra > record_number_max)
        return fail(errc::invalid, "a registry holds at most about 4,000 million sessions");
    const shard_bounds most{static_cast<record_number>(established),
                            static_cast<record_number>(tentative),
                            static_cast<record_number>(extra)};
    if (most.entries() > record_number_max)
        return fail(errc::invalid, "a registry holds at most about 4,000 million sessions");

    auto space = arena::reserve(count * (bytes_for<entry_extent>(most.entries()) +
                                         bytes_for<extra_key_extent>(most.extra_keys)));
    if (!space) return std::unexpected(std::move(space.error()));
    std::unique_ptr<registry> made(new registry(std::move(*space)));
    made->shards_.reserve(count);
    for (std::uint32_t number = 0; number < count; ++number)
        made->shards_.push_back(std::make_unique<shard>(number, made->shards_, *made->arena_, most,
                                                        in_ticks(wanted.lives), tick_of(now)));
    return made;
}

registry::registry(std::unique_ptr<arena> space) : arena_(std::move(space)) {}
registry::~registry() = default;

void registry::configure(pool_id pool, const lifetime& lives) {
    for (const auto& one : shards_) one->configure(pool, in_ticks(lives));
}

seen registry::enter(pool_id pool, const affinity::finding& found, const instant& now,
                     const traits& what) {
    const arrival who = arrival_of(pool, found, now, what);
    if (found.lapsed) {
        if (auto going_on = resume(name(pool, *found.lapsed), who)) return *going_on;
    }
    if (found.key.empty()) {
        shards_.front()->count_unregistered();
        return uncounted(who);
    }
    const name key(pool, found.key);
    for (;;) {
        const auto here = shard_of(key).enter(key, who);
        if (here) return *here;
        const location& there = here.error();
        if (const auto entered = shards_[there.shard]->enter_at(there, who)) return *entered;
        shard_of(key).drop_extra(key, there);
    }
}

/// A mark past its idle limit leads to its session all the same if the registry still has it: the
/// registry saw requests and tunnels that the mark knows nothing of.
std::optional<seen> registry::resume(const name& key, const arrival& who) {
    const auto there = shard_of(key).locate(key);
    if (!there) return std::nullopt;
    return shards_[there->shard]->enter_at(*there, who);
}

seen registry::foresee(pool_id pool, const affinity::finding& found, const instant& now) const {
    const arrival who = arrival_of(pool, found, now);
    if (found.lapsed)
        if (auto going_on = foresee(name(pool, *found.lapsed), who)) return *going_on;
    if (found.key.empty()) return uncounted(who);
    const name key(pool, found.key);
    if (auto known = foresee(key, who)) return *known;
    return shard_of(key).foresee_new(who);
}

std::optional<seen> registry::foresee(const name& key, const arrival& who) const {
    const auto there = shard_of(key).locate(key);
    return there ? shards_[there->shard]->foresee_at(*there, who) : std::nullopt;
}

affinity::binding registry::claim(slot handle, const affinity::binding& last_seen,
                                  const proposal& wanted, const instant& now) {
    if (handle) return shards_[handle.shard()]->claim(handle.number(), last_seen, wanted, now);

    affinity::binding made = last_seen;
    if (made.home != no_server_id && made.home != wanted.home && made.moves != UINT16_MAX)
        ++made.moves;
    made.home = wanted.home;
    made.instance = wanted.instance;
    made.issued = seconds_of(now.wall);
    return made;
}

void registry::set_away(slot handle, bool away) {
    if (handle) shards_[handle.shard()]->set_away(handle.number(), away);
}

void registry::set_movable(slot handle, bool movable) {
    if (handle) shards_[handle.shard()]->set_movable(handle.number(), movable);
}

void registry::set_valuable(slot handle, bool valuable) {
    if (handle) shards_[handle.shard()]->set_valuable(handle.number(), valuable);
}

void registry::extend(slot handle, std::chrono::seconds time, steady_time now) {
    const auto by = in_ticks({.idle = time}).idle;
    if (handle) shards_[handle.shard()]->extend(handle.number(), by, tick_of(now));
}

void registry::leave(slot handle, steady_time now) {
    if (handle) shards_[handle.shard()]->leave(handle.number(), tick_of(now));
}

void registry::begin_tunnel(slot handle) {
    if (handle) shards_[handle.shard()]->begin_tunnel(handle.number());
}

void registry::end_tunnel(slot handle, steady_time now) {
    if (handle) shards_[handle.shard()]->end_tunnel(handle.number(), tick_of(now));
}

bool registry::add_key(pool_id pool, const affinity::session_key& existing,
                       const affinity::session_key& added, steady_time at) {
    const tick now = tick_of(at);
    const name key(pool, added);
    const auto session = shard_of(name(pool, existing)).locate(name(pool, existing));
    if (!session || added.empty()) return false;
    shard& home = *shards_[session->shard];
    // Counted first, so that the session cannot get more than it may have.
    if (!home.hold_key(*session, now)) {
        home.count_refused_key();
        return false;
    }
    for (;;) {
        const auto done = shard_of(key).add_extra(key, *session);
        if (done && *done) return true;
        const bool names_it_already = !done && done.error() == *session;
        if (!done && !names_it_already && !shards_[done.error().shard]->lives(done.error(), now)) {
            shard_of(key).drop_extra(key, done.error());
            continue;
        }
        home.release_key(*session);
        if (done) home.count_refused_key();
        return names_it_already;
    }
}

void registry::rename(pool_id pool, const affinity::session_key& former,
                      const affinity::session_key& called, const affinity::binding& home,
                      const instant& now) {
    const auto known = former.empty() ? std::nullopt : find(pool, former, now.steady);
    if (!known || known->tentative) {
        affinity::finding first;
        first.key = called;
        first.session = home.session;
        const auto begun = enter(pool, first, now);
        claim(begun.handle, begun.home, {.home = home.home, .instance = home.instance}, now);
        leave(begun.handle, now.steady);
        if (!known) return;
    } else {
        // Under its new name as its first one, as only that is told to other processes.
        const name key(pool, called);
        const record goes_on{.pool = pool,
                             .name_low = key.low,
                             .name_high = key.high,
                             .home = known->home,
                             .what = known->what,
                             .last_seen = seconds_of(now.wall)};
        if (!restore(goes_on, now, origin::here)) {
            add_key(pool, former, called, now.steady);
            return;
        }
    }
    end_as(pool, former, end_cause::renamed, now.steady);
    add_key(pool, called, former, now.steady);
}

void registry::remove_key(pool_id pool, const affinity::session_key& key) {
    const name removed(pool, key);
    if (const auto elsewhere = shard_of(removed).unname(removed))
        shards_[elsewhere->shard]->release_key(*elsewhere);
}

bool registry::end(pool_id pool, const affinity::session_key& key, steady_time now) {
    return end_as(pool, key, end_cause::ended, now);
}

bool registry::revoke(pool_id pool, const session_id& session, const instant& at) {
    const tick now = tick_of(at.steady);
    const tick_span echo = shards_.front()->echo_of(pool);
    if (!ended_.add({pool, session}, affinity::cause::replayed, now + echo, now)) return false;
    note({.pool = pool,
          .session = session,
          .why = affinity::cause::replayed,
          .until = seconds_after(at.wall, echo)});
    return true;
}

void registry::supersede(pool_id pool, const affinity::session_key& key, steady_time now) {
    const auto known = find(pool, key, now);
    if (known && known->tentative) end_as(pool, key, end_cause::superseded, now);
}

bool registry::end_as(pool_id pool, const affinity::session_key& key, end_cause why,
                      steady_time now) {
    const auto there = shard_of(name(pool, key)).locate(name(pool, key));
    if (!there) return false;
    shard& home = *shards_[there->shard];
    const auto told = is_shared() ? home.ending_of(*there) : std::nullopt;
    const bool has_ended = home.end_at(*there, why, tick_of(now));
    // Not before: what the other process is told in between would bring it back there.
    if (told) note(*told);
    return has_ended;
}

bool registry::move(const session_view& one, const proposal& wanted, const instant& now) {
    return shards_[one.at.shard]->move_at(one.at, wanted, now);
}

bool registry::pin(const session_view& one, bool pinned, steady_time now) {
    return shards_[one.at.shard]->pin_at(one.at, pinned, tick_of(now));
}

result<bool> registry::end(const session_view& one, const instant& at) {
    shard& home = *shards_[one.at.shard];
    const tick now = tick_of(at.steady);
    const tick_span echo = home.echo_of(one.at);
    if (echo == 0) return false;
    if (!ended_.add({one.pool, one.home.session}, affinity::cause::ended, now + echo, now))
        return fail(errc::exhausted, "no more ended sessions can be remembered");
    if (auto told = home.ending_of(one.at)) {
        told->why = affinity::cause::ended;
        told->until = seconds_after(at.wall, echo);
        note(*told);
    }
    return home.end_at(one.at, end_cause::ended, now);
}

void registry::set_user(slot handle, std::uint64_t user) {
    if (handle) shards_[handle.shard()]->set_user(handle.number(), user);
}

void registry::set_data(slot handle, const std::array<std::uint64_t, 2>& data) {
    if (handle) shards_[handle.shard()]->set_data(handle.number(), data);
}

std::optional<session_view> registry::find(pool_id pool, const affinity::session_key& key,
                                           steady_time now) const {
    const auto there = shard_of(name(pool, key)).locate(name(pool, key));
    if (!there) return std::nullopt;
    return shards_[there->shard]->view_at(*there, tick_of(now));
}

bool registry::sweep(steady_time at, std::size_t budget) {
    constexpr std::size_t slice = 64;  // some ten microseconds under a lock
    const tick now = tick_of(at);
    ended_.drop_lapsed(now);
    std::size_t steps = 0;
    for (std::size_t visited = 0; visited < shards_.size(); ++visited) {
        shard& one =
            *shards_[sweep_next_.fetch_add(1, std::memory_order_relaxed) & (shards_.size() - 1)];
        for (bool more = true; more;) {
            if (steps >= budget) return true;
            const auto done = one.sweep(now, slice);
            steps += done.steps + 1;
            more = done.more;
        }
    }
    return false;
}

std::size_t registry::walk(cursor& from, const selection& which, std::span<session_view> into,
                           steady_time at) const {
    const tick now = tick_of(at);
    std::size_t count = 0;
    for (std::size_t n = 0; n < slices_max && count < into.size() && !from.done; ++n) {
        count += shards_[from.shard]->walk(from.number, which, into.subspan(count), now);
        if (from.number == 0) from.done = ++from.shard == shards_.size();
    }
    return count;
}

std::size_t registry::release(cursor& from, const selection& which) {
    std::size_t count = 0;
    for (std::size_t n = 0; n < slices_max && !from.done; ++n) {
        count += shards_[from.shard]->release(from.number, which);
        if (from.number == 0) from.done = ++from.shard == shards_.size();
    }
    return count;
}

report registry::counts() const {
    report sum;
    pool_places places;
    for (const auto& one : shards_) one->add_to(sum, places);
    sum.bytes += arena_->taken();
    for (pool_sessions& pool : sum.pools) pool.merge_servers();
    return sum;
}

pool_sessions registry::counts_of(pool_id pool, std::span<const server_id> homes) const {
    pool_sessions sum{.pool = pool, .since_start = {}, .servers = {}};
    for (const auto& one : shards_) one->add_to(sum, homes);
    sum.merge_servers();
    return sum;
}

void registry::verify() const {
    for (const auto& one : shards_) one->verify();
}

shard& registry::shard_of(const name& key) const { return *shards_[key.shard(shards_.size())]; }

}  // namespace hawser::registry
