// SPDX-License-Identifier: Apache-2.0
#include "store/expiry_wheel.h"

#include <algorithm>
#include <bit>

namespace hawser::store {

std::uint16_t expiry_wheel::bucket_for(std::uint64_t end) const {
    constexpr std::uint64_t farthest = std::uint64_t{63} << (bits_a_level * (levels - 1));
    const std::uint64_t filed = std::clamp(end, hand_, hand_ + farthest);
    for (std::size_t level = 0;; ++level) {
        const unsigned shift = bits_a_level * unsigned(level);
        if ((filed >> shift) - (hand_ >> shift) < buckets_a_level)
            return std::uint16_t(level * buckets_a_level +
                                 ((filed >> shift) & (buckets_a_level - 1)));
    }
}

void expiry_wheel::file(entry& one, steady_time end) {
    one.bucket = no_bucket;
    if (end == no_deadline) return;
    one.bucket = bucket_for(tick_of(end));
    entry*& head = heads_[one.bucket];
    if (head == nullptr) {
        one.next = &one;
        one.previous = &one;
        head = &one;
        filled_[one.bucket / buckets_a_level] |= std::uint64_t{1} << (one.bucket % buckets_a_level);
        return;
    }
    one.next = head;
    one.previous = head->previous.get();
    head->previous->next = &one;
    head->previous = &one;
}

void expiry_wheel::unfile(entry& one) {
    if (one.bucket == no_bucket) return;
    entry*& head = heads_[one.bucket];
    if (one.next == &one) {
        head = nullptr;
        filled_[one.bucket / buckets_a_level] &=
            ~(std::uint64_t{1} << (one.bucket % buckets_a_level));
    } else {
        one.previous->next = one.next.get();
        one.next->previous = one.previous.get();
        if (head == &one) head = one.next.get();
    }
    one.bucket = no_bucket;
}

entry* expiry_wheel::take(steady_time now) {
    const std::uint64_t present = tick_of(now);
    const place soonest = first();
    const bool is_fine = soonest.bucket < buckets_a_level;
    // The finest bucket is over when its tick is; a coarser one is spread when it begins.
    const bool is_due = soonest.bucket != no_bucket &&
                        (is_fine ? soonest.begins < present : soonest.begins <= present);
    if (!is_due) {
        hand_ = std::max(hand_, std::min(present, soonest.begins));
        return nullptr;
    }
    hand_ = std::max(hand_, soonest.begins);
    entry* taken = heads_[soonest.bucket];
    unfile(*taken);
    return taken;
}

/// The filled bucket that begins first; of none, one that never begins.
expiry_wheel::place expiry_wheel::first() const {
    place best{.bucket = no_bucket, .begins = ~std::uint64_t{0}};
    for (std::size_t level = 0; level < levels; ++level) {
        if (filled_[level] == 0) continue;
        const unsigned shift = bits_a_level * unsigned(level);
        const std::uint64_t turn = hand_ >> shift;
        const auto turned = std::rotr(filled_[level], int(turn % buckets_a_level));
        const std::uint64_t at = turn + std::uint64_t(std::countr_zero(turned));
        if (at << shift >= best.begins) continue;
        best = {.bucket = std::uint16_t(level * buckets_a_level + at % buckets_a_level),
                .begins = at << shift};
    }
    return best;
}

}  // namespace hawser::store
