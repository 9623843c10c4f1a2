// SPDX-License-Identifier: Apache-2.0
#include "app/shown_node.h"

#include <algorithm>
#include <chrono>

#include "app/node.h"
#include "app/service.h"
#include "app/shown_state.h"
#include "app/version.h"

namespace hawser::app {

namespace {

using hawser::admin::check_status;
using hawser::admin::discovery_status;
using hawser::admin::override_status;
using hawser::admin::pool_status;
using hawser::admin::server_status;

/// Of a server's check or agent; null: there is none.
std::optional<check_status> check_of(const checked_server* known) {
    if (known == nullptr || !known->record.last) return std::nullopt;
    const auto& last = *known->record.last;
    const auto age = read_clocks().steady - last.ended;
    return check_status{.kind = known->plan.kind ? known->plan.kind->name() : "agent",
                        .passed = last.passed,
                        .result = last.text,
                        .took = last.took,
                        .age = std::chrono::duration_cast<std::chrono::milliseconds>(age)};
}

/// Whole seconds, and none that have passed.
std::chrono::seconds whole(steady_time::duration time) {
    return std::max(std::chrono::duration_cast<std::chrono::seconds>(time),
                    std::chrono::seconds(0));
}

hawser::admin::drain_progress progress_of(const drain& one, steady_time now) {
    return {.left = one.left ? std::optional(one.left->sessions()) : std::nullopt,
            .expected_in = one.to_go,
            .deadline_in = whole(one.deadline() - now)};
}

}  // namespace

hawser::admin::node_status shown_node::whole() const {
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
    const auto set = marked();
    for (const auto& pool : node_.servers().current()->pools)
        shown.pools.push_back(status_of(*pool, sessions.find(pool->id()), set));
    shown.overrides = overrides();
    if (const auto kept = node_.kept_data())
        shown.data = {.records = kept->records,
                      .bytes = kept->bytes,
                      .clients = kept->clients,
                      .store = std::string(kept->store)};
    return shown;
}

std::optional<pool_status> shown_node::pool(std::string_view name) const {
    const auto* found = node_.servers().current()->find(name);
    if (found == nullptr) return std::nullopt;
    std::vector<server_id> homes;
    for (const auto& each : found->servers()) homes.push_back(each->id());
    const auto sessions = node_.sessions().counts_of(found->id(), homes);
    return status_of(*found, &sessions, marked());
}

std::vector<override_status> shown_node::overrides() const {
    std::vector<override_status> shown;
    for (const auto& each : service_.overridden().all())
        shown.push_back({.pool = each.pool,
                         .server = each.server,
                         .field = name_of(each.field),
                         .value = each.text(),
                         .file = each.file,
                         .who = each.who,
                         .when = each.when});
    return shown;
}

shown_node::marks shown_node::marked() const {
    marks made;
    for (const auto& each : service_.overridden().all())
        made[{each.pool, each.server}].push_back(name_of(each.field));
    return made;
}

pool_status shown_node::status_of(const upstream::pool& pool,
                                  const registry::pool_sessions* sessions, const marks& set) const {
    pool_status shown{.name = pool.name(),
                      .crowd = {.waiting = pool.crowd().queue.waiting(),
                                .waiting_max = pool.settings().queue.length,
                                .requests_max = pool.settings().limits.requests,
                                .retries_max = pool.settings().limits.retries},
                      .discovery = discovery_of(pool.name()),
                      .servers = {}};
    const auto& uneven = node_.evening().uneven();
    if (const auto skew = uneven.find(pool.id()); skew != uneven.end())
        shown.rebalancing = skew->second;
    const steady_time now = read_clocks().steady;
    for (std::size_t place = 0; place < pool.servers().size(); ++place) {
        const auto& each = pool.servers()[place];
        const auto load = each->load.totals();
        server_status one;
        one.name = each->name();
        one.address = each->address().text();
        one.state = shown_state(*each, node_.drains());
        one.weight = each->weights.given();
        one.connections_max = each->places.maximum();
        one.sessions_max = each->sessions.maximum();
        one.warmth = each->weights.warmth();
        one.waiting = each->waits_here.size();
        one.in_flight = load.in_flight;
        one.connections = load.connections;
        one.requests = node_.requests_of(pool.name(), *each);
        one.errors = node_.errors_of(pool.name(), each->name());
        if (const auto* of_server = sessions ? sessions->find(each->id()) : nullptr) {
            one.established = of_server->established;
            one.tentative = of_server->tentative;
        }
        if (const auto marks = set.find({pool.name(), each->name()}); marks != set.end())
            one.overridden = marks->second;
        one.check = check_of(service_.checks().find(pool, place));
        one.agent = check_of(service_.checks().find_agent(pool, place));
        one.reported = each->weights.reported();
        one.source = source_of(pool.name(), each->name());
        if (const auto* drains = node_.drains().find(each->id());
            drains != nullptr && drains->is_under_way() &&
            each->state() == upstream::admin_state::drain)
            one.drain = progress_of(*drains, now);
        shown.servers.push_back(std::move(one));
    }
    return shown;
}

std::string_view shown_node::source_of(const std::string& pool, const std::string& server) const {
    if (service_.written().pools.at(pool).servers.contains(server)) return "file";
    const auto* added = service_.overridden().find(pool, server, override_field::added);
    return added != nullptr ? "operator" : "discovery";
}

std::optional<discovery_status> shown_node::discovery_of(const std::string& pool) const {
    const auto* who = service_.finders().find(pool);
    if (who == nullptr) return std::nullopt;
    const auto& so_far = who->so_far();
    discovery_status shown;
    for (const auto& each : service_.written().pools.at(pool).sources())
        if (shown.kind.find(each.kind.name()) == std::string::npos)
            shown.kind.append(shown.kind.empty() ? "" : ", ").append(each.kind.name());
    shown.where = who->where();
    shown.found = so_far.found;
    shown.failed = so_far.failed;
    if (so_far.last_found)
        shown.age = std::chrono::floor<std::chrono::seconds>(read_clocks().steady -
                                                             so_far.last_found->steady);
    shown.trouble = so_far.trouble;
    shown.leaving = who->members().leaving();
    return shown;
}

hawser::admin::drain_status status_of(const app::drain& one, steady_time now) {
    const auto load = one.server->load.totals();
    return {.number = one.number,
            .pool = one.pool,
            .server = one.server->name(),
            .phase = name_of(one.phase),
            .outcome = one.outcome(),
            .age = whole(now - one.begun),
            .deadline_in = whole(one.deadline() - now),
            .expected_in = one.to_go,
            .left = one.left,
            .released = one.released,
            .in_flight = load.in_flight,
            .connections = load.connections,
            .policy = one.policy};
}

}  // namespace hawser::app
