// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hawser::crypto {

/// Makes sure, once at start and before any other thread, that the kernel gives entropy; ends the
/// process with a message if it does not (E168). Calling it again does nothing.
void start_random();

/// Fills `out` from the kernel's generator. A failure ends the process: there is no weaker source.
void random_bytes(std::span<std::uint8_t> out);

/// Random bytes in small portions without a system call for each: one a worker.
///
/// It draws a block at once and wipes what it has given away.
class random_stock {
  public:
    ~random_stock();

    void take(std::span<std::uint8_t> out);

  private:
    std::array<std::uint8_t, 1024> block_{};
    std::size_t used_ = sizeof block_;
};

}  // namespace hawser::crypto
