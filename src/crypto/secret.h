// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace hawser::crypto {

/// Key material: `Size` bytes that are wiped when they are no longer needed.
///
/// It has no output operator and no text form, so it cannot slip into a log or an error.
template <std::size_t Size>
class secret {
  public:
    secret() = default;
    explicit secret(std::span<const std::uint8_t, Size> bytes) {
        ::memcpy(bytes_.data(), bytes.data(), Size);
    }
    secret(const secret&) = default;
    secret& operator=(const secret&) = default;
    ~secret() { ::explicit_bzero(bytes_.data(), Size); }

    [[nodiscard]] std::span<const std::uint8_t, Size> bytes() const { return bytes_; }
    [[nodiscard]] std::span<std::uint8_t, Size> writable() { return bytes_; }

  private:
    std::array<std::uint8_t, Size> bytes_{};
};

}  // namespace hawser::crypto
