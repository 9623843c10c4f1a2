// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "base/clock.h"
#include "upstream/server.h"

namespace hawser::balance {

using upstream::server;

struct key_source;

/// What a balancer may know of the request it finds a home for.
struct request_key {
    std::uint64_t hash = 0;  ///< of what it asked to have hashed, the same on every node
    steady_time now = {};
};

/// What has to be done for a balancer before it can rank; of nothing else anybody bears the cost.
struct needs {
    const key_source* hash = nullptr;  ///< what of each request is hashed; null: nothing
    bool response_times = false;       ///< how long answers take to begin is measured
    bool sessions = false;             ///< one counts for its home as soon as it is bound
};

/// The servers to choose from: ready, up, not full, not tried by this request, never none; in the
/// pool's order.
using candidates = std::span<server* const>;

/// Chooses a home for a session that has none. It only ranks: states, health, limits, retries and
/// affinity were settled before.
///
/// Every worker has one for each pool, so a balancer needs no lock. What it remembers of servers
/// it keys by id, since any server may be missing from the next candidates.
class balancer {
  public:
    virtual ~balancer() = default;

    /// All servers of the pool, in its order: told before the first pick, and again whenever a
    /// snapshot may have others. For those who must know of servers that are out just now.
    virtual void meet(std::span<server* const> all) { (void)all; }

    /// The same from its making to its end.
    [[nodiscard]] virtual needs wants() const { return {}; }

    /// One of `usable`. A weight may have become 0 since they were gathered: such a server is
    /// chosen only where no other has any.
    virtual server& pick(const request_key& key, candidates usable) = 0;
};

/// What a balancer is made with besides its settings: it differs from worker to worker, so that
/// they don't all begin with the same server.
struct worker_seed {
    std::uint64_t value = 0;
};

}  // namespace hawser::balance
