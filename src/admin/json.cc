// SPDX-License-Identifier: Apache-2.0
#include "admin/json.h"

#include <nlohmann/json.hpp>

namespace hawser::admin {

namespace {

using json = nlohmann::ordered_json;

std::string text_of(const json& shown, int indent = -1) {
    return shown.dump(indent, ' ', false, json::error_handler_t::replace) + '\n';
}

json tree_of(const server_status& one) {
    return {{"name", one.name},
            {"address", one.address},
            {"state", one.state},
            {"weight", one.weight},
            {"max_connections", one.connections_max},
            {"sessions", {{"established", one.established}, {"tentative", one.tentative}}},
            {"in_flight", one.in_flight},
            {"connections", one.connections},
            {"requests", one.requests},
            {"errors", one.errors}};
}

json tree_of(const pool_status& one) {
    json servers = json::array();
    std::uint64_t established = 0;
    std::uint64_t tentative = 0;
    for (const auto& server : one.servers) {
        servers.push_back(tree_of(server));
        established += server.established;
        tentative += server.tentative;
    }
    return {{"name", one.name},
            {"sessions", {{"established", established}, {"tentative", tentative}}},
            {"servers", std::move(servers)}};
}

}  // namespace

std::string json_of(const node_status& shown) {
    json listeners = json::array();
    for (const auto& one : shown.listeners)
        listeners.push_back({{"name", one.name}, {"address", one.address}});
    json pools = json::array();
    for (const auto& one : shown.pools) pools.push_back(tree_of(one));
    return text_of({{"version", shown.version},
                    {"state", shown.state},
                    {"uptime_seconds", shown.uptime.count()},
                    {"generation", shown.generation},
                    {"reloads", shown.reloads},
                    {"last_reload_succeeded", shown.last_reload_succeeded},
                    {"workers", shown.workers},
                    {"listeners", std::move(listeners)},
                    {"pools", std::move(pools)}},
                   2);
}

std::string json_of_error(std::string_view what) { return text_of({{"error", what}}); }

std::string json_of_state(std::string_view pool, std::string_view server, std::string_view state) {
    return text_of({{"pool", pool}, {"server", server}, {"state", state}});
}

std::string json_of_generation(std::uint64_t generation) {
    return text_of({{"generation", generation}});
}

}  // namespace hawser::admin
