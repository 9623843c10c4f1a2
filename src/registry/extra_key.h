// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "registry/location.h"
#include "registry/name.h"
#include "registry/slab.h"

namespace hawser::registry {

/// A further name of a session whose entry lives in the shard of its first name: 16 bytes.
///
/// A session that ends does not look for its extra keys: its entry's epoch grows, which makes them
/// void. Lookups pass over a void key and remove it, and the sweep removes those nobody asks for.
/// 64 bits of the name and those that chose the shard identify it: of 3 x 10^7 keys two agree in
/// one registry of 10^7.
struct extra_key {
    std::uint64_t low;
    std::uint32_t target;  // shard and record number; 0: free
    std::uint32_t epoch;   // of the target; of a free one: the next free

    static constexpr unsigned number_bits = 20;

    [[nodiscard]] location leads_to() const {
        return {target >> number_bits, target & record_number_max, epoch};
    }
    [[nodiscard]] static constexpr std::uint32_t packed(const location& where) {
        return where.shard << number_bits | where.number;
    }
};
static_assert(sizeof(extra_key) == 16);

inline constexpr std::size_t shards_max = std::size_t{1} << (32 - extra_key::number_bits);

struct extra_key_extent {
    static constexpr std::size_t records = 256;
    extra_key keys[records];
};

/// The extra keys whose hash leads to one shard.
class extra_keys {
  public:
    extra_keys(arena& space, record_number most) : slab_(space, most) {}

    [[nodiscard]] extra_key& operator[](record_number number) const {
        return slab_.extent_of(number).keys[slab_.place_of(number)];
    }
    [[nodiscard]] record_number used() const { return slab_.used(); }
    [[nodiscard]] record_number count() const { return count_; }

    [[nodiscard]] record_number acquire() {
        record_number number = free_;
        if (number != 0)
            free_ = operator[](number).epoch;
        else if (number = slab_.fresh(); number == 0)
            return 0;
        ++count_;
        return number;
    }

    void release(record_number number) {
        operator[](number) = {0, 0, free_};
        free_ = number;
        --count_;
    }

  private:
    slab<extra_key_extent> slab_;
    record_number free_ = 0;
    record_number count_ = 0;
};

}  // namespace hawser::registry
