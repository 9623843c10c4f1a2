// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "upstream/pool.h"

namespace hawser::upstream {

/// All pools at one moment, as every worker sees them until it is handed the next snapshot.
/// Immutable. A pool that a reload did not touch is the same object in both.
struct snapshot {
    std::uint64_t number = 0;                        ///< grows by one with each
    std::vector<std::shared_ptr<const pool>> pools;  ///< in the order of their names

    /// Null when there is none.
    [[nodiscard]] const pool* find(std::string_view name) const noexcept {
        const auto at = std::ranges::lower_bound(pools, name, {}, &pool::name);
        return at != pools.end() && (*at)->name() == name ? at->get() : nullptr;
    }
    [[nodiscard]] const pool* find(pool_id id) const noexcept {
        for (const auto& each : pools)
            if (each->id() == id) return each.get();
        return nullptr;
    }
};

}  // namespace hawser::upstream
