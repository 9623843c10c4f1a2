// SPDX-License-Identifier: Apache-2.0
#include "store/block_heap.h"

#include <sys/mman.h>

#include <bit>

#include "base/ensure.h"

namespace hawser::store {

namespace {

constexpr std::size_t least_block = 64;
constexpr unsigned fine_bits = 5;  // 32 classes from one power of two to the next

/// Memory that is there once it is touched; null: the system has no addresses left.
void* reserve(std::size_t bytes) {
    void* begin = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (begin == MAP_FAILED) return nullptr;
    // The first touch of a huge page zeroes 2 MiB, for whoever waits for a command.
    (void)::madvise(begin, bytes, MADV_NOHUGEPAGE);
    return begin;
}

}  // namespace

block_heap::block_heap(std::size_t most) : begin_(nullptr), size_(most), extents_max_(0) {
    void* found = reserve(size_);
    for (; found == nullptr && size_ > extent_bytes; found = reserve(size_)) size_ /= 2;
    ensure(found != nullptr, "there are addresses for a process's memory");
    begin_ = static_cast<std::byte*>(found);
    extents_max_ = size_ / extent_bytes;
    extents_ = static_cast<extent*>(reserve(extents_max_ * sizeof(extent)));
    ensure(extents_ != nullptr, "there are addresses for what is known of a process's memory");
}

block_heap::~block_heap() {
    ::munmap(extents_, extents_max_ * sizeof(extent));
    ::munmap(begin_, size_);
}

/// Sizes grow by a 32nd of a power of two, and by 16 bytes at least.
std::uint8_t block_heap::class_of(std::size_t bytes) {
    if (bytes <= least_block) return 0;
    const auto power = unsigned(std::bit_width(bytes - 1)) - 1;
    const unsigned shift = power > fine_bits + 4 ? power - fine_bits : 4;
    const std::size_t units = (bytes + (std::size_t{1} << shift) - 1) >> shift;
    if (shift == 4) return std::uint8_t(units - least_block / step);
    // Units from 33 to 64 in each power of two.
    const std::size_t fine = (std::size_t{1} << (fine_bits + 1)) - least_block / step;
    return std::uint8_t(fine + (shift - 5) * 32 + units - 32);
}

std::size_t block_heap::size_of(std::uint8_t size_class) {
    constexpr std::size_t fine = (std::size_t{1} << (fine_bits + 1)) - least_block / step;
    if (size_class <= fine) return least_block + size_class * step;
    const std::size_t beyond = size_class - fine - 1;
    return (33 + beyond % 32) << (5 + beyond / 32);
}

std::size_t block_heap::room_for(std::size_t bytes) { return size_of(class_of(bytes)); }

void* block_heap::take(std::size_t bytes, std::size_t near) {
    ensure(bytes <= block_max, "a block is no larger than that");
    const auto size_class = class_of(bytes);
    const std::size_t size = size_of(size_class);
    bank& in = banks_[near % banks];
    const std::scoped_lock held(in.lock);
    std::uint32_t number = in.with_room[size_class];
    if (number == none) {
        number = take_extent();
        if (number == none) return nullptr;
        extents_[number] = {.size_class = size_class, .bank = std::uint8_t(near % banks)};
        enlist(in, number);
    }
    extent& one = extents_[number];
    std::byte* begin = begin_ + number * extent_bytes;
    std::byte* block = nullptr;
    if (one.free != none) {
        block = begin_ + one.free * step;
        one.free = *reinterpret_cast<std::uint32_t*>(block);
    } else {
        block = begin + one.untouched++ * size;
    }
    ++one.used;
    const bool is_full = one.free == none && (one.untouched + 1u) * size > extent_bytes;
    if (is_full) strike(in, number);
    return block;
}

void block_heap::give_back(void* block) {
    const auto at = number_of(block);
    const auto number = std::uint32_t(at / (extent_bytes / step));
    extent& one = extents_[number];
    bank& in = banks_[one.bank];
    const std::scoped_lock held(in.lock);
    const std::size_t size = size_of(one.size_class);
    const bool was_full = one.free == none && (one.untouched + 1u) * size > extent_bytes;
    *static_cast<std::uint32_t*>(block) = one.free;
    one.free = at;
    --one.used;
    if (was_full) enlist(in, number);
    // One stays for whoever comes next.
    const bool is_alone = one.next == number;
    if (one.used == 0 && !is_alone) {
        strike(in, number);
        give_back_extent(number);
    }
}

std::uint32_t block_heap::take_extent() {
    const std::scoped_lock held(lock_);
    if (!empty_.empty()) {
        const auto number = empty_.back();
        empty_.pop_back();
        return number;
    }
    return fresh_ < extents_max_ ? fresh_++ : none;
}

void block_heap::give_back_extent(std::uint32_t number) {
    (void)::madvise(begin_ + number * extent_bytes, extent_bytes, MADV_DONTNEED);
    const std::scoped_lock held(lock_);
    empty_.push_back(number);
}

std::size_t block_heap::bytes() const {
    const std::scoped_lock held(lock_);
    return (fresh_ - 1 - empty_.size()) * extent_bytes;
}

void block_heap::enlist(bank& in, std::uint32_t number) {
    extent& one = extents_[number];
    std::uint32_t& first = in.with_room[one.size_class];
    if (first == none) {
        first = one.next = one.previous = number;
        return;
    }
    one.next = first;
    one.previous = extents_[first].previous;
    extents_[one.previous].next = number;
    extents_[first].previous = number;
}

void block_heap::strike(bank& in, std::uint32_t number) {
    extent& one = extents_[number];
    std::uint32_t& first = in.with_room[one.size_class];
    if (one.next == number) {
        first = none;
    } else {
        extents_[one.previous].next = one.next;
        extents_[one.next].previous = one.previous;
        if (first == number) first = one.next;
    }
    one.next = one.previous = none;
}

}  // namespace hawser::store
