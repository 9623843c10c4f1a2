// SPDX-License-Identifier: Apache-2.0
#include "proxy/snapshot.h"

#include <algorithm>

namespace hawser::proxy {

bool address_prefix::contains(const io::ip_address& one) const noexcept {
    const auto& a = address.bytes();
    const auto& b = one.bytes();
    const std::size_t whole = bits / 8;
    if (!std::equal(a.begin(), a.begin() + std::ptrdiff_t(whole), b.begin())) return false;
    const unsigned rest = bits % 8;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool listener_settings::trusts(const io::ip_address& peer) const noexcept {
    return std::ranges::any_of(trusted_proxies,
                               [&](const address_prefix& each) { return each.contains(peer); });
}

}  // namespace hawser::proxy
