// SPDX-License-Identifier: Apache-2.0
#include "balance/least_response_time.h"

#include <algorithm>
#include <limits>

namespace hawser::balance {

namespace {

/// Costs that differ by less are about the same: measurements are no more certain than that.
constexpr double tolerance = 1.25;

/// In nanoseconds; of a server with requests in flight that never answered one: longer than any.
constexpr double unknown = 1e15;

double cost_of(const server& one, steady_time now) noexcept {
    const std::uint32_t weight = one.weight();
    if (weight == 0) return std::numeric_limits<double>::infinity();
    const double waiting = one.in_flight();
    const double measured = one.load.response_time(now);
    if (measured == 0 && waiting == 0) return 0;
    return (measured == 0 ? unknown : measured) * (1 + waiting / weight);
}

}  // namespace

server& least_response_time::pick(const request_key& key, candidates usable) {
    costs_.clear();
    for (const server* one : usable) costs_.push_back(cost_of(*one, key.now));
    const double dearest = *std::ranges::min_element(costs_) * tolerance;
    cheapest_.clear();
    for (std::size_t n = 0; n < usable.size(); ++n)
        if (costs_[n] <= dearest) cheapest_.push_back(usable[n]);
    return cheapest_.size() == 1 ? *cheapest_.front() : turns_.next(cheapest_);
}

}  // namespace hawser::balance
