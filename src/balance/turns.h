// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "balance/balancer.h"
#include "base/ids.h"

namespace hawser::balance {

/// Gives turns to servers in proportion to their weights, spread out: a server of weight 3 beside
/// one of weight 1 gives a a b a, not a a a b.
///
/// Each turn every server gains its weight in credit, and the one with the most credit pays what
/// all gained. Servers may come and go between turns; a newcomer begins with no credit.
class turns {
  public:
    /// Workers with different seeds begin with different servers.
    explicit turns(worker_seed seed) : seed_(seed.value) {}

    server& next(candidates usable);

  private:
    struct account {
        server_id owner;
        std::int64_t credit = 0;
    };

    /// The place of the owner's account, opened if it has none; looked for first at `expected`.
    std::size_t account_of(server_id owner, std::size_t expected);

    std::vector<account> accounts_;
    std::uint64_t seed_;
};

}  // namespace hawser::balance
