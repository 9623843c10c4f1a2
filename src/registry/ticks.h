// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace hawser::registry {

/// Monotonic time in half seconds, modulo 2^32: four bytes an entry, and limits exact to a second.
///
/// Only differences mean something. They hold for 34 years, so the wrap of a long-lived machine's
/// clock goes unnoticed.
enum class tick : std::uint32_t {};

inline constexpr std::uint32_t ticks_a_second = 2;

using tick_span = std::int32_t;

[[nodiscard]] constexpr tick tick_of(steady_time now) {
    using half_seconds = std::chrono::duration<std::int64_t, std::ratio<1, ticks_a_second>>;
    return tick{static_cast<std::uint32_t>(
        std::chrono::floor<half_seconds>(now.time_since_epoch()).count())};
}

[[nodiscard]] constexpr tick operator+(tick from, tick_span distance) {
    return tick{static_cast<std::uint32_t>(from) + static_cast<std::uint32_t>(distance)};
}

/// How far `to` lies after `from`; negative if before.
[[nodiscard]] constexpr tick_span between(tick from, tick to) {
    return static_cast<tick_span>(static_cast<std::uint32_t>(to) -
                                  static_cast<std::uint32_t>(from));
}

/// The later of two; workers' clocks are read at slightly different moments.
[[nodiscard]] constexpr tick later(tick a, tick b) { return between(a, b) > 0 ? b : a; }

[[nodiscard]] constexpr std::chrono::seconds seconds_between(tick from, tick to) {
    const tick_span distance = between(from, to);
    return std::chrono::seconds(distance > 0 ? distance / tick_span{ticks_a_second} : 0);
}

}  // namespace hawser::registry
