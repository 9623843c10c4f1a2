// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/ids.h"
#include "registry/report.h"
#include "registry/ticks.h"

namespace hawser::registry {

/// How long the sessions of a pool live, in ticks; 0: for ever.
struct limits_in_ticks {
    tick_span idle = 0;
    tick_span absolute = 0;

    friend constexpr bool operator==(const limits_in_ticks&, const limits_in_ticks&) = default;
};

/// What one shard counts: sessions per pool and home, and what has happened in each pool.
///
/// An entry names its pool and home by the number of their *place* here, in four bytes, and counts
/// are plain numbers under the shard's lock: nothing that cores would pass to and fro.
class ledger {
  public:
    using place_number = std::uint32_t;
    static constexpr place_number no_place = 0;

    struct place {
        pool_id pool{};
        server_id home = no_server_id;
        std::uint32_t pool_index = 0;
        limits_in_ticks limits;     ///< of the pool; here, where a lookup looks anyhow
        std::uint32_t records = 0;  ///< entries that name this place, whether they count or not
        std::uint32_t established = 0;
        std::uint32_t tentative = 0;
    };

    explicit ledger(const limits_in_ticks& usual);

    /// The place of `home` in `pool`, made if it is new; `no_place` if there are too many pools.
    /// One that nobody holds may be given to another home by the next call.
    [[nodiscard]] place_number place_of(pool_id pool, server_id home);

    [[nodiscard]] const place& operator[](place_number at) const { return places_[at]; }

    /// Places have numbers below this.
    [[nodiscard]] std::size_t places() const { return places_.size(); }

    /// An entry names `at` from now on, or does so no more.
    void hold(place_number at) { ++places_[at].records; }
    void release(place_number at) { --places_[at].records; }

    /// A session begins or ends to count for `at`.
    void add(place_number at, bool tentative) { ++count(at, tentative); }
    void subtract(place_number at, bool tentative) { --count(at, tentative); }

    [[nodiscard]] happenings& events(place_number at) {
        return pools_[places_[at].pool_index]->events;
    }
    [[nodiscard]] const limits_in_ticks& limits_of(place_number at) const {
        return places_[at].limits;
    }

    [[nodiscard]] const limits_in_ticks& limits_of(pool_id pool) const;

    /// True if `pool` had other limits. Without effect if there are too many pools.
    bool configure(pool_id pool, const limits_in_ticks& limits);

    /// `places` tells where each pool stands in the sum.
    void add_to(report& sum, pool_places& places) const;
    /// Of one pool: what has happened, and the sessions of these homes.
    void add_to(pool_sessions& sum, std::span<const server_id> homes) const;
    [[nodiscard]] std::size_t bytes() const;

  private:
    struct pool_record {
        pool_id pool;
        limits_in_ticks limits;
        happenings events;
    };

    [[nodiscard]] std::uint32_t& count(place_number at, bool tentative) {
        return tentative ? places_[at].tentative : places_[at].established;
    }
    [[nodiscard]] std::size_t slot_of(pool_id pool, server_id home) const;
    [[nodiscard]] place_number find(pool_id pool, server_id home) const {
        return slots_[slot_of(pool, home)];
    }
    [[nodiscard]] place_number make_pool(pool_id pool);
    [[nodiscard]] place_number make_place(pool_id pool, server_id home, std::uint32_t pool_index);
    void make_room();

    limits_in_ticks usual_;
    std::vector<std::unique_ptr<pool_record>> pools_;
    std::vector<place> places_;         // [0] is no_place
    std::vector<place_number> free_;    // places that no entry names any more
    std::vector<std::uint32_t> slots_;  // hash of pool and home -> place; a power of two, half full
};

}  // namespace hawser::registry
