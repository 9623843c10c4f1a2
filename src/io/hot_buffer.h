// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>

#include "base/limits.h"

namespace hawser::io {

/// The one buffer that a worker reads into. What a read lends of it is valid until the next wait;
/// sanitizer builds poison it at each wait, so that whoever looks later is caught.
class hot_buffer {
  public:
    hot_buffer();
    ~hot_buffer();
    hot_buffer(const hot_buffer&) = delete;
    hot_buffer& operator=(const hot_buffer&) = delete;

    /// All of it, for the next read.
    [[nodiscard]] std::span<char> lend() noexcept;
    /// Whatever was lent is over.
    void take_back() noexcept;

  private:
    std::unique_ptr<char[]> bytes_;
};

}  // namespace hawser::io
