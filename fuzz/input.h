// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <source_location>
#include <span>
#include <string_view>

#include "base/ensure.h"

namespace hawser::fuzz {

/// What libFuzzer gives: the first bytes choose settings, the rest is the text.
class input {
  public:
    input(const std::uint8_t* data, std::size_t size)
        : bytes_(reinterpret_cast<const char*>(data), size) {}

    /// A number below `below`, taken off the front; 0 when nothing is left.
    std::size_t choose(std::size_t below) {
        if (bytes_.empty()) return 0;
        const auto first = static_cast<unsigned char>(bytes_.front());
        bytes_.remove_prefix(1);
        return first % below;
    }

    std::string_view text() const { return bytes_; }

  private:
    std::string_view bytes_;
};

/// A mutable copy in a block of exactly its size, so that the sanitizer sees a read beyond.
class exact_copy {
  public:
    explicit exact_copy(std::string_view text)
        : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
        text.copy(bytes_.get(), size_);
    }

    std::span<char> span() { return {bytes_.get(), size_}; }
    std::string_view view() const { return {bytes_.get(), size_}; }

  private:
    std::unique_ptr<char[]> bytes_;
    std::size_t size_;
};

}  // namespace hawser::fuzz
