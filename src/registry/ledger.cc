// SPDX-License-Identifier: Apache-2.0
#include "registry/ledger.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace hawser::registry {

ledger::ledger(const limits_in_ticks& usual) : usual_(usual), places_(1), slots_(8, no_place) {}

/// Where the place of `pool` and `home` is noted, or would be.
std::size_t ledger::slot_of(pool_id pool, server_id home) const {
    // Both are hashes already; homes differ between pools.
    const auto hash = static_cast<std::uint64_t>(home) ^ static_cast<std::uint64_t>(pool) << 1;
    for (std::size_t at = hash;; ++at) {
        const std::size_t slot = at & (slots_.size() - 1);
        const place& there = places_[slots_[slot]];
        if (slots_[slot] == no_place || (there.home == home && there.pool == pool)) return slot;
    }
}

ledger::place_number ledger::place_of(pool_id pool, server_id home) {
    if (const place_number known = find(pool, home); known != no_place) return known;
    if (home == no_server_id) return make_pool(pool);
    const place_number base = place_of(pool, no_server_id);
    return base == no_place ? no_place : make_place(pool, home, places_[base].pool_index);
}

/// The place of a pool's sessions that nobody has claimed yet: there as long as the pool's record.
ledger::place_number ledger::make_pool(pool_id pool) {
    if (pools_.size() == hawser::limits::registry_pools_max) return no_place;
    pools_.push_back(std::make_unique<pool_record>(pool_record{pool, usual_, {}}));
    return make_place(pool, no_server_id, static_cast<std::uint32_t>(pools_.size() - 1));
}

ledger::place_number ledger::make_place(pool_id pool, server_id home, std::uint32_t pool_index) {
    if ((places_.size() - free_.size() + 1) * 2 > slots_.size()) make_room();
    place_number made = no_place;
    if (free_.empty()) {
        made = static_cast<place_number>(places_.size());
        places_.emplace_back();
    } else {
        made = free_.back();
        free_.pop_back();
    }
    places_[made] = {
        .pool = pool, .home = home, .pool_index = pool_index, .limits = pools_[pool_index]->limits};
    slots_[slot_of(pool, home)] = made;
    return made;
}

/// Lets go of homes that no session has, and doubles the table unless that left enough room.
/// Servers come and go for years; until room is needed they keep their places.
void ledger::make_room() {
    std::size_t used = 0;
    for (place_number at = 1; at < places_.size(); ++at) {
        place& one = places_[at];
        if (one.records > 0 || (one.home == no_server_id && one.pool != pool_id{})) {
            ++used;
        } else if (one.pool != pool_id{}) {
            one = {};
            free_.push_back(at);
        }
    }
    slots_.assign(used * 4 > slots_.size() ? slots_.size() * 2 : slots_.size(), no_place);
    for (place_number at = 1; at < places_.size(); ++at)
        if (places_[at].pool != pool_id{}) slots_[slot_of(places_[at].pool, places_[at].home)] = at;
}

const limits_in_ticks& ledger::limits_of(pool_id pool) const {
    const place_number base = find(pool, no_server_id);
    return base != no_place ? places_[base].limits : usual_;
}

bool ledger::configure(pool_id pool, const limits_in_ticks& limits) {
    const bool is_known = find(pool, no_server_id) != no_place;
    const place_number base = place_of(pool, no_server_id);
    if (base == no_place) return false;
    limits_in_ticks& mine = pools_[places_[base].pool_index]->limits;
    if (std::exchange(mine, limits) == limits) return false;
    if (!is_known) {
        places_[base].limits = limits;  // nobody has another one yet
        return true;
    }
    for (place& one : places_)
        if (one.pool == pool) one.limits = limits;
    return true;
}

void ledger::add_to(report& sum, pool_places& places) const {
    std::vector<std::size_t> into;  // of each pool here, where it stands in the sum
    for (const auto& record : pools_) {
        const auto [known, is_new] = places.try_emplace(record->pool, sum.pools.size());
        if (is_new) sum.pools.push_back({record->pool, {}, {}});
        sum.pools[known->second].since_start += record->events;
        into.push_back(known->second);
    }
    for (const place& one : places_) {
        if (one.established == 0 && one.tentative == 0) continue;
        sum.established += one.established;
        sum.tentative += one.tentative;
        auto& servers = sum.pools[into[one.pool_index]].servers;
        servers.push_back({one.home, one.established, one.tentative});
    }
}

void ledger::add_to(pool_sessions& sum, std::span<const server_id> homes) const {
    const place_number base = find(sum.pool, no_server_id);
    if (base == no_place) return;
    sum.since_start += pools_[places_[base].pool_index]->events;
    for (const auto home : homes) {
        const place& one = places_[find(sum.pool, home)];
        if (one.established != 0 || one.tentative != 0)
            sum.servers.push_back({home, one.established, one.tentative});
    }
}

std::size_t ledger::bytes() const {
    return pools_.size() * sizeof(pool_record) + places_.capacity() * sizeof(place) +
           (slots_.capacity() + free_.capacity()) * sizeof(std::uint32_t);
}

}  // namespace hawser::registry
