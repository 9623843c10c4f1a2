// SPDX-License-Identifier: Apache-2.0
#include "registry/deadline_wheel.h"

#include <algorithm>
#include <bit>

namespace hawser::registry {

namespace {

constexpr unsigned bits_a_level = 6;
constexpr std::uint32_t mask = deadline_wheel::buckets_a_level - 1;

/// Which turn of a level's buckets a moment lies in, counted since the clock's own beginning.
constexpr std::uint32_t turn_of(tick moment, std::size_t level) {
    return static_cast<std::uint32_t>(moment) >> (bits_a_level * level);
}

}  // namespace

std::uint16_t deadline_wheel::bucket_for(tick deadline) const {
    const tick_span ahead = std::clamp(between(hand_, deadline), tick_span{0}, farthest);
    const tick filed = hand_ + ahead;
    for (std::size_t level = 0;; ++level) {
        // Below 64 turns ahead no two moments share a bucket. Counted modulo the level's share of
        // 32 bits, of which 64 is a divisor: the clock may wrap.
        const std::uint32_t all = ~std::uint32_t{0} >> (bits_a_level * level);
        const std::uint32_t turns = (turn_of(filed, level) - turn_of(hand_, level)) & all;
        if (turns < buckets_a_level || level == levels - 1)
            return static_cast<std::uint16_t>(level * buckets_a_level +
                                              (turn_of(filed, level) & mask));
    }
}

void deadline_wheel::file(record_number number, tick deadline) {
    const std::uint16_t bucket = bucket_for(deadline);
    upkeep& mine = all_.upkeep_of(number);
    mine.bucket = bucket;
    record_number& head = heads_[bucket];
    if (head == 0) {
        head = mine.next = mine.previous = number;
        filled_[bucket / buckets_a_level] |= std::uint64_t{1} << (bucket & mask);
        return;
    }
    upkeep& first = all_.upkeep_of(head);
    mine.next = head;
    mine.previous = first.previous;
    all_.upkeep_of(first.previous).next = number;
    first.previous = number;
}

void deadline_wheel::unfile(record_number number) {
    upkeep& mine = all_.upkeep_of(number);
    const std::uint16_t bucket = mine.bucket;
    mine.bucket = no_bucket;
    record_number& head = heads_[bucket];
    if (mine.next == number) {
        head = 0;
        filled_[bucket / buckets_a_level] &= ~(std::uint64_t{1} << (bucket & mask));
        return;
    }
    all_.upkeep_of(mine.previous).next = mine.next;
    all_.upkeep_of(mine.next).previous = mine.previous;
    if (head == number) head = mine.next;
}

deadline_wheel::candidate deadline_wheel::first() const {
    candidate best;
    tick_span soonest = 0;
    for (std::size_t level = 0; level < levels; ++level) {
        if (filled_[level] == 0) continue;
        const std::uint32_t now = turn_of(hand_, level);
        const int ahead = std::countr_zero(std::rotr(filled_[level], static_cast<int>(now & mask)));
        const tick begins{(now + static_cast<std::uint32_t>(ahead)) << (bits_a_level * level)};
        const tick_span distance = between(hand_, begins);
        if (best.number != 0 && distance >= soonest) continue;
        soonest = distance;
        const std::size_t bucket = (now + static_cast<std::uint32_t>(ahead)) & mask;
        best = {heads_[level * buckets_a_level + bucket], begins};
    }
    return best;
}

record_number deadline_wheel::next_in_bucket(record_number number) const {
    const upkeep& mine = all_.upkeep_of(number);
    return mine.next == heads_[mine.bucket] ? 0 : mine.next;
}

}  // namespace hawser::registry
