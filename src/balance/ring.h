// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "balance/consistent.h"
#include "balance/roster.h"

namespace hawser::balance {

/// Servers stand as many points on a ring, keys fall between them, and the next point decides
/// (ketama).
///
/// A server that comes takes keys from all, one that goes gives them to all, and nobody else moves;
/// shares differ by some percent from the weights'. A pick is one binary search, whatever the
/// number of servers.
class ring final : public balancer {
  public:
    static constexpr std::string_view name = "ring";
    static constexpr std::string_view summary = "By hash, on a ring of points (ketama).";
    using settings = consistent_settings;

    ring(const settings& given, worker_seed) : settings_(given) {}

    void meet(std::span<server* const> all) override { is_due_ |= roster_.update(all); }
    [[nodiscard]] needs wants() const override { return {.hash = &settings_.hash}; }
    server& pick(const request_key& key, candidates usable) override;

    /// How many points the last pick found.
    [[nodiscard]] std::size_t points() const noexcept { return points_.size(); }

  private:
    struct point {
        std::uint32_t hash;
        std::uint32_t place;  // of its server, in the roster
    };

    void build();

    settings settings_;
    roster roster_;
    bool is_due_ = false;  // the points are not the roster's
    std::vector<point> points_;
};

}  // namespace hawser::balance
