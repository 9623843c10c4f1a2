// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace hawser::sessions {

/// What a record's data is to its clients. But for strings it is a container, as containers.h and
/// sorted_set.h write them, and never empty: one that becomes empty ends.
enum class holding : std::uint8_t { string, hash, set, sorted_set, list };

/// Where it stands among a record's flags.
inline constexpr std::uint8_t holding_bits = 0b1110;

[[nodiscard]] constexpr holding holding_of(std::uint8_t flags) {
    return holding((flags & holding_bits) >> 1);
}
[[nodiscard]] constexpr std::uint8_t flags_of(holding what) {
    return std::uint8_t(std::to_underlying(what) << 1);
}

inline constexpr std::array<std::string_view, 5> holding_names = {"string", "hash", "set", "zset",
                                                                  "list"};

/// As RESP's clients call it.
[[nodiscard]] constexpr std::string_view name_of(holding what) {
    return holding_names[std::to_underlying(what)];
}

}  // namespace hawser::sessions
