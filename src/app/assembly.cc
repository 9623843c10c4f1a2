// SPDX-License-Identifier: Apache-2.0
#include "app/assembly.h"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "affinity/kinds.h"
#include "app/routing.h"
#include "balance/kinds.h"
#include "base/ensure.h"
#include "config/write.h"
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
    if (given.health.weight_header) settings.weight_field = *given.health.weight_header;
    if (given.health.panic_threshold) settings.panic_percent = given.health.panic_threshold->value;
    settings.retries = given.retries;
    settings.retry_percent = given.retry_budget.value;
    settings.drain = given.drain.policy();
    if (given.rebalance) settings.rebalance = given.rebalance->policy();
    if (given.queue) settings.queue = given.queue->wanted();
    settings.when_home_is_full = given.when_home_is_full;
    settings.retry_after = given.retry_after;
    settings.limits = given.circuit_breaker.wanted();
    settings.shares_data = given.session_data == session_data_place::shared;
    return settings;
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

std::optional<proxy::marking> marks_of(const listener& given) {
    if (!given.request_id && !given.traceparent) return std::nullopt;
    proxy::marking made;
    if (given.request_id) {
        made.id_name = given.request_id->header;
        made.ids = given.request_id->believe;
        made.tells_client = given.request_id->to_client;
    }
    if (given.traceparent) made.traces = given.traceparent;
    return made;
}

/// Of `host:port` or `[v6]:port`.
std::string host_of(std::string_view address) {
    auto host = address.substr(0, address.rfind(':'));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return std::string(host);
}

/// The name that a server must prove over TLS.
std::string name_proved_by(const server& one, const pool_tls& of_pool) {
    if (!one.server_name.empty()) return one.server_name;
    return of_pool.server_name.empty() ? host_of(one.address.text) : of_pool.server_name;
}

std::string hsts_line(const hsts& given) {
    return "Strict-Transport-Security: max-age=" + std::to_string(given.max_age.count()) +
           (given.include_subdomains ? "; includeSubDomains" : "") +
           (given.preload ? "; preload" : "") + "\r\n";
}

/// A route for all that is to be asked again over TLS.
std::shared_ptr<const proxy::route> route_to_https(std::uint16_t port) {
    const auto where = port == 443 ? std::string() : ":" + std::to_string(port);
    auto location = proxy::text_template::parse("https://{host}" + where + "{uri}", 0);
    ensure(location.has_value(), "the template is ours");
    proxy::fixed_answer answer;
    answer.status = 308;
    answer.location = std::move(*location);
    proxy::route made;
    made.pool = proxy::no_pool;
    made.answer = std::make_shared<const proxy::fixed_answer>(std::move(answer));
    return std::make_shared<const proxy::route>(std::move(made));
}

/// How servers learn of clients' certificates, where any host of the listener asks for them.
std::optional<client_certificates> certificates_told(const listener& given) {
    if (!given.tls) return std::nullopt;
    if (given.tls->client_certificates) return given.tls->client_certificates;
    const bool asks = std::ranges::any_of(
        given.tls->certificates, [](const certificate& each) { return each.clients.has_value(); });
    return asks ? std::optional(client_certificates()) : std::nullopt;
}

void secure(proxy::listener_settings& settings, const listener& given, std::size_t workers) {
    if (given.hsts) settings.hsts = hsts_line(*given.hsts);
    if (given.redirect_to_https) settings.to_https = route_to_https(given.https_port);
    if (!given.tls) return;
    const auto share = [&](const config::switchable<std::size_t>& most) {
        return most ? (*most + workers - 1) / workers : 0;
    };
    settings.handshakes_max = share(given.tls->handshakes.at_once);
    settings.handshakes_of_source_max = share(given.tls->handshakes.per_source);
    const auto clients = certificates_told(given);
    if (!clients) return;
    settings.subject_field = clients->subject_header;
    if (clients->fingerprint_header) settings.fingerprint_field = *clients->fingerprint_header;
}

