// SPDX-License-Identifier: Apache-2.0
#include "app/session_counts.h"

#include <cstdint>
#include <utility>

namespace hawser::app {

namespace {

/// A server, and what it had been told when the registry had not been asked yet.
using asked = std::pair<upstream::server*, std::uint32_t>;

void tell(const asked& one, const registry::pool_sessions* pool) {
    const auto* here = pool != nullptr ? pool->find(one.first->id()) : nullptr;
    one.first->sessions.correct(
        one.second, here != nullptr ? std::uint32_t(here->established + here->tentative) : 0);
}

}  // namespace

void tell_session_counts(const std::vector<const upstream::pool*>& pools,
                         const registry::registry& sessions) {
    if (pools.empty()) return;
    std::vector<std::vector<asked>> before;
    for (const auto* pool : pools) {
        auto& servers = before.emplace_back();
        for (const auto& each : pool->servers())
            servers.emplace_back(each.get(), each->sessions.read());
    }
    const auto counts = sessions.counts();
    for (std::size_t i = 0; i < pools.size(); ++i) {
        for (const auto& each : before[i]) tell(each, counts.find(pools[i]->id()));
        auto& queue = pools[i]->crowd().queue;
        if (queue.waiting_for_any() != 0) queue.look_again();
    }
}

}  // namespace hawser::app
