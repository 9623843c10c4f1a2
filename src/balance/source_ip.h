// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>

#include "balance/balancer.h"
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
        const std::uint64_t client = mix(key.hash);
        server* best = usable.front();
        bid highest = bid_of(client, *best);
        for (server* one : usable.subspan(1)) {
            const bid rival = bid_of(client, *one);
            if (!rival.beats(highest)) continue;
            highest = rival;
            best = one;
        }
        return *best;
    }

  private:
    struct bid {
        std::uint64_t hash;  // evenly spread
        std::uint32_t weight;

        /// A logarithm costs more than all the rest of a pick, and is needed only where the
        /// higher hash has the lower weight.
        [[nodiscard]] bool beats(const bid& other) const noexcept {
            if (weight == other.weight) return hash > other.hash;
            if ((weight > other.weight) == (hash > other.hash)) return weight > other.weight;
            return score() > other.score();
        }

        /// weight / -ln(u) for u evenly in (0, 1): a server is the highest of all with a chance
        /// in proportion to its weight.
        [[nodiscard]] double score() const noexcept {
            const double even = (static_cast<double>(hash >> 12) + 0.5) * 0x1p-52;
            return weight / -std::log(even);
        }
    };

    static bid bid_of(std::uint64_t client, const server& one) noexcept {
        return {mix(client ^ std::to_underlying(one.id())), one.weight()};
    }
};

}  // namespace hawser::balance
