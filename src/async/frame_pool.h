// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace hawser {

/// Memory for coroutine frames, from free lists of the calling thread.
///
/// A frame must be given back on the thread that took it: coroutines never change threads.
/// Sizes above the largest class go to the allocator.
class frame_pool {
  public:
    [[nodiscard]] static void* take(std::size_t size);
    static void give_back(void* frame, std::size_t size) noexcept;
};

}  // namespace hawser
