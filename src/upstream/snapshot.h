// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "upstream/pool.h"

namespace hawser::upstream {

/// All pools at one moment, as every worker sees them until it is handed the next snapshot.
/// Immutable. A pool that a reload did not touch is the same object in both.
struct snapshot {
    std::uint64_t number = 0;  ///< grows by one with each
    std::vector<std::shared_ptr<const pool>> pools;

    /// Null when there is none.
    [[nodiscard]] const pool* find(std::string_view name) const noexcept {
        for (const auto& each : pools)
            if (each->name() == name) return each.get();
        return nullptr;
    }
    [[nodiscard]] const pool* find(pool_id id) const noexcept {
        for (const auto& each : pools)
            if (each->id() == id) return each.get();
        return nullptr;
    }
};

}  // namespace hawser::upstream
