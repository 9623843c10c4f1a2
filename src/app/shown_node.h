// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/drain_status.h"
#include "admin/status.h"
#include "app/drains.h"
#include "base/clock.h"
#include "registry/report.h"
#include "upstream/pool.h"

namespace hawser::app {

class node;
class service;

/// What operators are shown of the running node, and of the service around it.
class shown_node {
  public:
    shown_node(node& served, const service& around) : node_(served), service_(around) {}

    [[nodiscard]] hawser::admin::node_status whole() const;
    /// Nothing: there is no such pool. Costs nothing for the others.
    [[nodiscard]] std::optional<hawser::admin::pool_status> pool(std::string_view name) const;
    /// All that was set at run time.
    [[nodiscard]] std::vector<hawser::admin::override_status> overrides() const;

  private:
    /// The fields that were set, by pool and server.
    using marks =
        std::map<std::pair<std::string_view, std::string_view>, std::vector<std::string_view>>;

    [[nodiscard]] marks marked() const;
    [[nodiscard]] hawser::admin::pool_status status_of(const upstream::pool& pool,
                                                       const registry::pool_sessions* sessions,
                                                       const marks& set) const;
    [[nodiscard]] std::string_view source_of(const std::string& pool,
                                             const std::string& server) const;
    [[nodiscard]] std::optional<hawser::admin::discovery_status> discovery_of(
        const std::string& pool) const;

    node& node_;
    const service& service_;
};

[[nodiscard]] hawser::admin::drain_status status_of(const drain& one, steady_time now);

}  // namespace hawser::app
