// SPDX-License-Identifier: Apache-2.0
#include "app/collect.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "affinity/binding.h"
#include "app/shown_state.h"

namespace hawser::app {

namespace {

using observe::exposition;
using observe::label_list;

/// The registry counts lifetimes by powers of two of seconds: up to 2^20, twelve days.
constexpr std::size_t lifetime_bounds_count = 21;
constexpr auto lifetime_bounds = [] {
    std::array<std::chrono::microseconds, lifetime_bounds_count> bounds{};
    for (std::size_t i = 0; i < bounds.size(); ++i) bounds[i] = std::chrono::seconds(1LL << i);
    return bounds;
}();

void show_lifetimes(exposition& into, const label_list& labels, const registry::histogram& all) {
    std::array<std::uint64_t, lifetime_bounds_count + 1> counts{};
    double sum = 0;
    for (std::size_t bucket = 0; bucket < all.count.size(); ++bucket) {
        counts[std::min(bucket, counts.size() - 1)] += all.count[bucket];
        // Each is taken for the middle of its bucket: 0.5, 1.5, 3, 6, ... seconds.
        const double middle = bucket == 0 ? 0.5 : 0.75 * double(std::uint64_t{1} << bucket);
        sum += middle * double(all.count[bucket]);
    }
    into.histogram("session_lifetime_seconds", "How long sessions lived, first to last request.",
                   labels, lifetime_bounds, counts,
                   std::chrono::microseconds(std::int64_t(sum * 1e6)));
}

void show_happenings(exposition& into, std::string_view pool, const registry::happenings& all) {
    into.counter("sessions_started_total", "Sessions whose key came back for the first time.",
                 {{"pool", pool}}, double(all.returned + all.remade));
    into.counter("sessions_tentative_started_total", "First requests of sessions.",
                 {{"pool", pool}}, double(all.begun));
    for (std::size_t i = 0; i < registry::end_causes; ++i) {
        const label_list labels = {{"pool", pool},
                                   {"cause", registry::name_of(registry::end_cause(i))}};
        into.counter("sessions_ended_total", "Sessions that ended, by cause.", labels,
                     double(all.ends[i]));
        into.counter("sessions_tentative_ended_total",
                     "Sessions that ended before their key came back, by cause.", labels,
                     double(all.tentative_ends[i]));
    }
    for (std::size_t i = 0; i < affinity::causes; ++i) {
        if (all.moves[i] == 0) continue;
        into.counter("session_moves_total", "Sessions that got another home, by cause.",
                     {{"pool", pool}, {"cause", affinity::name_of(affinity::cause(i))}},
                     double(all.moves[i]));
    }
    show_lifetimes(into, {{"pool", pool}}, all.lifetimes);
}

/// Gauges in a histogram's shape: unlike a histogram's, these counts fall too.
void show_idle_times(exposition& into, std::string_view pool, const registry::histogram& all) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < all.count.size(); ++i) {
        below += all.count[i];
        const bool is_last = i + 1 == all.count.size();
        if (i >= lifetime_bounds_count && !is_last) continue;
        const auto bound = is_last ? std::string("+Inf") : std::to_string(1ULL << i);
        into.gauge("session_idle_seconds_bucket",
                   "Sessions that have been idle for less, at the last look at all of them.",
                   {{"pool", pool}, {"le", bound}}, double(below));
    }
}

void collect_pool(exposition& into, const upstream::pool& pool,
                  const registry::pool_sessions& sessions, const registry::histogram* idle) {
    for (const auto& server : pool.servers()) {
        const label_list labels = {{"pool", pool.name()}, {"server", server->name()}};
        const auto* here = sessions.find(server->id());
        into.gauge("sessions_active", "Sessions bound to a server.", labels,
                   here ? double(here->established) : 0);
        into.gauge("sessions_tentative", "Sessions whose key has not come back yet.", labels,
                   here ? double(here->tentative) : 0);
    }
    into.gauge("session_skew_ratio", "The busiest server's share of sessions over its fair share.",
               {{"pool", pool.name()}}, skew_of(pool, sessions));
    into.gauge("session_spread_ratio",
               "Standard deviation of servers' sessions over their fair shares.",
               {{"pool", pool.name()}}, spread_of(pool, sessions));
    if (idle != nullptr) show_idle_times(into, pool.name(), *idle);
    show_happenings(into, pool.name(), sessions.since_start);
}

}  // namespace

