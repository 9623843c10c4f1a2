// SPDX-License-Identifier: Apache-2.0
#include "proxy/open_tunnels.h"

#include <algorithm>

#include "base/limits.h"

namespace hawser::proxy {

void open_tunnels::part(std::span<const tunnel_owner> owners, const goodbye& why) {
    next_ = std::max(next_, loop::current().now().steady);
    for (const auto& each : owners) {
        const auto [first, last] = all_.equal_range(each);
        for (auto at = first; at != last; ++at) {
            at->second->go_at(why, next_);
            next_ += limits::farewell_gap;
        }
    }
}

}  // namespace hawser::proxy
