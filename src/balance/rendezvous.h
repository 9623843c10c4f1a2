// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "balance/consistent.h"

namespace hawser::balance {

/// The candidate with the highest score for `hash` among those that `bound` admits; where it admits
/// none, among all.
[[nodiscard]] server& highest_bid(std::uint64_t hash, candidates usable, const load_bound& bound);

/// One key, one server, on every node and after every restart, as long as the servers stay the
/// same.
///
/// Rendezvous hashing: every pair of key and server has a score, the highest wins. So a server that
/// comes takes its share, about 1/n, evenly from all; one that goes gives its keys to all; nobody
/// else moves; and a changed weight moves only what it must. It needs no table, and a pick looks at
/// every server.
class rendezvous final : public balancer {
  public:
    static constexpr std::string_view name = "rendezvous";
    static constexpr std::string_view summary = "By hash; moves no key that it need not.";
    using settings = consistent_settings;

    rendezvous(const settings& given, worker_seed) : settings_(given) {}

    [[nodiscard]] needs wants() const override { return {.hash = &settings_.hash}; }
    server& pick(const request_key& key, candidates usable) override {
        return highest_bid(key.hash, usable, load_bound(settings_.headroom, usable));
    }

  private:
    settings settings_;
};

}  // namespace hawser::balance
