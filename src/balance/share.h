// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>

#include "balance/balancer.h"

namespace hawser::balance {

/// A server's requests in flight per unit of weight, over all workers, at the moment it is made.
struct share {
    std::uint64_t in_flight;
    std::uint64_t weight;

    /// A server without weight counts as loaded beyond any other.
    [[nodiscard]] static share of(const server& one) noexcept {
        constexpr std::uint64_t beyond_any = std::uint64_t{1} << 48;
        const std::uint32_t weight = one.weight();
        if (weight == 0) return {beyond_any, 1};
        return {one.in_flight(), weight};
    }

    /// Without dividing: a/wa < b/wb  <=>  a*wb < b*wa.
    friend std::strong_ordering operator<=>(const share& a, const share& b) noexcept {
        return a.in_flight * b.weight <=> b.in_flight * a.weight;
    }
};

}  // namespace hawser::balance
