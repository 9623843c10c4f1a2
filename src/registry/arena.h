// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "base/result.h"

namespace hawser::registry {

/// Address space for all entries of all shards, reserved at once and touched as it is taken.
///
/// What was taken is a dense prefix whichever shard took it, so the memory that is used follows
/// the sessions there are. Nothing is given back: shards reuse their own extents.
class arena {
  public:
    [[nodiscard]] static result<std::unique_ptr<arena>> reserve(std::size_t bytes);
    ~arena();

    /// `bytes` of zeroes, aligned to a cache line. The reservation covers what all shards may ask.
    [[nodiscard]] void* take(std::size_t bytes);

    [[nodiscard]] std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }

    arena(const arena&) = delete;
    arena& operator=(const arena&) = delete;

  private:
    arena(std::byte* begin, std::size_t size) : begin_(begin), size_(size) {}

    std::byte* begin_;
    std::size_t size_;
    std::atomic<std::size_t> taken_ = 0;
};

}  // namespace hawser::registry
