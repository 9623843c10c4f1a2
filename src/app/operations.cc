// SPDX-License-Identifier: Apache-2.0
#include "app/operations.h"

#include <chrono>

#include "app/service.h"
#include "app/shown_state.h"
#include "app/version.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

using hawser::admin::pool_status;
using hawser::admin::server_status;

}  // namespace

hawser::admin::node_status operations::status() {
    hawser::admin::node_status shown;
    shown.version = version;
    shown.state = node_.is_draining() ? "draining" : "serving";
    shown.uptime =
        std::chrono::duration_cast<std::chrono::seconds>(read_clocks().steady - service_.started());
    shown.generation = node_.servers().current()->number;
    shown.reloads = service_.reloads();
    shown.last_reload_succeeded = service_.last_reload_succeeded();
    shown.workers = node_.workers().size();
    for (const auto& [place, where] : node_.listening().open())
        shown.listeners.push_back({.name = place.first, .address = where.text()});
    const auto sessions = node_.sessions().counts();
    for (const auto& pool : node_.servers().current()->pools)
        shown.pools.push_back(status_of(*pool, sessions));
    return shown;
}

pool_status operations::status_of(const upstream::pool& pool,
                                  const registry::report& sessions) const {
    pool_status shown{.name = pool.name(), .servers = {}};
    const auto* of_pool = sessions.find(pool.id());
    for (const auto& each : pool.servers()) {
        const auto load = each->load.totals();
        server_status one;
        one.name = each->name();
        one.address = each->address().text();
        one.state = shown_state(*each);
        one.weight = each->weight();
        one.connections_max = each->places.maximum();
        one.in_flight = load.in_flight;
        one.connections = load.connections;
        one.requests = load.requests;
        one.errors = node_.errors_of(pool.name(), each->name());
        if (const auto* of_server = of_pool ? of_pool->find(each->id()) : nullptr) {
            one.established = of_server->established;
            one.tentative = of_server->tentative;
        }
        shown.servers.push_back(std::move(one));
    }
    return shown;
}

result<> operations::reload() { return service_.reload(); }

result<> operations::set_state(std::string_view pool, std::string_view server,
                               upstream::admin_state wanted) {
    const auto* found = node_.servers().current()->find(pool);
    if (found == nullptr) return fail(errc::not_found, "no pool is named " + std::string(pool));
    auto* one = found->find(server);
    if (one == nullptr)
        return fail(errc::not_found,
                    "pool " + std::string(pool) + " has no server named " + std::string(server));
    one->set_state(wanted);
    observe::log(observe::level::notice, "server " + std::string(pool) + "/" + std::string(server) +
                                             ": " + std::string(upstream::name_of(wanted)));
    return {};
}

}  // namespace hawser::app
