// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "balance/mix.h"
#include "balance/share.h"

namespace hawser::balance {

/// The less loaded of two servers drawn at random by weight.
///
/// Nearly as even as least-connections, and nodes that don't know of each other's load don't run
/// to the same server.
class random final : public balancer {
  public:
    static constexpr std::string_view name = "random";
    static constexpr std::string_view summary = "The less loaded of two drawn by weight.";
    struct settings {
        bool operator==(const settings&) const = default;
    };

    random(const settings&, worker_seed seed) : state_(seed.value) {}

    server& pick(const request_key&, candidates usable) override {
        server& one = draw(usable, nullptr);
        if (usable.size() == 1) return one;
        server& other = draw(usable, &one);
        return share::of(other) < share::of(one) ? other : one;
    }

  private:
    /// Any but `excluded`, by weight; the first such when none has weight.
    server& draw(candidates usable, const server* excluded) {
        std::uint64_t tickets = 0;
        for (const server* one : usable)
            if (one != excluded) tickets += one->weight();

        server* last = nullptr;
        std::uint64_t ticket = below(tickets);
        for (server* one : usable) {
            if (one == excluded) continue;
            const std::uint64_t weight = one->weight();
            if (ticket < weight) return *one;
            ticket -= weight;
            if (last == nullptr) last = one;
        }
        return *last;
    }

    /// Evenly in [0, bound), for bounds that are small against 2^32; 0 for 0.
    std::uint64_t below(std::uint64_t bound) noexcept {
        state_ += 0x9e3779b97f4a7c15;
        return ((mix(state_) >> 32) * bound) >> 32;
    }

    std::uint64_t state_;
};

}  // namespace hawser::balance
