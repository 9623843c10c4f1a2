// SPDX-License-Identifier: Apache-2.0
#include "app/circuits.h"

#include <fmt/format.h>

#include <utility>

#include "observe/log.h"

namespace hawser::app {

namespace {

bool is_judged(const upstream::pool& pool) { return pool.settings().limits.error_percent != 0; }

}  // namespace

void circuits::look(const upstream::snapshot& present, instant now) {
    std::erase_if(pools_, [&](const auto& known) {
        const auto* pool = present.find(known.first);
        return pool == nullptr || !is_judged(*pool);
    });
    for (const auto& pool : present.pools) {
        if (!is_judged(*pool)) continue;
        auto& known = pools_[pool->name()];
        if (now.steady >= known.due) judge(*pool, known, now.steady);
    }
}

/// What has happened in the window that ends now. Of a server that was not there at its beginning,
/// nothing.
circuits::counts circuits::turn_window(const upstream::pool& pool, watched_pool& known,
                                       steady_time now) {
    known.due = now + pool.settings().limits.window;
    counts sum;
    std::map<std::uint32_t, counts> present;
    for (const auto& each : pool.servers()) {
        const auto totals = each->load.totals();
        const counts of_server{.all = totals.outcomes, .failed = totals.failed};
        present.emplace(each->serial(), of_server);
        const auto before = known.before.find(each->serial());
        if (before == known.before.end()) continue;
        sum.all += of_server.all - before->second.all;
        sum.failed += of_server.failed - before->second.failed;
    }
    known.before = std::move(present);
    return sum;
}

void circuits::judge(const upstream::pool& pool, watched_pool& known, steady_time now) {
    const counts seen = turn_window(pool, known, now);
    const auto& by = pool.settings().limits;
    if (seen.all < by.window_requests || seen.failed * 100 < seen.all * by.error_percent) return;
    if (!pool.crowd().circuit.take_out(now + by.open_for)) return;
    ++known.opened;
    observe::log(observe::level::warn,
                 fmt::format("pool {}: its circuit opens: {} of {} requests failed, for {} ms",
                             pool.name(), seen.failed, seen.all, by.open_for.count()));
}

void circuits::collect(const upstream::snapshot& present, observe::exposition& into) const {
    for (const auto& [name, known] : pools_) {
        const auto* pool = present.find(name);
        if (pool == nullptr) continue;
        into.gauge("circuit_open", "1 while a pool refuses requests because most of them failed.",
                   {{"pool", name}}, pool->crowd().circuit.is_up() ? 0 : 1);
        into.counter("circuit_openings_total", "How often a pool began to refuse requests so.",
                     {{"pool", name}}, double(known.opened));
    }
}

}  // namespace hawser::app
