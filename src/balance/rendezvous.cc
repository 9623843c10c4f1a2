// SPDX-License-Identifier: Apache-2.0
#include "balance/rendezvous.h"

#include <cmath>
#include <utility>

#include "balance/mix.h"

namespace hawser::balance {

namespace {

struct bid {
    std::uint64_t hash = 0;  // evenly spread
    std::uint32_t weight = 0;

    /// A logarithm costs more than all the rest of a pick, and is needed only where the higher hash
    /// has the lower weight.
    [[nodiscard]] bool beats(const bid& other) const noexcept {
        if (weight == other.weight) return hash > other.hash;
        if ((weight > other.weight) == (hash > other.hash)) return weight > other.weight;
        return score() > other.score();
    }

    /// weight / -ln(u) for u evenly in (0, 1): a server is the highest of all with a chance in
    /// proportion to its weight.
    [[nodiscard]] double score() const noexcept {
        const double even = (static_cast<double>(hash >> 12) + 0.5) * 0x1p-52;
        return weight / -std::log(even);
    }
};

/// Null if `admits` says no to all.
template <typename Admits>
server* highest(std::uint64_t client, candidates usable, Admits admits) {
    server* best = nullptr;
    bid highest;
    for (server* one : usable) {
        if (!admits(*one)) continue;
        const bid rival{mix(client ^ std::to_underlying(one->id())), one->weight()};
        if (best != nullptr && !rival.beats(highest)) continue;
        highest = rival;
        best = one;
    }
    return best;
}

}  // namespace

server& highest_bid(std::uint64_t hash, candidates usable, const load_bound& bound) {
    const std::uint64_t client = mix(hash);
    server* best = highest(client, usable, [&](const server& one) { return bound.admits(one); });
    if (best == nullptr) best = highest(client, usable, [](const server&) { return true; });
    return *best;
}

}  // namespace hawser::balance
