// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "balance/turns.h"

namespace hawser::balance {

/// The server that would answer soonest: by the time that its answers have taken to begin, as all
/// workers have measured it, and by what it has in flight per unit of weight.
///
/// A slow answer counts at once, and is believed less the longer nothing was heard since, so that a
/// server which was slow is tried again. One that has not answered yet gets one request at a time.
/// Servers that are about equally fast take turns by weight: else the fastest of them would become
/// the home of every session that begins in a quiet hour.
class least_response_time final : public balancer {
  public:
    static constexpr std::string_view name = "least_response_time";
    static constexpr std::string_view summary = "Shortest time to an answer's first byte, by load.";
    struct settings {
        bool operator==(const settings&) const = default;
    };

    least_response_time(const settings&, worker_seed seed) : turns_(seed) {}

    [[nodiscard]] needs wants() const override { return {.response_times = true}; }
    server& pick(const request_key& key, candidates usable) override;

  private:
    turns turns_;
    std::vector<double> costs_;  // of each candidate
    std::vector<server*> cheapest_;
};

}  // namespace hawser::balance
