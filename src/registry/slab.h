// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "registry/arena.h"

namespace hawser::registry {

/// Which record of a shard, from 1. 0: none. 20 bits, so that a slot of the index holds it.
using record_number = std::uint32_t;
inline constexpr record_number record_number_max = (1u << 20) - 1;

/// Numbered records of one shard, taken from the arena an extent at a time and reused last in,
/// first out. A record never moves, and growing costs the same whatever the number of records.
template <typename Extent>
class slab {
    static_assert(std::is_trivially_copyable_v<Extent> && sizeof(Extent) % 64 == 0);

  public:
    static constexpr std::size_t extent_bytes = sizeof(Extent);

    slab(arena& space, record_number most)
        : space_(space), most_(most), extents_(std::make_unique<Extent*[]>(extents_for(most))) {}

    /// How many extents `most` records need at the most.
    [[nodiscard]] static constexpr std::size_t extents_for(record_number most) {
        return (most + Extent::records - 1) / Extent::records;
    }

    /// A record that has never been used, or 0 when there is none left.
    [[nodiscard]] record_number fresh() {
        if (used_ == most_) return 0;
        if (used_ % Extent::records == 0)
            extents_[used_ / Extent::records] = static_cast<Extent*>(space_.take(sizeof(Extent)));
        return ++used_;
    }

    /// The extent of a record, and its place there.
    [[nodiscard]] Extent& extent_of(record_number number) const {
        return *extents_[(number - 1) / Extent::records];
    }
    [[nodiscard]] static constexpr std::size_t place_of(record_number number) {
        return (number - 1) % Extent::records;
    }

    /// Records 1 to `used()` have been used at some time.
    [[nodiscard]] record_number used() const { return used_; }

  private:
    arena& space_;
    record_number most_;
    record_number used_ = 0;
    std::unique_ptr<Extent*[]> extents_;
};

}  // namespace hawser::registry
