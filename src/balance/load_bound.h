// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "balance/balancer.h"
#include "config/codec.h"

namespace hawser::balance {

/// How far above its share of the load a server may get before what would go there goes elsewhere
/// (consistent hashing with bounded loads); off: as far as it likes.
using headroom = config::switchable<config::percentage>;

/// The bound of one pick, by the loads at the moment it is made: a server's share, by weight, of
/// the candidates' requests in flight and the one that is to come, and `headroom` more.
///
/// While loads stand still some candidate with weight is always below it. They do not: other
/// workers go on, so who asks must bear that nobody is.
class load_bound {
  public:
    load_bound(const headroom& given, candidates usable) noexcept {
        if (!given) return;
        percent_ = 100 + given->value;
        requests_ = 1;
        for (const server* one : usable) {
            weights_ += one->weight();
            requests_ += one->in_flight();
        }
    }

    /// It has weight, and room below the bound.
    [[nodiscard]] bool admits(const server& one) const noexcept {
        const std::uint64_t weight = one.weight();
        if (weight == 0 || percent_ == 0) return weight != 0;
        // Without dividing: load < percent/100 * requests * weight/weights.
        return one.in_flight() * weights_ * 100 < percent_ * requests_ * weight;
    }

  private:
    std::uint64_t percent_ = 0;  // 0: no bound
    std::uint64_t requests_ = 0;
    std::uint64_t weights_ = 0;
};

}  // namespace hawser::balance
