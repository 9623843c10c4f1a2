// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "app/drains.h"
#include "upstream/server.h"

namespace hawser::app {

/// The states that status and metrics know, in the order of their columns.
inline constexpr std::array<std::string_view, 5> shown_states = {"ready", "drain", "drained",
                                                                 "maintenance", "down"};

/// The one that counts: people's maintenance before health's down, that before people's drain.
[[nodiscard]] inline std::string_view shown_state(const upstream::server& one, const drains& all) {
    const auto wanted = one.state();
    if (wanted != upstream::admin_state::maintenance && !one.health.is_up()) return "down";
    return all.is_drained(one) ? "drained" : upstream::name_of(wanted);
}

}  // namespace hawser::app
