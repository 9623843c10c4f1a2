// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "balance/consistent.h"
#include "balance/roster.h"

namespace hawser::balance {

/// A table of slots that servers have filled in turn, each by a preference of its own (Maglev); a
/// key's slot decides.
///
/// Shares are the weights' almost exactly, and a pick is one look, whatever the number of servers.
/// The table is made of all servers of the pool: the keys of one that is out draw other slots, and
/// nobody else moves. A change of the pool itself moves a few keys more than it must.
class maglev final : public balancer {
  public:
    static constexpr std::string_view name = "maglev";
    static constexpr std::string_view summary = "By hash, through a table; the most even shares.";
    using settings = consistent_settings;

    maglev(const settings& given, worker_seed) : settings_(given) {}

    void meet(std::span<server* const> all) override { is_due_ |= roster_.update(all); }
    [[nodiscard]] needs wants() const override { return {.hash = &settings_.hash}; }
    server& pick(const request_key& key, candidates usable) override;

  private:
    void build();

    settings settings_;
    roster roster_;
    bool is_due_ = false;               // the slots are not the roster's
    std::vector<std::uint16_t> slots_;  // places in the roster; none while nobody has weight
};

}  // namespace hawser::balance
