// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "balance/least.h"
#include "balance/turns.h"

namespace hawser::balance {

/// The server that is home of the fewest sessions per unit of weight.
///
/// How many those are the registry tells once a second; in between, what is bound counts too, so
/// that a second's newcomers don't all go to one server.
class least_sessions final : public balancer {
  public:
    static constexpr std::string_view name = "least_sessions";
    static constexpr std::string_view summary = "Fewest sessions at home, by weight.";
    struct settings {
        bool operator==(const settings&) const = default;
    };

    least_sessions(const settings&, worker_seed seed) : turns_(seed) {}

    server& pick(const request_key&, candidates usable) override {
        gather_least(usable, share::of_sessions, least_);
        return least_.size() == 1 ? *least_.front() : turns_.next(least_);
    }

    [[nodiscard]] needs wants() const override { return {.sessions = true}; }

  private:
    turns turns_;
    std::vector<server*> least_;
};

}  // namespace hawser::balance
