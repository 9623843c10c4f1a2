// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/ids.h"
#include "registry/name.h"
#include "registry/slab.h"
#include "registry/ticks.h"

namespace hawser::registry {

/// What a request reads and writes of its session: one cache line.
struct alignas(64) entry {
    enum flag : std::uint8_t {
        live = 1,        ///< a session; else the record is free or waits for its last request
        named = 2,       ///< the index leads from `name` to here
        tentative = 4,   ///< the key has not come back yet
        carried = 8,     ///< the client has shown that it carries this very binding
        away = 16,       ///< another server was the last that served it
        movable = 32,    ///< by its server's word it may move at any time
        pinned = 64,     ///< nobody moves it from a home that can serve it
        valuable = 128,  ///< nothing but need moves it
    };

    stored_name name;        // 12 bytes: 96 bits of the key's hash
    std::uint32_t epoch;     // grows when a session ends here: extra keys of that one are void
    session_id session;      // 16
    std::uint32_t place;     // pool and home, in the shard's ledger
    generation instance;     // of the home
    std::uint32_t born;      // wall seconds
    std::uint32_t issued;    // wall seconds
    tick created;            // monotonic, for the absolute limit
    tick last_seen;          // when the last request came or ended
    std::uint16_t requests;  // in flight
    std::uint16_t tunnels;   // in flight, each of them a request too
    std::uint16_t moves;
    std::uint8_t flags;
    std::uint8_t keys;  // how many name it

    [[nodiscard]] bool is(flag which) const { return (flags & which) != 0; }
    void set(flag which, bool on) {
        flags = static_cast<std::uint8_t>(on ? flags | which : flags & ~which);
    }
};
static_assert(sizeof(entry) == 64);

/// What only making, filing and ending a session touch; kept apart so that lookups don't load it.
struct upkeep {
    std::uint64_t user;
    std::array<std::uint64_t, 2>
        data;                 // what the application keeps in it is known by; 0: nothing is
    std::uint32_t name_rest;  // the bits of `name` that nobody needs to find the session here
    record_number next;       // in its bucket of a deadline wheel, or in the list of free records
    record_number previous;   // in its bucket
    std::uint16_t bucket;
    std::uint8_t kind;
    std::uint8_t session_class;
};
static_assert(sizeof(upkeep) == 40);

struct entry_extent {
    static constexpr std::size_t records = 256;
    entry entries[records];
    upkeep upkeeps[records];
};

/// The entries of one shard.
class entries {
  public:
    entries(arena& space, record_number most) : slab_(space, most) {}

    [[nodiscard]] entry& operator[](record_number number) const {
        return slab_.extent_of(number).entries[slab_.place_of(number)];
    }
    [[nodiscard]] upkeep& upkeep_of(record_number number) const {
        return slab_.extent_of(number).upkeeps[slab_.place_of(number)];
    }
    [[nodiscard]] record_number used() const { return slab_.used(); }

    /// A record that nobody uses, its epoch kept; 0 when there is none.
    [[nodiscard]] record_number acquire() {
        if (free_ == 0) return slab_.fresh();
        const record_number number = free_;
        free_ = upkeep_of(number).next;
        return number;
    }

    void release(record_number number) {
        upkeep_of(number).next = free_;
        free_ = number;
    }

    /// The epoch of a record, also without the shard's lock: who keeps an extra key of a session
    /// may ask whether the session still lives.
    [[nodiscard]] std::uint32_t epoch_of(record_number number) const {
        return std::atomic_ref(operator[](number).epoch).load(std::memory_order_relaxed);
    }
    void next_epoch(record_number number) {
        std::atomic_ref(operator[](number).epoch).fetch_add(1, std::memory_order_relaxed);
    }

  private:
    slab<entry_extent> slab_;
    record_number free_ = 0;
};

}  // namespace hawser::registry
