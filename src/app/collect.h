// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "app/drains.h"
#include "observe/exposition.h"
#include "registry/questions.h"
#include "registry/report.h"
#include "upstream/snapshot.h"

/// What a scrape shows beside the workers' counters: the present state of servers and sessions.
namespace hawser::app {

/// The family of the counter that `status` shows too.
inline constexpr std::string_view requests_to_servers = "server_attempts_total";

void collect_servers(observe::exposition& into, const upstream::snapshot& servers,
                     const drains& leaving);

/// Counts per server are those of servers that are in the configuration.
void collect_sessions(observe::exposition& into, const upstream::snapshot& servers,
                      const registry::report& sessions, const registry::idle_question& idle);

void collect_registry(observe::exposition& into, const registry::report& sessions);

/// The share of the pool's sessions that its busiest server holds, over the share that its weight
/// is due: 1 is even. 1 also for a pool without sessions.
[[nodiscard]] double skew_of(const upstream::pool& pool, const registry::pool_sessions& sessions);

/// How far the servers of a pool are from their fair shares of its sessions: the standard deviation
/// of what each has over what its weight is due. 0 is even.
[[nodiscard]] double spread_of(const upstream::pool& pool, const registry::pool_sessions& sessions);

}  // namespace hawser::app
