// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "balance/balancer.h"
#include "config/settings.h"

namespace hawser::balance {

/// The least loaded of some servers drawn at random by weight.
///
/// Two give nearly as even a load as least-connections, and nodes that don't know of each other's
/// load don't run to the same server. One is a draw by weight alone; the more there are, the more
/// it is least-connections.
class random final : public balancer {
  public:
    static constexpr std::string_view name = "random";
    static constexpr std::string_view summary = "The least loaded of some drawn by weight.";
    struct settings {
        std::size_t choices = 2;

        static void describe(config::fields<settings>& field);
        bool operator==(const settings&) const = default;
    };

    random(const settings& given, worker_seed seed) : settings_(given), state_(seed.value) {}

    server& pick(const request_key& key, candidates usable) override;

  private:
    /// Any that is not in `drawn`, by weight; the first such when none has weight.
    server& draw(candidates usable, std::span<server* const> drawn);
    /// Evenly in [0, bound), for bounds that are small against 2^32; 0 for 0.
    std::uint64_t below(std::uint64_t bound) noexcept;

    settings settings_;
    std::uint64_t state_;
};

}  // namespace hawser::balance
