// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "balance/least.h"
#include "balance/turns.h"

namespace hawser::balance {

/// The server with the fewest requests in flight per unit of weight.
///
/// Servers that are equally loaded, as all are when nothing goes on, take turns by weight: else
/// the first one would become the home of every session that begins in a quiet hour.
class least_connections final : public balancer {
  public:
    static constexpr std::string_view name = "least_connections";
    static constexpr std::string_view summary = "Fewest requests in flight, by weight.";
    struct settings {
        bool operator==(const settings&) const = default;
    };

    least_connections(const settings&, worker_seed seed) : turns_(seed) {}

    server& pick(const request_key&, candidates usable) override {
        gather_least(usable, share::of, least_);
        return least_.size() == 1 ? *least_.front() : turns_.next(least_);
    }

  private:
    turns turns_;
    std::vector<server*> least_;
};

}  // namespace hawser::balance
