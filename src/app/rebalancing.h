// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>

#include "base/ids.h"
#include "observe/exposition.h"
#include "registry/registry.h"
#include "upstream/snapshot.h"

namespace hawser::app {

/// Moves sessions from servers that have too many to those that have too few, where a pool wants
/// it: never more than so many a second, and none once the spread is even enough.
///
/// Once a second the control thread tells each server how many sessions it may give away until the
/// next; a worker moves one where a request of it comes (proxy/choose.cc).
class rebalancing {
  public:
    explicit rebalancing(const registry::registry& sessions) : sessions_(sessions) {}

    /// Reckons anew, for a second.
    void look(const upstream::snapshot& servers);

    /// The pools that are being rebalanced, and how uneven they are: the most that a server has of
    /// what its weight is due.
    [[nodiscard]] const std::map<pool_id, double>& uneven() const noexcept { return uneven_; }

  private:
    void look(const upstream::pool& pool, const registry::pool_sessions& sessions);
    void tell(const upstream::pool& pool, bool is_uneven, double skew);

    const registry::registry& sessions_;
    std::map<pool_id, double> uneven_;
};

/// What a scrape shows of it.
void collect_rebalancing(observe::exposition& into, const upstream::snapshot& servers,
                         const rebalancing& from);

}  // namespace hawser::app
