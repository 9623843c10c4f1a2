// SPDX-License-Identifier: Apache-2.0
#include "proxy/admission.h"

namespace hawser::proxy {

bool admission::take(place& into) noexcept {
    const std::size_t before = connections_.fetch_add(1, std::memory_order_relaxed);
    into = {};
    into.in_ = this;
    if (before < connections_max()) return true;
    into = {};
    return false;
}

bool admission::take_for(const io::ip_address& source, std::size_t most, place& into) {
    auto counted = std::make_unique<clients::source_counts::counted>();
    if (!sources_.take(source, most, *counted)) return false;
    into.source_ = std::move(counted);
    return true;
}

}  // namespace hawser::proxy
