// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace hawser::balance {

/// Spreads the bits of `value`: every bit of it moves about half of the bits of the outcome.
/// The same on every node and in every version, since homes depend on it.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t value) noexcept {
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93;
    value ^= value >> 32;
    value *= 0xd6e8feb86659fd93;
    value ^= value >> 32;
    return value;
}

}  // namespace hawser::balance
