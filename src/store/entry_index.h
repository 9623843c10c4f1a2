// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "store/entry.h"

namespace hawser::store {

/// From an id to its entry: open addressing, kept in the order of the ids as far as collisions
/// allow. So a walk by ids goes on where it stopped, however the table has grown in between, and
/// finds everybody who was there all the time exactly once.
class entry_index {
  public:
    /// The part of an id that orders entries; it fits, beside a shard's number, into a number that
    /// JavaScript keeps exactly.
    static constexpr unsigned prefix_bits = 32;
    static constexpr std::uint64_t prefix_end = std::uint64_t{1} << prefix_bits;

    /// Of entries that lie in `heap`.
    explicit entry_index(const block_heap& heap) : heap_(heap) {}

    [[nodiscard]] entry* find(const record_id& id) const;
    void insert(entry& one);
    /// Puts `one` in the place of `former`, which has the same id.
    void replace(const entry& former, entry& one);
    void erase(const entry& one);

    [[nodiscard]] std::size_t size() const { return count_; }

    /// How far a walk has come.
    struct step {
        std::uint64_t next = prefix_end;  ///< where the next one goes on; `prefix_end`: nowhere
        std::size_t looked = 1;           ///< at so many slots
    };

    /// Calls `visit(entry)` for those whose prefix is at least `from`, in about `slots` slots.
    template <typename Visit>
    step walk(std::uint64_t from, std::size_t slots, Visit&& visit) const {
        if (slots_ == nullptr) return {};
        const std::size_t begin = home_of(from);
        const std::size_t stop = begin + slots < size_of_table() ? begin + slots : size_of_table();
        const std::uint64_t end = std::uint64_t(stop) << (prefix_bits - bits_);
        // Whoever has its home before `stop` lies there or in the run of slots that goes on.
        std::size_t at = begin;
        for (; at - begin < size_of_table(); ++at) {
            const slot& here = slots_[at & mask()];
            if (here.number == 0 && at >= stop) break;
            if (here.number == 0) continue;
            if (here.prefix >= from && here.prefix < end) visit(*entry_at(here));
        }
        return {.next = end, .looked = at - begin};
    }

  private:
    struct slot {
        std::uint32_t prefix = 0;
        std::uint32_t number = 0;  ///< of the entry's block; 0: empty

        friend bool operator==(const slot&, const slot&) = default;
    };

    static std::uint32_t prefix_of(std::uint64_t hash) {
        return std::uint32_t(hash >> (64 - prefix_bits));
    }
    [[nodiscard]] entry* entry_at(const slot& one) const {
        return static_cast<entry*>(heap_.at(one.number));
    }
    [[nodiscard]] std::size_t home_of(std::uint64_t prefix) const {
        return std::size_t(prefix >> (prefix_bits - bits_));
    }
    [[nodiscard]] std::size_t size_of_table() const { return std::size_t{1} << bits_; }
    [[nodiscard]] std::size_t mask() const { return size_of_table() - 1; }
    [[nodiscard]] std::size_t place_of(const entry& one) const;
    void grow();
    void put(slot what);

    const block_heap& heap_;
    unsigned bits_ = 0;
    std::size_t count_ = 0;
    std::unique_ptr<slot[]> slots_;
};

}  // namespace hawser::store
