// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace hawser::registry {

/// Where a session's entry is: valid as long as the entry's epoch is this one.
struct location {
    std::uint32_t shard = 0;
    std::uint32_t number = 0;
    std::uint32_t epoch = 0;

    friend constexpr bool operator==(const location&, const location&) = default;
};

}  // namespace hawser::registry
