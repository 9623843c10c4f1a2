// SPDX-License-Identifier: Apache-2.0
#include "proxy/open_tunnels.h"

#include <algorithm>

#include "base/limits.h"

namespace hawser::proxy {

void open_tunnels::part(std::span<const tunnel_owner> owners, const goodbye& why) {
    steady_time& next = next_[&why];
    next = std::max(next, loop::current().now().steady);
    for (const auto& each : owners) {
        const auto [first, last] = all_.equal_range(each);
        for (auto at = first; at != last; ++at) {
            if (at->second->must_go() != nullptr) continue;
            at->second->go_at(why, next);
            next += limits::farewell_gap;
        }
    }
}

}  // namespace hawser::proxy
