// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace hawser::store {

/// Memory for blocks of many sizes, packed: rounding and what is left over cost a few percent,
/// where general allocators cost up to a fifth.
///
/// All of it lies in one range of addresses that is reserved at once and touched as it is taken, so
/// four bytes name a block. It is taken by extents, each for blocks of one size; one that is empty
/// goes back to the system, and serves any size later. Any thread calls; the locks are its own, and
/// several, so that workers seldom meet.
class block_heap {
  public:
    static constexpr std::size_t step = 16;  ///< blocks lie at multiples of it
    static constexpr std::size_t block_max = 8 * 1024;
    static constexpr std::size_t extent_bytes = 128 * 1024;
    static constexpr std::size_t banks = 8;  ///< `near` says which: blocks of one share extents
    static constexpr std::size_t most_bytes = std::size_t{32} * 1024 * 1024 * 1024;

    /// For `most` bytes, or as many as can be reserved.
    explicit block_heap(std::size_t most = most_bytes);
    ~block_heap();
    block_heap(const block_heap&) = delete;
    block_heap& operator=(const block_heap&) = delete;

    /// What a block of so many bytes takes.
    [[nodiscard]] static std::size_t room_for(std::size_t bytes);

    /// A block; `near` spreads callers over the locks. Null: there is no room.
    [[nodiscard]] void* take(std::size_t bytes, std::size_t near);
    void give_back(void* block);

    /// Counted from the beginning in steps, never 0 for a block.
    [[nodiscard]] std::uint32_t number_of(const void* block) const {
        return std::uint32_t(std::size_t(static_cast<const std::byte*>(block) - begin_) / step);
    }
    [[nodiscard]] void* at(std::uint32_t number) const { return begin_ + number * step; }

    /// What all extents take that are in use.
    [[nodiscard]] std::size_t bytes() const;

  private:
    static constexpr std::size_t classes = 157;
    static constexpr std::uint32_t none = 0;

    /// The state of an extent; those with room of one class and bank are a list.
    struct extent {
        std::uint32_t next = none;
        std::uint32_t previous = none;
        std::uint32_t free = none;    ///< the first of those given back
        std::uint16_t untouched = 0;  ///< how many from the beginning were taken at some time
        std::uint16_t used = 0;
        std::uint8_t size_class = 0;
        std::uint8_t bank = 0;
    };
    struct alignas(64) bank {
        std::mutex lock;
        std::array<std::uint32_t, classes> with_room{};
    };

    [[nodiscard]] static std::uint8_t class_of(std::size_t bytes);
    [[nodiscard]] static std::size_t size_of(std::uint8_t size_class);
    [[nodiscard]] std::uint32_t take_extent();
    void give_back_extent(std::uint32_t number);
    void enlist(bank& in, std::uint32_t number);
    void strike(bank& in, std::uint32_t number);

    std::byte* begin_;
    std::size_t size_;
    std::size_t extents_max_;
    extent* extents_;  // of each, from 1: the first range of addresses names nobody
    std::array<bank, banks> banks_;

    mutable std::mutex lock_;  // taken while a bank's is held, never the other way round
    std::uint32_t fresh_ = 1;
    std::vector<std::uint32_t> empty_;
};

}  // namespace hawser::store