void secure(proxy::pool_setup& setup, const configuration& given, const secured_terms& secured) {
    const auto terms = secured.pools.find(setup.servers->name());
    if (terms == secured.pools.end()) return;
    const pool& from = given.pools.at(setup.servers->name());
    setup.tls = terms->second;
    for (const auto& each : setup.servers->servers())
        setup.tls_names.push_back(name_proved_by(from.servers.at(each->name()), *from.tls));
}

std::vector<std::string> certificate_fields(const configuration& given) {
    std::vector<std::string> all;
    for (const auto& [name, each] : given.listeners) {
        const auto clients = certificates_told(each);
        if (!clients) continue;
        all.push_back(clients->subject_header);
        if (clients->fingerprint_header) all.push_back(*clients->fingerprint_header);
    }
    return all;
}

proxy::listener_settings settings_of(const std::string& name, const listener& given,
                                     std::size_t workers) {
    proxy::listener_settings settings;
    settings.name = name;
    settings.head_timeout = given.timeouts.head;
    settings.body_timeout = given.timeouts.body;
    settings.idle_timeout = given.timeouts.idle;
    settings.write_timeout = given.timeouts.write;
    settings.body_rate_min = given.minimum_body_rate.value;
    settings.forwarded = given.forwarded_for;
    settings.forwarded_field = given.forwarded;
    settings.announcements = given.proxy_protocol;
    settings.trusted_proxies = clients::network_set(given.trusted_proxies);
    settings.access = access_of(given.allow, given.allow_file, given.deny, given.deny_file);
    settings.adds_via = given.via;
    settings.pages = pages_of(given.error_pages);
    settings.marks = marks_of(given);
    settings.http2 = given.http2;
    settings.limits = {.head = given.limits.head.value,
                       .line = given.limits.request_line.value,
                       .fields = given.limits.fields,
                       .underscores = given.underscores};
    // The kernel spreads connections evenly enough for each worker to hold its share.
    if (given.limits.connections)
        settings.connections_max = (*given.limits.connections + workers - 1) / workers;
    settings.connections_of_source_max = given.limits.connections_per_source.value_or(0);
    secure(settings, given, workers);
    return settings;
}

/// What decides whether a worker may keep the balancer and the affinity that it has.
std::string kinds_text(const pool& given, std::uint64_t marks) {
    std::string text = config::to_yaml(given.balance.show());
    for (const auto& each : given.affinity) text += config::to_yaml(each.show());
    return text + given.application + '/' + std::to_string(marks);
}

proxy::pool_setup set_up(const pool& given, std::shared_ptr<const upstream::pool> servers,
                         observe::counters& counters, std::shared_ptr<const issuers> marks) {
    proxy::pool_setup setup;
    setup.host = given.host.policy;
    setup.host_text = given.host.text;
    setup.protocol = given.protocol;
    setup.idle_connections_max = given.idle_connections;
    setup.idle_connection_time = given.timeouts.idle;
    setup.session_salt = marks->session_salt();
    setup.pages = pages_of(given.error_pages);
    setup.kinds = kinds_text(given, marks->serial());
    setup.make_balancer = [chosen = given.balance](balance::worker_seed seed) {
        return chosen.make(seed);
    };
    if (!given.affinity.empty()) {
        setup.make_affinity = [chosen = given.affinity, pool = servers->name(),
                               application = given.application, marks](unsigned worker, bool tls) {
            const affinity::context made_for{
                .pool = pool, .application = application, .tls = tls, .with = marks->of(worker)};
            affinity::chain::links ways;
            for (const auto& each : chosen) ways.push_back(each.make(made_for));
            return std::make_unique<affinity::chain>(std::move(ways), made_for);
        };
    }
    setup.counters = counters.pool(servers->name());
    for (const auto& each : servers->servers())
        setup.server_counters.push_back(counters.server(servers->name(), each->name()));
    setup.servers = std::move(servers);
    return setup;
}

result<io::endpoint> look_up(const std::string& address, known_addresses& known) {
    if (auto numeric = io::endpoint::parse(address)) return numeric;
    if (const auto found = known.find(address); found != known.end()) return found->second;
    auto where = io::resolve(address);
    if (where) known.emplace(address, *where);
    return where;
}

}  // namespace

