// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "affinity/chain.h"
#include "registry/registry.h"

namespace hawser::proxy {

/// The registry, as affinities of one pool ask it.
class sessions_of final : public affinity::known_sessions {
  public:
    sessions_of(const registry::registry& all, pool_id pool, steady_time now)
        : all_(all), pool_(pool), now_(now) {}

    [[nodiscard]] std::optional<session> find(const affinity::session_key& key) const override {
        const auto known = all_.find(pool_, key, now_);
        if (!known) return std::nullopt;
        return session{.home = known->home.home, .is_busy = known->requests > 0 || known->extended};
    }
    [[nodiscard]] affinity::cause why_over(const session_id& session) const override {
        return all_.why_over(pool_, session);
    }

  private:
    const registry::registry& all_;
    pool_id pool_;
    steady_time now_;
};

}  // namespace hawser::proxy
