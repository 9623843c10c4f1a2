// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

#include "balance/balancer.h"

namespace hawser::balance {

/// What a server carries per unit of weight, at the moment it is made.
struct share {
    std::uint64_t amount;
    std::uint64_t weight;

    /// Of requests in flight, over all workers. A server without weight counts as loaded beyond any
    /// other.
    [[nodiscard]] static share of(const server& one) noexcept {
        return made(one.in_flight(), one.weight());
    }
    /// The same, of sessions that it is home of.
    [[nodiscard]] static share of_sessions(const server& one) noexcept {
        return made(one.sessions.read(), one.weight());
    }

    /// Without dividing: a/wa < b/wb  <=>  a*wb < b*wa.
    friend std::strong_ordering operator<=>(const share& a, const share& b) noexcept {
        return a.amount * b.weight <=> b.amount * a.weight;
    }

  private:
    static share made(std::uint64_t amount, std::uint32_t weight) noexcept {
        constexpr std::uint64_t beyond_any = std::uint64_t{1} << 48;
        return weight == 0 ? share{beyond_any, 1} : share{amount, weight};
    }
};

}  // namespace hawser::balance
