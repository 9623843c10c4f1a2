// SPDX-License-Identifier: Apache-2.0
#include "admin/drain_status.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace hawser::admin {

namespace {

using json = nlohmann::ordered_json;
using upstream::session_class;

json sessions_of(const std::optional<registry::drain_left>& left) {
    if (!left) return nullptr;
    json made = json::object();
    for (std::size_t i = 0; i < upstream::session_classes; ++i)
        made[std::string(upstream::name_of(session_class(i)))] = left->staying[i];
    return made;
}

json idle_ages_of(const registry::drain_left& left) {
    json made = json::array();
    for (std::size_t i = 0; i < left.idle.size(); ++i) {
        const auto& bounds = registry::drain_left::idle_bounds;
        json below = i < bounds.size() ? json(bounds[i].count()) : json();
        made.push_back({{"below_seconds", std::move(below)}, {"sessions", left.idle[i]}});
    }
    return made;
}

json rules_of(const upstream::drain_policy& policy) {
    json made = json::object();
    for (std::size_t i = 0; i < upstream::session_classes; ++i)
        made[std::string(upstream::name_of(session_class(i)))] = upstream::text_of(policy.rules[i]);
    return made;
}

}  // namespace

std::string json_of(const drain_status& one) {
    const auto left = one.left.value_or(registry::drain_left());
    // The registry was asked a moment ago.
    const auto tunnels = std::min(left.tunnels, one.in_flight);
    return json{{"number", one.number},
                {"pool", one.pool},
                {"server", one.server},
                {"phase", one.phase},
                {"outcome", one.outcome.empty() ? json() : json(one.outcome)},
                {"age_seconds", one.age.count()},
                {"deadline_in_seconds", one.deadline_in.count()},
                {"expected_in_seconds", one.expected_in ? json(one.expected_in->count()) : json()},
                {"left", left.sessions()},
                {"sessions", sessions_of(one.left)},
                {"idle_ages", idle_ages_of(left)},
                {"leaving", left.leaving},
                {"released", one.released},
                {"requests", one.in_flight - tunnels},
                {"tunnels", tunnels},
                {"connections", one.connections},
                {"rules", rules_of(one.policy)}}
               .dump() +
           '\n';
}

}  // namespace hawser::admin
