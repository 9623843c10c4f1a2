// SPDX-License-Identifier: Apache-2.0
#include "balance/ring.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "balance/mix.h"
#include "balance/rendezvous.h"
#include "base/limits.h"

namespace hawser::balance {

server& ring::pick(const request_key& key, candidates usable) {
    is_due_ |= roster_.update_weights(usable, key.now);
    if (std::exchange(is_due_, false)) build();

    const load_bound bound(settings_.headroom, usable);
    const auto hash = static_cast<std::uint32_t>(mix(key.hash));
    auto at = std::ranges::lower_bound(points_, hash, {}, &point::hash);
    for (unsigned tried = 0; tried < places_tried_max && !points_.empty(); ++tried) {
        if (at == points_.end()) at = points_.begin();
        server* one = roster_.find(at++->place, usable);
        if (one != nullptr && bound.admits(*one)) return *one;
    }
    return highest_bid(key.hash, usable, bound);
}

void ring::build() {
    const auto members = roster_.members();
    std::size_t weights = 0;
    for (const auto& each : members) weights += each.weight;
    std::size_t of_each = limits::ring_points;  // unit of weight
    while (of_each > 1 && weights * of_each > limits::ring_points_max) of_each /= 2;

    points_.clear();
    points_.reserve(weights * of_each);
    for (std::uint32_t place = 0; place < members.size(); ++place) {
        const std::uint64_t owner = mix(std::to_underlying(members[place].id));
        for (std::uint64_t n = 0; n < members[place].weight * of_each; ++n)
            points_.push_back({static_cast<std::uint32_t>(mix(owner + n)), place});
    }
    // Of two points in one place the same decides on every node, in whatever order they came.
    std::ranges::sort(
        points_, {}, [&](const point& one) { return std::tuple(one.hash, members[one.place].id); });
}

}  // namespace hawser::balance
