// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "async/task.h"
#include "io/stream.h"

namespace hawser::proxy {

/// The bytes of one peer that have come and were not used yet.
///
/// They lie in the hot buffer until `keep` copies them to a buffer of their own, which must happen
/// before the next wait; without bytes there is no buffer.
class input {
  public:
    [[nodiscard]] std::span<char> bytes() const noexcept { return bytes_; }
    [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

    /// Bytes just read become the input. Only while it is empty.
    void take(std::span<char> lent) noexcept { bytes_ = lent; }
    /// The first `count` bytes were used.
    void use(std::size_t count) noexcept;
    /// Makes the bytes outlast the next wait.
    void keep();
    /// The same, and gives the buffer back when nothing is left: what was used is over.
    void settle();
    /// Keeps what is there and puts `more` behind it.
    void append(std::span<const char> more);

  private:
    void grow(std::size_t room);

    std::span<char> bytes_;
    std::unique_ptr<char[]> kept_;
    std::size_t room_ = 0;
};

}  // namespace hawser::proxy
