// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_ring.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "crypto/hkdf.h"

namespace hawser::crypto {

std::string text_of(key_id id) { return fmt::format("{:08x}", std::to_underlying(id)); }

key_ring::key_ring(std::vector<ring_key> keys, const secret<32>& index)
    : keys_(std::move(keys)), index_(index) {
    ensure(!keys_.empty(), "a key ring has a key: its file is refused without");
    // Two keys of one time are ordered too: every node must choose the same.
    std::ranges::sort(keys_, {},
                      [](const ring_key& one) { return std::pair(one.seals_from, one.id); });
}

const ring_key& key_ring::sealing_at(wall_time now) const {
    const auto later = std::ranges::upper_bound(keys_, now, {}, &ring_key::seals_from);
    return later == keys_.begin() ? keys_.front() : *std::prev(later);
}

void key_ring::derive_index(std::string_view purpose, std::span<std::uint8_t> out) const {
    hkdf(index_.bytes(), {}, purpose, out);
}

}  // namespace hawser::crypto
