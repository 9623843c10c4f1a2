// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "registry/entry.h"
#include "registry/ticks.h"

namespace hawser::registry {

/// Sessions in the order in which they may end: a wheel of wheels, each 64 times as coarse.
///
/// A session is filed under the moment at which it would end if nobody came. A request does not
/// move it, which would cost cache misses on its neighbours: whoever takes it out of its bucket
/// looks whether it is really over, else files it anew. So a session is handled once or twice in
/// an idle limit, however often it is used, and within a bucket the first filed is the first out.
class deadline_wheel {
  public:
    static constexpr std::size_t levels = 4;
    static constexpr std::size_t buckets_a_level = 64;
    static constexpr std::size_t buckets = levels * buckets_a_level;
    static constexpr std::uint16_t no_bucket = 0xffff;

    /// Deadlines farther off than this (95 days) are filed there, and anew when it has come.
    static constexpr tick_span farthest = tick_span{63} << 18;

    deadline_wheel(entries& all, tick now) : all_(all), hand_(now) {}

    void file(record_number number, tick deadline);
    void unfile(record_number number);

    /// The bucket in which `deadline` would be filed now.
    [[nodiscard]] std::uint16_t bucket_for(tick deadline) const;

    struct candidate {
        record_number number = 0;  ///< 0: the wheel is empty
        tick begins{};             ///< when its bucket begins: it cannot end before
    };

    /// The session that was filed first in the bucket that begins first.
    [[nodiscard]] candidate first() const;

    /// The one filed next in the same bucket; 0 at the end.
    [[nodiscard]] record_number next_in_bucket(record_number number) const;

    /// Time has come to `now`; no bucket that begins before may still be filled.
    void turn_to(tick now) { hand_ = later(hand_, now); }

    /// Calls `each(number)` for all that is filed, and returns how many; ends the process if links
    /// or bits don't agree. For tests.
    template <typename Each>
    std::size_t verify(Each&& each) const {
        std::size_t count = 0;
        for (std::uint16_t bucket = 0; bucket < buckets; ++bucket) {
            const record_number head = heads_[bucket];
            const bool bit =
                (filled_[bucket / buckets_a_level] >> (bucket % buckets_a_level) & 1) != 0;
            ensure(bit == (head != 0), "a bit for each bucket that is filled");
            for (record_number at = head; at != 0; at = next_in_bucket(at), ++count) {
                ensure(all_.upkeep_of(at).bucket == bucket, "a session knows its bucket");
                ensure(all_.upkeep_of(all_.upkeep_of(at).next).previous == at,
                       "lists lead back as they lead forth");
                each(at);
            }
        }
        return count;
    }

  private:
    entries& all_;
    tick hand_;
    std::array<std::uint64_t, levels> filled_{};  // a bit a bucket
    std::array<record_number, buckets> heads_{};  // of circular lists
};

}  // namespace hawser::registry
