// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "config/settings.h"
#include "upstream/rebalance.h"

namespace hawser::app {

/// How sessions of a pool are spread anew when servers were added.
struct rebalance_settings {
    std::chrono::seconds idle = upstream::rebalance_policy().idle;
    std::uint32_t per_second = upstream::rebalance_policy().per_second;
    config::percentage tolerance{upstream::rebalance_policy().tolerance_percent};

    [[nodiscard]] upstream::rebalance_policy policy() const {
        return {.is_on = true,
                .idle = idle,
                .per_second = per_second,
                .tolerance_percent = tolerance.value};
    }

    static void describe(config::fields<rebalance_settings>& field) {
        using self = rebalance_settings;
        field("idle", &self::idle,
              "Who was without a request for so long may move; of a pool with shared session data, "
              "anybody between two requests.")
            .maximum(limits::session_rule_idle_max);
        field("per-second", &self::per_second, "How many of the pool's sessions move in a second.")
            .minimum(1)
            .maximum(limits::rebalanced_per_second_max);
        field("tolerance", &self::tolerance,
              "Even enough: no server has so much more than its weight is due.")
            .minimum(config::percentage{1});
    }
    friend bool operator==(const rebalance_settings&, const rebalance_settings&) = default;
};

}  // namespace hawser::app
