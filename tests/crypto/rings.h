// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "crypto/key_ring.h"

namespace hawser::crypto {

/// A moment of the tests: `at(5s)` is five seconds after noon of some day.
inline wall_time at(std::chrono::milliseconds after) {
    using namespace std::chrono;
    return sys_days(year(2026) / November / 24) + 12h + after;
}

/// A key with every byte `fill`, which is also its id.
inline ring_key key_of(std::uint8_t fill, wall_time seals_from) {
    std::array<std::uint8_t, 32> bytes;
    bytes.fill(fill);
    return {key_id{fill}, seals_from, secret<32>(bytes)};
}

/// A ring of such keys, and an index secret that is the same in all rings.
inline key_ring ring_of(std::initializer_list<std::pair<std::uint8_t, wall_time>> keys) {
    std::vector<ring_key> all;
    for (const auto& [fill, from] : keys) all.push_back(key_of(fill, from));
    return key_ring(std::move(all), secret<32>());
}

}  // namespace hawser::crypto
