// SPDX-License-Identifier: Apache-2.0
#include "app/assembly.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include "affinity/application_cookie.h"
#include "affinity/bearer.h"
#include "affinity/header.h"
#include "affinity/kinds.h"
#include "app/listener_terms.h"
#include "app/routing.h"
#include "app/session_service.h"
#include "balance/kinds.h"
#include "base/ensure.h"
#include "config/write.h"

namespace hawser::app {

namespace {

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

void secure(proxy::pool_setup& setup, const pool& from, const secured_terms& secured) {
    const auto terms = secured.pools.find(setup.servers->name());
    if (terms == secured.pools.end()) return;
    setup.tls = terms->second;
    for (const auto& each : setup.servers->servers())
        setup.tls_names.push_back(name_proved_by(from.servers.at(each->name()), *from.tls));
}

/// What decides whether a worker may keep the balancer and the affinity that it has.
std::string kinds_text(const pool& given, std::uint64_t marks) {
    std::string text = config::to_yaml(given.balance.show());
    for (const auto& each : given.affinity) {
        text += config::to_yaml(each.show());
        // A file may hold other keys under its old name.
        if (const auto* by = each.settings_if<affinity::bearer>()) text += by->keys.text();
    }
    return text + given.application + '/' + std::to_string(marks);
}

/// Only a server can have given out what this affinity finds.
bool is_given_by_servers(const affinity::choice& one) {
    const auto* field = one.settings_if<affinity::header>();
    return one.settings_if<affinity::application_cookie>() != nullptr ||
           (field != nullptr && field->learn && !field->shared);
}

std::shared_ptr<const proxy::pool_setup> set_up(const pool& given,
                                                std::shared_ptr<const upstream::pool> servers,
                                                const assembly::parts& of,
                                                observe::counters& counters) {
    const auto& marks = of.marks;
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
    if (given.guessing && std::ranges::any_of(given.affinity, is_given_by_servers))
        setup.guesses = std::make_shared<proxy::guess_watch>(
            servers->name(),
            proxy::guess_watch::settings{.per_minute = given.guessing->per_minute,
                                         .refuses = given.guessing->then == guess_action::refuse},
            crypto::drawn_key());
    setup.counters = counters.pool(servers->name());
    for (const auto& each : servers->servers())
        setup.server_counters.push_back(counters.server(servers->name(), each->name()));
    setup.record = of.data.link_of(given);
    setup.servers = std::move(servers);
    secure(setup, given, of.secured);
    return std::make_shared<const proxy::pool_setup>(std::move(setup));
}

std::shared_ptr<const tls::server_context> terms_of(const std::string& listener,
                                                    const secured_terms& secured) {
    const auto found = secured.listeners.find(listener);
    return found != secured.listeners.end() ? found->second : nullptr;
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

std::shared_ptr<proxy::snapshot> assembly::next(const parts& of) {
    auto made = again();
    made->number = of.fleet.number;
    const auto places = place_pools(*made, of);
    set_listeners(*made, of, places);
    if (of.changed.routes) {
        const auto place_of = [&](std::string_view name) { return places_.find(name)->second; };
        made->routes = std::make_shared<const proxy::router>(
            make_router(of.given.file(), place_of, rates_, of.before.file(), *present_->routes));
    }
    made->logs_ends = of.given.file().log.ends;
    made->debug_field = of.given.file().debug_header.value_or(std::string());
    present_ = made;
    return made;
}

/// A pool keeps its place; one that goes leaves its place to one that comes later. Returns the
/// places whose pool is another one.
std::vector<std::size_t> assembly::place_pools(proxy::snapshot& into, const parts& of) {
    std::vector<std::size_t> taken;
    std::vector<std::size_t> left;
    for (const auto& name : of.changed.pools) {
        const pool* given = of.given.find(name);
        const auto known = places_.find(name);
        if (given == nullptr) {
            if (known == places_.end()) continue;
            into.pools[known->second] = nullptr;
            left.push_back(known->second);
            places_.erase(known);
            continue;
        }
        if (known == places_.end()) taken.push_back(take_place(name, into));
        const auto servers =
            std::ranges::lower_bound(of.fleet.pools, name, {}, &upstream::pool::name);
        ensure(servers != of.fleet.pools.end() && (*servers)->name() == name,
               "the fleet was changed by the same pools");
        into.pools[places_.at(name)] = set_up(*given, *servers, of, counters_);
    }
    empty_places_.insert(empty_places_.end(), left.begin(), left.end());
    taken.insert(taken.end(), left.begin(), left.end());
    return taken;
}

std::size_t assembly::take_place(const std::string& name, proxy::snapshot& into) {
    std::size_t place = into.pools.size();
    if (empty_places_.empty()) {
        into.pools.emplace_back();
    } else {
        place = empty_places_.back();
        empty_places_.pop_back();
    }
    places_.emplace(name, place);
    return place;
}

void assembly::set_listeners(proxy::snapshot& into, const parts& of,
                             std::span<const std::size_t> places) {
    const auto fields = certificate_fields(of.given.file());
    std::vector<proxy::listener_setup> all;
    for (const auto& [name, each] : of.given.file().listeners) {
        const auto* before = present_->find_listener(name);
        proxy::listener_setup setup = before != nullptr ? *before : proxy::listener_setup();
        const auto tls = terms_of(name, of.secured);
        const bool stays =
            before != nullptr && !std::ranges::binary_search(of.changed.listeners, name) &&
            before->settings->tls == tls && before->settings->certificate_fields == fields;
        if (!stays) {
            auto settings = listener_terms(name, each, workers_);
            settings.tls = tls;
            settings.certificate_fields = fields;
            settings.rates = rates_.of_listener(name, each);
            setup.settings = std::make_shared<const proxy::listener_settings>(std::move(settings));
            setup.counters = counters_.listener(name);
        }
        if (before == nullptr || !places.empty()) count_traffic(setup, into, places);
        all.push_back(std::move(setup));
    }
    into.listeners = std::move(all);
}

/// By the pools that are at these places now; at all of them where it has counted none yet.
void assembly::count_traffic(proxy::listener_setup& setup, const proxy::snapshot& of,
                             std::span<const std::size_t> places) {
    const std::string& listener = setup.settings->name;
    proxy::traffic_rows made;
    const auto count = [&](std::size_t place) {
        const auto& pool = of.pools[place];
        made.pools[place] = pool ? counters_.traffic(listener, pool->servers->name()) : nullptr;
    };
    if (setup.traffic) made = *setup.traffic;
    made.pools.resize(of.pools.size());
    if (setup.traffic) {
        for (const std::size_t place : places) count(place);
    } else {
        made.without_pool = counters_.traffic(listener, "");
        for (std::size_t place = 0; place < of.pools.size(); ++place) count(place);
    }
    setup.traffic = std::make_shared<const proxy::traffic_rows>(std::move(made));
}

std::shared_ptr<const proxy::pool_setup> assembly::find(std::string_view pool) const {
    const auto known = places_.find(pool);
    return known != places_.end() ? present_->pools[known->second] : nullptr;
}

}  // namespace hawser::app
