// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "balance/turns.h"

namespace hawser::balance {

/// Each server in turn, in proportion to its weight, whatever its load.
class round_robin final : public balancer {
  public:
    static constexpr std::string_view name = "round_robin";
    static constexpr std::string_view summary = "Each server in turn, by weight.";
    struct settings {
        bool operator==(const settings&) const = default;
    };

    round_robin(const settings&, worker_seed seed) : turns_(seed) {}

    server& pick(const request_key&, candidates usable) override { return turns_.next(usable); }

  private:
    turns turns_;
};

}  // namespace hawser::balance
