// SPDX-License-Identifier: Apache-2.0
#include "app/outlier_windows.h"

#include <utility>

#include "health/outliers.h"
#include "observe/counters.h"
#include "observe/log.h"

namespace hawser::app {

namespace {

bool is_compared(const upstream::pool& pool) {
    const auto& by = pool.settings().passive;
    return by.is_on && (by.error_percent != 0 || by.slowness != 0);
}

health::window_counts between(const upstream::load_totals& before,
                              const upstream::load_totals& after) {
    return {.outcomes = after.outcomes - before.outcomes,
            .failed = after.failed - before.failed,
            .answered = after.answered - before.answered,
            .answer_time = after.answer_time - before.answer_time};
}

std::string figures_of(health::oddity what, const health::window_counts& counts) {
    if (what == health::oddity::errors)
        return std::to_string(counts.failed) + " of " + std::to_string(counts.outcomes) +
               " requests failed";
    return "answers took " + std::to_string(counts.answer_time / counts.answered / 1000) + " ms";
}

void tell(const upstream::pool& pool, const upstream::server& one, health::oddity what,
          const health::window_counts& counts, const health::finding& found) {
    observe::log(observe::level::warn, "server " + pool.name() + "/" + one.name() +
                                           " went-out: " + std::string(name_of(what)) + " (" +
                                           figures_of(what, counts) + "), for " +
                                           std::to_string(found.lasting.count()) + " ms");
}

}  // namespace

void outlier_windows::look(const upstream::snapshot& present, instant now) {
    std::erase_if(pools_, [&](const auto& known) {
        const auto* pool = present.find(known.first);
        return pool == nullptr || !is_compared(*pool);
    });
    for (const auto& pool : present.pools) {
        if (!is_compared(*pool)) continue;
        auto& known = pools_[pool->name()];
        if (now.steady >= known.due) compare(*pool, known, now);
    }
}

void outlier_windows::compare(const upstream::pool& pool, watched_pool& known, instant now) {
    const bool is_first = known.due == steady_time();
    known.due = now.steady + pool.settings().passive.window;
    std::map<std::uint32_t, watched_server> seen;
    std::vector<health::window_counts> counts;
    for (const auto& each : pool.servers()) {
        const auto present = each->load.totals();
        const auto before = known.servers.find(each->serial());
        auto& one = seen[each->serial()];
        if (before != known.servers.end()) one = std::move(before->second);
        // Of a server that was not there before, no window is over.
        const bool is_new = is_first || before == known.servers.end();
        counts.push_back(is_new ? health::window_counts() : between(one.before, present));
        one.name = each->name();
        one.before = present;
    }
    known.servers = std::move(seen);

    const auto found = health::compare(counts, pool.settings().passive);
    const health::outliers rules(pool);
    for (std::size_t place = 0; place < found.size(); ++place) {
        if (found[place] == health::oddity::none) continue;
        upstream::server& one = *pool.servers()[place];
        const auto changed = rules.stood_out(one, now);
        if (changed.what != health::finding::change::went_out) continue;
        ++known.servers[one.serial()].ejections[found[place]];
        tell(pool, one, found[place], counts[place], changed);
    }
}

void outlier_windows::collect(observe::exposition& into) const {
    for (const auto& [name, pool] : pools_)
        for (const auto& [serial, one] : pool.servers)
            for (const auto& [what, count] : one.ejections)
                into.counter(observe::ejections, observe::ejections_help,
                             {{"pool", name}, {"server", one.name}, {"cause", name_of(what)}},
                             double(count));
}

}  // namespace hawser::app
