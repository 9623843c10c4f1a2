// SPDX-License-Identifier: Apache-2.0
#include "proxy/snapshot.h"

#include <algorithm>

namespace hawser::proxy {

bool listener_settings::trusts(const io::ip_address& peer) const noexcept {
    return std::ranges::any_of(trusted_proxies,
                               [&](const clients::network& each) { return each.contains(peer); });
}

}  // namespace hawser::proxy
