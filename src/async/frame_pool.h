// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <utility>

namespace hawser {

/// Memory for coroutine frames, from free lists of the calling thread.
///
/// A frame must be given back on the thread that took it: coroutines never change threads.
/// Sizes above the largest class go to the allocator.
class frame_pool {
  public:
    [[nodiscard]] static void* take(std::size_t size);
    static void give_back(void* frame, std::size_t size) noexcept;
    /// Hands what the calling thread keeps for frames to come back to the allocator.
    static void release_unused() noexcept;
};

/// Bytes from the calling thread's frame pool: for what lives as long as one exchange.
class pooled_bytes {
  public:
    pooled_bytes() = default;
    explicit pooled_bytes(std::size_t size)
        : begin_(static_cast<char*>(frame_pool::take(size))), size_(size) {}
    pooled_bytes(pooled_bytes&& other) noexcept
        : begin_(std::exchange(other.begin_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    pooled_bytes& operator=(pooled_bytes&& other) noexcept {
        std::swap(begin_, other.begin_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~pooled_bytes() {
        if (begin_ != nullptr) frame_pool::give_back(begin_, size_);
    }

    [[nodiscard]] std::span<char> bytes() const noexcept { return {begin_, size_}; }

  private:
    char* begin_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace hawser
