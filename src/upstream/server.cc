// SPDX-License-Identifier: Apache-2.0
#include "upstream/server.h"

#include <chrono>

#include "base/hash.h"

namespace hawser::upstream {

std::string_view name_of(admin_state state) noexcept {
    switch (state) {
        case admin_state::ready: return "ready";
        case admin_state::drain: return "drain";
        case admin_state::maintenance: return "maintenance";
    }
    return "unknown";
}

server::server(std::string_view pool, const server_description& described, std::size_t workers,
               std::uint32_t serial)
    : weights(described.weight, described.reports_weight),
      places(described.connections_max),
      load(workers),
      name_(described.name),
      id_(server_id_of(pool, described.name)),
      address_(described.address),
      approach_(described.approach),
      serial_(serial),
      wanted_(described.state),
      state_(described.state),
      priority_(described.priority) {}

bool server::is_still(generation mark, wall_time given) const noexcept {
    const generation present = instance();
    if (mark != 0 && present != 0) return mark == present;
    return given >= std::chrono::floor<std::chrono::seconds>(health.came_back());
}

}  // namespace hawser::upstream
