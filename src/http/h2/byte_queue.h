// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "base/ensure.h"

namespace hawser::http::h2 {

/// Bytes of one stream that wait to be taken, in one run. Empty, it holds no memory.
///
/// Its owner keeps the bound; the queue only grows to what is put in.
class byte_queue {
  public:
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    /// What lies in it; valid until the next `append` or `drop`.
    [[nodiscard]] std::span<char> bytes() const noexcept { return {room_.get() + begin_, size_}; }

    void append(std::string_view more) {
        if (more.empty()) return;
        if (capacity_ - begin_ - size_ < more.size()) make_room(more.size());
        std::memcpy(room_.get() + begin_ + size_, more.data(), more.size());
        size_ += more.size();
    }

    /// Takes `count` bytes off the front.
    void drop(std::size_t count) noexcept {
        ensure(count <= size_, "nobody takes what is not there");
        begin_ += count;
        size_ -= count;
        if (size_ == 0) clear();
    }

    void clear() noexcept {
        room_.reset();
        begin_ = size_ = capacity_ = 0;
    }

  private:
    static constexpr std::size_t capacity_min = 2048;

    void make_room(std::size_t more) {
        if (capacity_ >= size_ + more && begin_ >= size_) {
            std::memcpy(room_.get(), room_.get() + begin_, size_);
            begin_ = 0;
            return;
        }
        const std::size_t larger = std::max({capacity_min, 2 * size_, size_ + more});
        auto moved = std::make_unique_for_overwrite<char[]>(larger);
        if (size_ != 0) std::memcpy(moved.get(), room_.get() + begin_, size_);
        room_ = std::move(moved);
        begin_ = 0;
        capacity_ = larger;
    }

    std::unique_ptr<char[]> room_;
    std::size_t begin_ = 0;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace hawser::http::h2