issuers::issuers(const crypto::key_ring& ring, std::size_t workers) {
    static std::atomic<std::uint64_t> serials{0};
    serial_ = ++serials;
    for (std::size_t i = 0; i < workers; ++i)
        all_.push_back(std::make_shared<affinity::issuer>(ring));
    const auto salt = ring.index<8>("log");
    std::memcpy(&session_salt_, salt.bytes().data(), sizeof session_salt_);
}

result<std::vector<upstream::pool_description>> describe_pools(const configuration& given,
                                                               const config::node& written,
                                                               known_addresses& known) {
    std::vector<upstream::pool_description> described;
    for (const auto& [name, each] : given.pools) {
        if (each.servers.empty() && !each.discover)
            return fail(errc::invalid, "pool \"" + name + "\" has no servers");
        upstream::pool_description one{.name = name, .settings = settings_of(each), .servers = {}};
        if (each.source) {
            if (auto usable = io::check_source(each.source->begin()); !usable) {
                usable.error().context = written.place({"pools", name, "source"}).text() +
                                         ": pool " + name + ": " + usable.error().context;
                return std::unexpected(std::move(usable.error()));
            }
        }
        for (const auto& [server_name, server] : each.servers) {
            auto address = look_up(server.address.text, known);
            if (!address) {
                address.error().context =
                    written.place({"pools", name, "servers", server_name}).text() + ": pool " +
                    name + ", server " + server_name + ": " + address.error().context;
                return std::unexpected(std::move(address.error()));
            }
            auto from = source_towards(*address, each);
            if (!from) {
                from.error().context = written.place({"pools", name, "source"}).text() + ": pool " +
                                       name + ", server " + server_name + ": " +
                                       from.error().context;
                return std::unexpected(std::move(from.error()));
            }
            one.servers.push_back({.name = server_name,
                                   .address = *address,
                                   .approach = {.announces = announces_of(server), .from = *from},
                                   .weight = server.weight,
                                   .connections_max = server.max_connections.value_or(0),
                                   .sessions_max = server.max_sessions.value_or(0),
                                   .state = server.state,
                                   .reports_weight = each.health.takes_weights(),
                                   .slow_start = slow_start_of(each),
                                   .priority = server.priority});
        }
        described.push_back(std::move(one));
    }
    if (auto checked = upstream::fleet::check(described); !checked)
        return std::unexpected(std::move(checked.error()));
    return described;
}

std::shared_ptr<proxy::snapshot> assemble(const configuration& given,
                                          const upstream::snapshot& fleet,
                                          const secured_terms& secured, observe::counters& counters,
                                          rate_limits& rates,
                                          std::shared_ptr<const issuers> marks) {
    auto made = std::make_shared<proxy::snapshot>();
    made->number = fleet.number;
    for (const auto& servers : fleet.pools)
        made->pools.push_back(set_up(given.pools.at(servers->name()), servers, counters, marks));
    for (auto& setup : made->pools) secure(setup, given, secured);
    const auto fields = certificate_fields(given);
    for (const auto& [name, each] : given.listeners) {
        proxy::listener_setup setup;
        auto settings = settings_of(name, each, given.workers.number);
        if (const auto terms = secured.listeners.find(name); terms != secured.listeners.end())
            settings.tls = terms->second;
        settings.certificate_fields = fields;
        settings.rates = rates.of_listener(name, each);
        setup.settings = std::make_shared<const proxy::listener_settings>(std::move(settings));
        setup.counters = counters.listener(name);
        for (const auto& pool : fleet.pools)
            setup.traffic.push_back(counters.traffic(name, pool->name()));
        setup.traffic.push_back(counters.traffic(name, ""));
        made->listeners.push_back(std::move(setup));
    }
    const auto place_of = [&](std::string_view name) {
        return std::size_t(std::ranges::find(fleet.pools, name, &upstream::pool::name) -
                           fleet.pools.begin());
    };
    made->routes = make_router(given, place_of, &rates);
    made->logs_ends = given.log.ends;
    if (given.debug_header) made->debug_field = *given.debug_header;
    return made;
}

}  // namespace hawser::app
