// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hawser {

/// Writes `value` in network order, whatever the machine's own is.
template <std::unsigned_integral T>
constexpr void put_big_endian(std::span<std::uint8_t, sizeof(T)> out, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        out[i] = static_cast<std::uint8_t>(value >> (8 * (sizeof(T) - 1 - i)));
    }
}

/// What `put_big_endian` wrote.
template <std::unsigned_integral T>
[[nodiscard]] constexpr T big_endian(std::span<const std::uint8_t, sizeof(T)> bytes) {
    std::uint64_t value = 0;
    for (const auto byte : bytes) value = value << 8 | byte;
    return static_cast<T>(value);
}

}  // namespace hawser
