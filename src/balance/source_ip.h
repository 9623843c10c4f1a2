// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "balance/mix.h"

namespace hawser::balance {

/// One client address, one server, on every node and after every restart, as long as the servers
/// stay the same.
///
/// Rendezvous hashing: every pair of client and server has a score, the highest wins. So a server
/// that comes takes its share, about 1/n, evenly from all; one that goes gives its clients to all;
/// nobody else moves; and a changed weight moves only what it must.
class source_ip final : public balancer {
  public:
    static constexpr std::string_view name = "source_ip";
    static constexpr std::string_view summary = "By a consistent hash of the client's address.";
    struct settings {
        bool operator==(const settings&) const = default;
    };

    source_ip(const settings&, worker_seed) {}

    server& pick(const request_key& key, candidates usable) override {
        server* best = usable.front();
        double highest = -1;
        for (server* one : usable) {
            const double score = score_of(key, *one);
            if (score > highest) {
                highest = score;
                best = one;
            }
        }
        return *best;
    }

  private:
    /// weight / -ln(u) for u evenly in (0, 1]: the winner is a server in proportion to its weight.
    static double score_of(const request_key& key, const server& one) {
        const std::uint64_t hash = mix(mix(key.hash) ^ std::to_underlying(one.id()));
        const double even = std::ldexp(static_cast<double>((hash >> 11) + 1), -53);
        return even < 1 ? one.weight() / -std::log(even) : std::numeric_limits<double>::max();
    }
};

}  // namespace hawser::balance
