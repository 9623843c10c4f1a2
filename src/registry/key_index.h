// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/ensure.h"
#include "registry/slab.h"

namespace hawser::registry {

/// From the hash of a key to its record: open addressing in slots of four bytes.
///
/// A slot holds 11 bits of the hash, whether the record is an entry or an extra key, and the
/// record's number; so a probe reads one cache line of slots and, nearly always, one record. A
/// shard has some ten thousand keys: growing it by a third takes a tenth of a millisecond, which is
/// why nothing incremental is needed.
class key_index {
  public:
    struct reference {
        record_number number = 0;
        bool extra = false;  ///< an extra key; else an entry
    };
    using position = std::size_t;
    static constexpr position nowhere = ~position{0};

    /// The position of the reference that has `hash` and that `matches(reference)` accepts.
    template <typename Matches>
    [[nodiscard]] position find(std::uint64_t hash, Matches&& matches) const {
        if (size_ == 0) return nowhere;
        const std::uint32_t tag = tag_of(hash);
        for (position at = home_of(hash);; at = next(at)) {
            const std::uint32_t slot = slots_[at];
            if (slot == empty) return nowhere;
            if ((slot & tag_mask) == tag && slot != removed && matches(decoded(slot))) return at;
        }
    }

    [[nodiscard]] reference operator[](position at) const { return decoded(slots_[at]); }

    /// Whether `insert` must be preceded by `rebuild`.
    [[nodiscard]] bool is_full() const { return (taken_ + 1) * 5 > size_ * 4; }

    void insert(std::uint64_t hash, reference to) {
        position at = home_of(hash);
        while (slots_[at] != empty && slots_[at] != removed) at = next(at);
        if (slots_[at] == empty) ++taken_;
        slots_[at] = encoded(hash, to);
        ++keys_;
    }

    void erase(position at) {
        --keys_;
        slots_[at] = removed;
        // What was removed right before an empty slot leads nowhere: most slots become empty again
        // at once, and a table under churn is rebuilt rarely.
        if (slots_[next(at)] != empty) return;
        for (; slots_[at] == removed; at = at == 0 ? size_ - 1 : at - 1) {
            slots_[at] = empty;
            --taken_;
        }
    }

    /// Makes room for more keys. `each(insert)` must call `insert(hash, reference)` for every key.
    template <typename Each>
    void rebuild(Each&& each) {
        // Three fifths full afterwards: at most 6.7 bytes a key unless keys have become fewer.
        const std::size_t size = std::max({size_, (keys_ + 1) * 5 / 3, smallest});
        slots_ = std::make_unique<std::uint32_t[]>(size);
        size_ = size;
        const std::size_t before = std::exchange(keys_, 0);
        taken_ = 0;
        each([this](std::uint64_t hash, reference to) { insert(hash, to); });
        ensure(keys_ == before, "an index is rebuilt from the very keys it held");
    }

    [[nodiscard]] std::size_t keys() const { return keys_; }
    [[nodiscard]] std::size_t bytes() const { return size_ * sizeof(std::uint32_t); }

  private:
    // Slot: tag (11 bits) | extra (1) | number (20). Numbers begin at 1.
    static constexpr std::uint32_t empty = 0;
    static constexpr std::uint32_t extra_bit = 1u << 20;
    static constexpr std::uint32_t removed = extra_bit;
    static constexpr std::uint32_t tag_mask = ~((extra_bit << 1) - 1);
    static constexpr std::size_t smallest = 64;

    static constexpr std::uint32_t tag_of(std::uint64_t hash) {
        return static_cast<std::uint32_t>(hash) & tag_mask;
    }
    static constexpr reference decoded(std::uint32_t slot) {
        return {slot & record_number_max, (slot & extra_bit) != 0};
    }
    static constexpr std::uint32_t encoded(std::uint64_t hash, reference to) {
        return tag_of(hash) | (to.extra ? extra_bit : 0) | to.number;
    }

    /// The upper half of the hash, scaled to the size, which need not be a power of two.
    [[nodiscard]] position home_of(std::uint64_t hash) const {
        return static_cast<position>((hash >> 32) * size_ >> 32);
    }
    [[nodiscard]] position next(position at) const { return at + 1 == size_ ? 0 : at + 1; }

    std::unique_ptr<std::uint32_t[]> slots_;
    std::size_t size_ = 0;
    std::size_t keys_ = 0;
    std::size_t taken_ = 0;  // keys and what was removed
};

}  // namespace hawser::registry
