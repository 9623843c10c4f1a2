// SPDX-License-Identifier: Apache-2.0
#include "app/session_counts.h"

#include <cstdint>
#include <utility>

namespace hawser::app {

namespace {

/// A server, and what it had been told when the registry had not been asked yet.
using asked = std::pair<upstream::server*, std::uint32_t>;

void tell(const asked& one, const registry::pool_sessions& pool) {
    const auto* here = pool.find(one.first->id());
    one.first->sessions.correct(
        one.second, here != nullptr ? std::uint32_t(here->established + here->tentative) : 0);
}

}  // namespace

void tell_session_counts(const std::vector<const upstream::pool*>& pools,
                         const registry::registry& sessions) {
    for (const auto* pool : pools) {
        std::vector<asked> before;
        std::vector<server_id> homes;
        for (const auto& each : pool->servers()) {
            before.emplace_back(each.get(), each->sessions.read());
            homes.push_back(each->id());
        }
        const auto counts = sessions.counts_of(pool->id(), homes);
        for (const auto& each : before) tell(each, counts);
        auto& queue = pool->crowd().queue;
        if (queue.waiting_for_any() != 0) queue.look_again();
    }
}

}  // namespace hawser::app
