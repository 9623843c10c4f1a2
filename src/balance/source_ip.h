// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "balance/rendezvous.h"

namespace hawser::balance {

/// One client address, one server: `rendezvous` over the address.
class source_ip final : public balancer {
  public:
    static constexpr std::string_view name = "source_ip";
    static constexpr std::string_view summary = "By a consistent hash of the client's address.";
    using settings = bounded_settings;

    source_ip(const settings& given, worker_seed) : settings_(given) {}

    [[nodiscard]] needs wants() const override { return {.hash = &hashed_}; }
    server& pick(const request_key& key, candidates usable) override {
        return highest_bid(key.hash, usable, load_bound(settings_.headroom, usable));
    }

  private:
    settings settings_;
    key_source hashed_{.of = key_source::part::source_ip};
};

}  // namespace hawser::balance
