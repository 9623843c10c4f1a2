// SPDX-License-Identifier: Apache-2.0
#include "app/rebalancing.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include "observe/log.h"

namespace hawser::app {

namespace {

/// What a server that takes part has, and what its weight is due.
struct share {
    upstream::server* server = nullptr;
    double has = 0;
    double due = 0;

    [[nodiscard]] double surplus() const { return std::floor(has - due); }
};

using shares = std::vector<share>;

/// Of those of one release; null: of all.
shares shares_of(const upstream::pool& pool, const upstream::release* one,
                 const registry::pool_sessions& sessions) {
    shares all;
    double weights = 0;
    double total = 0;
    for (const auto& each : pool.servers()) {
        if (one != nullptr && !one->has(each->id())) continue;
        if (!each->is_usable_for_new()) continue;
        // Those of a higher number stand by.
        if (!all.empty() && each->priority() != all.front().server->priority()) continue;
        const auto* here = sessions.find(each->id());
        all.push_back({.server = each.get(), .has = here ? double(here->established) : 0});
        weights += each->weight();
        total += all.back().has;
    }
    for (auto& each : all) each.due = total * each.server->weight() / weights;
    return all;
}

/// Those among whom sessions may move: nobody leaves its release.
std::vector<shares> groups_of(const upstream::pool& pool, const registry::pool_sessions& sessions) {
    const auto& releases = pool.settings().releases;
    if (releases.empty()) return {shares_of(pool, nullptr, sessions)};
    std::vector<shares> all;
    for (const auto& each : releases) all.push_back(shares_of(pool, &each, sessions));
    return all;
}

void stop_giving(const upstream::pool& pool) {
    for (const auto& each : pool.servers()) {
        each->balance.give(0, {});
        each->balance.set_lacks(false);
    }
}

double skew_of(const shares& all) {
    double most = 1;
    for (const auto& each : all)
        if (each.due > 0) most = std::max(most, each.has / each.due);
    return most;
}

/// Somebody has a whole session more than the tolerance allows.
bool gives_any(const shares& all, unsigned tolerance_percent) {
    const double most = 1 + double(tolerance_percent) / 100;
    return std::ranges::any_of(
        all, [&](const share& each) { return each.surplus() >= 1 && each.has > each.due * most; });
}

/// The surpluses share what may move in a second, the largest first.
void distribute(shares all, const upstream::pool_settings& by) {
    std::ranges::sort(all, std::ranges::greater(), &share::surplus);
    double surplus = 0;
    for (const auto& each : all) surplus += std::max(each.surplus(), 0.0);
    const auto idle = by.shares_data ? std::chrono::seconds(0) : by.rebalance.idle;
    double left = by.rebalance.per_second;
    for (const auto& each : all) {
        each.server->balance.set_lacks(each.surplus() < 0);
        if (each.surplus() < 1) continue;
        const double part = std::ceil(by.rebalance.per_second * each.surplus() / surplus);
        const double given = std::min({part, each.surplus(), left});
        if (given < 1) continue;
        each.server->balance.give(static_cast<std::uint32_t>(given), idle);
        left -= given;
    }
}

}  // namespace

void rebalancing::look(const upstream::snapshot& servers) {
    for (const auto& pool : servers.pools) {
        if (!pool->settings().rebalance.is_on && !uneven_.contains(pool->id())) continue;
        std::vector<server_id> homes;
        for (const auto& each : pool->servers()) homes.push_back(each->id());
        look(*pool, sessions_.counts_of(pool->id(), homes));
    }
    std::erase_if(uneven_, [&](const auto& each) { return servers.find(each.first) == nullptr; });
}

void rebalancing::look(const upstream::pool& pool, const registry::pool_sessions& sessions) {
    const auto& by = pool.settings().rebalance;
    stop_giving(pool);
    double skew = 1;
    shares uneven;
    for (const auto& each : groups_of(pool, sessions)) {
        skew = std::max(skew, skew_of(each));
        if (by.is_on && gives_any(each, by.tolerance_percent))
            uneven.insert(uneven.end(), each.begin(), each.end());
    }
    tell(pool, !uneven.empty(), skew);
    if (!uneven.empty()) distribute(std::move(uneven), pool.settings());
}

void rebalancing::tell(const upstream::pool& pool, bool is_uneven, double skew) {
    const bool was_uneven = uneven_.contains(pool.id());
    if (is_uneven != was_uneven)
        observe::log(
            observe::level::notice,
            fmt::format("rebalancing of {} {}: the busiest server has {:.2f} times its share",
                        pool.name(), is_uneven ? "begins" : "is over", skew));
    if (is_uneven)
        uneven_[pool.id()] = skew;
    else
        uneven_.erase(pool.id());
}

void collect_rebalancing(observe::exposition& into, const upstream::snapshot& servers,
                         const rebalancing& from) {
    for (const auto& pool : servers.pools) {
        if (!pool->settings().rebalance.is_on) continue;
        into.gauge("rebalancing", "1 while sessions of the pool are moved to spread them evenly.",
                   {{"pool", pool->name()}}, from.uneven().contains(pool->id()) ? 1 : 0);
    }
}

}  // namespace hawser::app
