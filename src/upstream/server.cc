// SPDX-License-Identifier: Apache-2.0
#include "upstream/server.h"

#include <chrono>
#include <utility>

#include "base/ensure.h"
#include "base/hash.h"
#include "upstream/crowd.h"

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
    : health(this),
      weights(described.weight, described.reports_weight || described.slow_start.is_on()),
      places(described.connections_max),
      load(workers),
      sessions(described.sessions_max),
      warming(weights),
      name_(described.name),
      id_(server_id_of(pool, described.name)),
      address_(described.address),
      approach_(described.approach),
      serial_(serial),
      wanted_(described.state),
      state_(described.state),
      priority_(described.priority) {
    warming.set(described.slow_start);
}

void server::set_state(admin_state wanted) noexcept {
    wanted_ = wanted;
    const admin_state counts = std::max(wanted_, asked_);
    if (counts != admin_state::drain) leaving.clear();
    const admin_state before = state_.exchange(counts);
    if (before == counts) return;
    if (before == admin_state::maintenance) warming.begin();
    have_looked_again();
}

void server::fitness_changed(bool is_up) noexcept {
    if (is_up) warming.begin();
    have_looked_again();
}

void server::join(std::shared_ptr<crowd> all) {
    if (crowd_ == all) return;
    ensure(crowd_ == nullptr, "a server is in one pool as long as it lives");
    crowd_ = std::move(all);
    places.belong_to(crowd_->queue, *this);
}

queue& server::queue_of_pool() const noexcept { return crowd_->queue; }

bool server::is_still(generation mark, wall_time given) const noexcept {
    const generation present = instance();
    if (mark != 0 && present != 0) return mark == present;
    return given >= std::chrono::floor<std::chrono::seconds>(health.came_back());
}

}  // namespace hawser::upstream
