// SPDX-License-Identifier: Apache-2.0
#include "crypto/subkeys.h"

#include <algorithm>
#include <utility>

namespace hawser::crypto {

std::span<subkeys::place, subkeys::ways> subkeys::group_of(const salt& with) {
    // Salts are random, so any byte of one spreads them.
    return std::span(places_).subspan(with[0] % groups * ways).first<ways>();
}

aes_gcm* subkeys::find(key_id which, const salt& with) {
    for (auto& one : group_of(with)) {
        if (!one.ready || one.which != which || one.with != with) continue;
        one.used = ++turn_;
        return &*one.ready;
    }
    return nullptr;
}

void subkeys::keep(key_id which, const salt& with, aes_gcm ready) {
    // A free place has never been used, so it is the least lately used.
    auto& oldest = *std::ranges::min_element(group_of(with), {}, &place::used);
    oldest = {.with = with, .which = which, .used = ++turn_, .ready = std::move(ready)};
}

std::size_t subkeys::size() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(places_, [](const place& one) { return one.ready.has_value(); }));
}

}  // namespace hawser::crypto
