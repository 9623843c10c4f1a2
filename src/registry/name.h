// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "affinity/session_key.h"
#include "base/ids.h"

namespace hawser::registry {

/// A session key within one pool, as bits that nobody outside can choose.
///
/// A session that touches several pools has an entry in each, so the pool is mixed in. The bits are
/// shared out: the lower word places and identifies a key within its shard, the upper one chooses
/// the shard and adds to the identity.
struct name {
    std::uint64_t low = 0;
    std::uint64_t high = 0;

    constexpr name(pool_id pool, const affinity::session_key& key)
        : low(key.hash[0] ^ static_cast<std::uint64_t>(pool)),
          high(key.hash[1] ^ std::rotl(static_cast<std::uint64_t>(pool), 32)) {}
    /// Of bits that another registry has told.
    constexpr name(std::uint64_t low_bits, std::uint64_t high_bits)
        : low(low_bits), high(high_bits) {}

    [[nodiscard]] constexpr std::size_t shard(std::size_t shards) const {
        return static_cast<std::size_t>(high) & (shards - 1);
    }
};

/// What an entry keeps of its name. With the bits that chose the shard, some 100 of the 128: two
/// of 10^9 sessions agree in all of them in one registry of 10^14.
struct stored_name {
    std::uint32_t low_half[2];
    std::uint32_t upper;

    [[nodiscard]] constexpr std::uint64_t low() const {
        return low_half[0] | std::uint64_t{low_half[1]} << 32;
    }
    [[nodiscard]] constexpr bool is(const name& other) const {
        return low() == other.low && upper == static_cast<std::uint32_t>(other.high >> 32);
    }
    /// The whole name, given its bits that are not kept here.
    [[nodiscard]] constexpr name with(std::uint32_t rest) const {
        return {low(), std::uint64_t{upper} << 32 | rest};
    }
    [[nodiscard]] static constexpr stored_name of(const name& full) {
        return {{static_cast<std::uint32_t>(full.low), static_cast<std::uint32_t>(full.low >> 32)},
                static_cast<std::uint32_t>(full.high >> 32)};
    }
};

}  // namespace hawser::registry