void collect_servers(exposition& into, const upstream::snapshot& servers, const drains& leaving) {
    for (const auto& pool : servers.pools) {
        into.gauge("queue_length", "Requests that wait for a place at a server of the pool.",
                   {{"pool", pool->name()}}, double(pool->crowd().queue.waiting()));
        for (const auto& server : pool->servers()) {
            const label_list labels = {{"pool", pool->name()}, {"server", server->name()}};
            into.gauge("server_queue_length", "Requests that wait for their home.", labels,
                       double(server->waits_here.size()));
            into.gauge("server_warmth_ratio",
                       "Share of its weight that a server which came lately has got to.", labels,
                       server->weights.warmth() / 100.0);
            into.counter(requests_to_servers, "Requests sent to a server, retries included.",
                         labels, double(server->load.totals().requests));
            into.gauge("server_in_flight", "Requests and tunnels with a server.", labels,
                       double(server->in_flight()));
            into.gauge("server_weight_reported_ratio",
                       "Share of its weight that a server asks for.", labels,
                       server->weights.reported() / 100.0);
            const auto present = shown_state(*server, leaving);
            for (const auto state : shown_states) {
                auto with_state = labels;
                with_state.emplace_back("state", state);
                into.gauge("server_state", "1 for the state that a server is in.", with_state,
                           state == present ? 1 : 0);
            }
        }
    }
}

void collect_sessions(exposition& into, const upstream::snapshot& servers,
                      const registry::report& sessions, const registry::idle_question& idle) {
    for (const auto& pool : servers.pools) {
        const auto* found = sessions.find(pool->id());
        collect_pool(into, *pool, found ? *found : registry::pool_sessions(),
                     idle.told(pool->id()));
    }
}

void collect_registry(exposition& into, const registry::report& sessions) {
    static constexpr std::string_view entries = "registry_entries";
    static constexpr std::string_view entries_help = "What the registry holds.";
    into.gauge(entries, entries_help, {{"kind", "established"}}, double(sessions.established));
    into.gauge(entries, entries_help, {{"kind", "tentative"}}, double(sessions.tentative));
    into.gauge(entries, entries_help, {{"kind", "extra-key"}}, double(sessions.extra_keys));
    into.gauge("registry_bytes", "Memory that the registry has used.", {}, double(sessions.bytes));
    std::uint64_t established = 0;
    std::uint64_t tentative = 0;
    for (const auto& pool : sessions.pools) {
        established += pool.since_start.ends[std::size_t(registry::end_cause::evicted)];
        tentative += pool.since_start.tentative_ends[std::size_t(registry::end_cause::evicted)];
    }
    static constexpr std::string_view evictions = "registry_evictions_total";
    static constexpr std::string_view evictions_help = "Sessions that made room for others.";
    into.counter(evictions, evictions_help, {{"kind", "established"}}, double(established));
    into.counter(evictions, evictions_help, {{"kind", "tentative"}}, double(tentative));
    into.counter("registry_unregistered_total", "Requests served without a place in the registry.",
                 {}, double(sessions.unregistered));
    into.counter("registry_keys_refused_total", "Keys for which there was no place.", {},
                 double(sessions.keys_refused));
}

namespace {

/// What each server that may take sessions has of those of its release, over what its weight is
/// due; null: of the pool's.
void add_shares(std::vector<double>& to, const upstream::pool& pool, const upstream::release* among,
                const registry::pool_sessions& sessions) {
    double weights = 0;
    double total = 0;
    std::vector<std::pair<double, double>> all;  // weight, sessions
    for (const auto& server : pool.servers()) {
        if (among != nullptr && !among->has(server->id())) continue;
        const auto* here = sessions.find(server->id());
        all.emplace_back(server->weight(), here != nullptr ? double(here->established) : 0);
        weights += all.back().first;
        total += all.back().second;
    }
    if (total <= 0 || weights <= 0) return;
    for (const auto& [weight, has] : all)
        if (weight > 0) to.push_back(has / total / (weight / weights));
}

std::vector<double> shares_of(const upstream::pool& pool, const registry::pool_sessions& sessions) {
    std::vector<double> shares;
    if (pool.settings().releases.empty()) add_shares(shares, pool, nullptr, sessions);
    for (const auto& each : pool.settings().releases) add_shares(shares, pool, &each, sessions);
    return shares;
}

}  // namespace

double skew_of(const upstream::pool& pool, const registry::pool_sessions& sessions) {
    const auto shares = shares_of(pool, sessions);
    return shares.empty() ? 1 : std::ranges::max(shares);
}

double spread_of(const upstream::pool& pool, const registry::pool_sessions& sessions) {
    const auto shares = shares_of(pool, sessions);
    if (shares.empty()) return 0;
    double sum = 0;
    for (const double each : shares) sum += (each - 1) * (each - 1);
    return std::sqrt(sum / double(shares.size()));
}

}  // namespace hawser::app
