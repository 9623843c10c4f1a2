// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "store/entry.h"

namespace hawser::store {

/// Records in the order in which they may end: a wheel of wheels, each 64 times as coarse.
///
/// As in the registry, being seen moves nobody: whoever is taken out looks whether it is really
/// over, else is filed anew. Taking one out costs the same however many share its moment, so those
/// that end together are ended in slices.
class expiry_wheel {
  public:
    /// How late an end may be noticed, besides the time between two looks.
    static constexpr auto tick = std::chrono::milliseconds(50);

    explicit expiry_wheel(steady_time now) : hand_(tick_of(now)) {}

    /// Files a record by the moment at which it would end; one that never does is not filed.
    void file(entry& one, steady_time end);
    void unfile(entry& one);

    /// Takes out a record whose bucket is over at `now`: file it anew unless it has ended. Null:
    /// there is none.
    [[nodiscard]] entry* take(steady_time now);

  private:
    static constexpr std::size_t levels = 5;  // 1.7 years; who is later is filed anew then
    static constexpr std::size_t buckets_a_level = 64;
    static constexpr std::uint16_t no_bucket = 0xffff;
    static constexpr unsigned bits_a_level = 6;

    struct place {
        std::uint16_t bucket = no_bucket;
        std::uint64_t begins = 0;
    };

    static std::uint64_t tick_of(steady_time when) {
        return std::uint64_t(when.time_since_epoch() / tick);
    }
    [[nodiscard]] std::uint16_t bucket_for(std::uint64_t end) const;
    [[nodiscard]] place first() const;

    std::uint64_t hand_;  // no bucket that begins before is filled
    std::array<std::uint64_t, levels> filled_{};
    std::array<entry*, levels * buckets_a_level> heads_{};  // of circular lists
};

}  // namespace hawser::store
