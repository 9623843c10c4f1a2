// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "base/ensure.h"

namespace hawser::observe {

/// A queue of byte strings between one writing and one reading thread, in one fixed block of
/// memory.
///
/// Neither side waits for the other: a full ring refuses and counts. Each string lies in one piece,
/// eight-byte aligned; where one doesn't fit before the block's end, a mark skips that end.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the padding keeps two threads apart
class byte_ring {
  public:
    /// `capacity` is rounded up to a power of two.
    explicit byte_ring(std::size_t capacity)
        : mask_(std::bit_ceil(capacity) - 1),
          block_(std::make_unique_for_overwrite<std::byte[]>(mask_ + 1)) {
        ensure(capacity >= 64, "a ring holds at least one string");
    }

    /// The writer's side. False: there was no room, and the loss is counted.
    bool push(std::span<const std::byte> bytes) noexcept {
        const std::size_t frame = frame_of(bytes.size());
        const std::size_t place = head_at_writer_ & mask_;
        const std::size_t until_end = mask_ + 1 - place;
        const std::size_t skipped = frame <= until_end ? 0 : until_end;
        if (!has_room(skipped + frame)) [[unlikely]] {
            dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
            return false;
        }
        if (skipped != 0) write_size(place, skip_mark);
        std::byte* at = block_.get() + (skipped != 0 ? 0 : place);
        const auto size = static_cast<std::uint64_t>(bytes.size());
        std::memcpy(at, &size, sizeof size);
        std::memcpy(at + sizeof size, bytes.data(), bytes.size());
        head_at_writer_ += skipped + frame;
        head_.store(head_at_writer_, std::memory_order_release);
        return true;
    }

    /// The writer's side: is more than half of the ring taken, as far as it knows?
    [[nodiscard]] bool is_filling() noexcept {
        if (head_at_writer_ - tail_at_writer_ <= mask_ / 2) return false;
        tail_at_writer_ = tail_.load(std::memory_order_acquire);
        return head_at_writer_ - tail_at_writer_ > mask_ / 2;
    }

    /// The reader's side: the oldest string, or an empty span; valid until `pop`.
    [[nodiscard]] std::span<const std::byte> front() noexcept {
        while (true) {
            const std::size_t tail = tail_.load(std::memory_order_relaxed);
            if (tail == head_at_reader_) {
                head_at_reader_ = head_.load(std::memory_order_acquire);
                if (tail == head_at_reader_) return {};
            }
            const std::size_t place = tail & mask_;
            const std::uint64_t size = read_size(place);
            if (size != skip_mark) return {block_.get() + place + sizeof size, size};
            tail_.store(tail + (mask_ + 1 - place), std::memory_order_release);
        }
    }

    /// The reader's side: gives the room of what `front` showed back to the writer.
    void pop() noexcept {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        tail_.store(tail + frame_of(read_size(tail & mask_)), std::memory_order_release);
    }

    /// Strings that found no room; for any thread.
    [[nodiscard]] std::uint64_t dropped() const noexcept {
        return dropped_.load(std::memory_order_relaxed);
    }

  private:
    static constexpr std::uint64_t skip_mark = ~std::uint64_t{0};

    static std::size_t frame_of(std::size_t size) noexcept {
        return sizeof(std::uint64_t) + ((size + 7) & ~std::size_t{7});
    }

    bool has_room(std::size_t wanted) noexcept {
        if (head_at_writer_ + wanted - tail_at_writer_ <= mask_ + 1) return true;
        tail_at_writer_ = tail_.load(std::memory_order_acquire);
        return head_at_writer_ + wanted - tail_at_writer_ <= mask_ + 1;
    }

    void write_size(std::size_t place, std::uint64_t size) noexcept {
        std::memcpy(block_.get() + place, &size, sizeof size);
    }

    [[nodiscard]] std::uint64_t read_size(std::size_t place) const noexcept {
        std::uint64_t size = 0;
        std::memcpy(&size, block_.get() + place, sizeof size);
        return size;
    }

    const std::size_t mask_;
    const std::unique_ptr<std::byte[]> block_;

    // Each side keeps what it knows of the other, so that their cache lines meet rarely.
    alignas(64) std::atomic<std::size_t> head_ = 0;
    std::size_t head_at_writer_ = 0;
    std::size_t tail_at_writer_ = 0;
    std::atomic<std::uint64_t> dropped_ = 0;
    alignas(64) std::atomic<std::size_t> tail_ = 0;
    std::size_t head_at_reader_ = 0;
};

}  // namespace hawser::observe
