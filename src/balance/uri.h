// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "balance/rendezvous.h"

namespace hawser::balance {

/// One path and query, one server, as caches like it: `rendezvous` over both.
class uri final : public balancer {
  public:
    static constexpr std::string_view name = "uri";
    static constexpr std::string_view summary = "By a consistent hash of path and query.";
    using settings = bounded_settings;

    uri(const settings& given, worker_seed) : settings_(given) {}

    [[nodiscard]] needs wants() const override { return {.hash = &hashed_}; }
    server& pick(const request_key& key, candidates usable) override {
        return highest_bid(key.hash, usable, load_bound(settings_.headroom, usable));
    }

  private:
    settings settings_;
    key_source hashed_{.of = key_source::part::uri};
};

}  // namespace hawser::balance
