// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>

#include "balance/balancer.h"

namespace hawser::balance {

/// The first server that is usable, in the order of the pool, until it is full.
///
/// Fills servers up to their `max-connections` one after the other, so that as few as possible are
/// busy and the last ones can be taken away.
class first_available final : public balancer {
  public:
    static constexpr std::string_view name = "first_available";
    static constexpr std::string_view summary = "The first that is not full, in order of names.";
    struct settings {
        bool operator==(const settings&) const = default;
    };

    first_available(const settings&, worker_seed) {}

    server& pick(const request_key&, candidates usable) override {
        const auto first =
            std::ranges::find_if(usable, [](const server* one) { return one->weight() > 0; });
        return first != usable.end() ? **first : *usable.front();
    }
};

}  // namespace hawser::balance
