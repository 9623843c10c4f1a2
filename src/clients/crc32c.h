// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace hawser::clients {

/// The checksum of RFC 3720 (Castagnoli), which a PROXY header of version 2 may carry.
class crc32c {
  public:
    constexpr void add(std::span<const std::uint8_t> bytes) noexcept {
        for (const std::uint8_t byte : bytes) state_ = state_ >> 8 ^ table[(state_ ^ byte) & 0xff];
    }

    [[nodiscard]] constexpr std::uint32_t value() const noexcept { return ~state_; }

  private:
    static constexpr std::uint32_t reflected_polynomial = 0x82f63b78;

    static constexpr auto table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t byte = 0; byte < made.size(); ++byte) {
            std::uint32_t rest = byte;
            for (int bit = 0; bit < 8; ++bit)
                rest = rest >> 1 ^ ((rest & 1) != 0 ? reflected_polynomial : 0);
            made[byte] = rest;
        }
        return made;
    }();

    std::uint32_t state_ = 0xffffffff;
};

}  // namespace hawser::clients
