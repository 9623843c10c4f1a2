// SPDX-License-Identifier: Apache-2.0
#include "app/descriptions.h"

#include <sys/socket.h>
#include <algorithm>

#include <optional>
#include <string_view>
#include <utility>

#include "io/resolve.h"
#include "io/source.h"

namespace hawser::app {

namespace {

upstream::passive_settings passive_of(const pool_health& given) {
    if (!given.passive) return {.is_on = false};
    const passive_health& told = *given.passive;
    upstream::passive_settings made{.connect_failures = told.connect_failures,
                                    .answer_failures = told.answer_failures,
                                    .base = told.out_for,
                                    .maximum = told.out_for_at_most,
                                    .out_percent = told.out_at_most.value,
                                    .window = told.window,
                                    .window_requests = told.requests_at_least,
                                    .slow_from = told.slow_from};
    if (told.error_rate) made.error_percent = told.error_rate->value;
    if (told.slowness) made.slowness = *told.slowness;
    return made;
}

upstream::pool_settings settings_of(const pool& given) {
    upstream::pool_settings settings;
    settings.timeouts = {.connect = given.timeouts.connect,
                         .response = given.timeouts.response,
                         .idle = given.timeouts.body,
                         .tunnel = given.timeouts.tunnel};
    settings.passive = passive_of(given.health);
    settings.is_checked = given.health.check.has_value();
    if (given.health.weight_header) settings.weight_field = *given.health.weight_header;
    if (given.health.panic_threshold) settings.panic_percent = given.health.panic_threshold->value;
    settings.retries = given.retries;
    settings.retry_percent = given.retry_budget.value;
    settings.drain = given.drain.policy();
    if (given.rebalance) settings.rebalance = given.rebalance->policy();
    if (given.queue) settings.queue = given.queue->wanted();
    settings.when_home_is_full = given.when_home_is_full;
    settings.when_home_is_down = given.when_home_is_down.wanted(settings.queue.timeout);
    settings.agrees = given.placement == placement::agreed;
    if (given.first_claim) settings.first_claim = given.first_claim->wanted();
    settings.valuable = given.valuable.wanted(settings.queue.timeout);
    settings.returns_home = given.when_home_is_back == home_back::return_;
    settings.retry_after = given.retry_after;
    settings.limits = given.circuit_breaker.wanted();
    settings.shares_data = given.session_data == session_data_place::shared;
    return settings;
}

std::vector<upstream::release> releases_of(const std::string& name, const pool& given) {
    std::vector<upstream::release> made;
    for (const auto& each : given.releases) {
        auto& one = made.emplace_back(
            upstream::release{.name = each.name, .weight = each.weight, .servers = {}});
        for (const auto& [server_name, server] : given.servers)
            if (server.release == each.name) one.servers.push_back(server_id_of(name, server_name));
        std::ranges::sort(one.servers);
    }
    return made;
}

upstream::slow_start slow_start_of(const pool& given) {
    return given.slow_start ? given.slow_start->wanted() : upstream::slow_start();
}

std::optional<clients::proxy_version> announces_of(const server& given) {
    if (!given.proxy_protocol) return std::nullopt;
    return given.proxy_protocol;
}

/// Where connections to a server of that address begin.
result<io::source> source_towards(const io::endpoint& server, const pool& given) {
    if (!given.source) return io::source();
    const io::source from = given.source->begin();
    if (server.domain() == AF_UNIX) {
        if (from.is_foreign) return fail(errc::invalid, "`source: client` leads to no unix socket");
        return io::source();
    }
    if (!from.is_foreign && from.address.is_v4() != (server.domain() == AF_INET))
        return fail(errc::invalid, "no connection leads from `source` " + from.address.text() +
                                       " to " + server.text() + ", of the other family");
    return from;
}

result<io::endpoint> look_up(const std::string& pool, const std::string& address,
                             known_addresses& known) {
    if (auto numeric = io::endpoint::parse(address)) return numeric;
    known.pools.insert(pool);
    if (const auto there = known.found.find(address); there != known.found.end())
        return there->second;
    auto where = io::resolve(address);
    if (where) known.found.emplace(address, *where);
    return where;
}

std::unexpected<error> failed(error what, const config::position& where, const std::string& whose) {
    what.context = where.text() + ": " + whose + ": " + what.context;
    return std::unexpected(std::move(what));
}

result<upstream::pool_description> describe(const std::string& name, const pool& given,
                                            const config::node& written, known_addresses& known) {
    upstream::pool_description made{.name = name, .settings = settings_of(given), .servers = {}};
    made.settings.releases = releases_of(name, given);
    for (const auto& [server_name, server] : given.servers)
        if (!server.successor.empty())
            made.settings.successors.push_back({.of = server_id_of(name, server_name),
                                                .by = server_id_of(name, server.successor)});
    if (given.source) {
        if (auto usable = io::check_source(given.source->begin()); !usable)
            return failed(usable.error(), written.place({"pools", name, "source"}), "pool " + name);
    }
    for (const auto& [server_name, server] : given.servers) {
        const auto whose = [&] { return "pool " + name + ", server " + server_name; };
        auto address = look_up(name, server.address.text, known);
        if (!address)
            return failed(address.error(), written.place({"pools", name, "servers", server_name}),
                          whose());
        auto from = source_towards(*address, given);
        if (!from) return failed(from.error(), written.place({"pools", name, "source"}), whose());
        made.servers.push_back({.name = server_name,
                                .address = *address,
                                .approach = {.announces = announces_of(server), .from = *from},
                                .weight = server.weight,
                                .connections_max = server.max_connections.value_or(0),
                                .sessions_max = server.max_sessions.value_or(0),
                                .state = server.state,
                                .reports_weight = given.health.takes_weights(),
                                .slow_start = slow_start_of(given),
                                .priority = server.priority});
    }
    return made;
}

}  // namespace

result<upstream::fleet::change> describe_pools(const effective& given,
                                               std::span<const std::string> pools,
                                               const config::node& written,
                                               known_addresses& known) {
    upstream::fleet::change made;
    for (const auto& name : pools) {
        known.pools.erase(name);
        const pool* one = given.find(name);
        if (one == nullptr) {
            made.gone.push_back(name);
            continue;
        }
        if (one->servers.empty() && !one->finds_servers())
            return fail(errc::invalid, "pool \"" + name + "\" has no servers");
        auto described = describe(name, *one, written, known);
        if (!described) return std::unexpected(std::move(described.error()));
        made.pools.push_back(std::move(*described));
    }
    return made;
}

}  // namespace hawser::app
