// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/operations.h"
#include "app/node.h"
#include "app/overrides.h"

namespace hawser::app {

class service;

/// What operators may do, over the running node and the service around it.
class operations final : public hawser::admin::operations {
  public:
    using caller = hawser::admin::caller;
    using outcome = hawser::admin::outcome;
    using server_name = hawser::admin::server_name;

    operations(node& served, service& around) : node_(served), service_(around) {}

    [[nodiscard]] bool is_ready() const override { return !node_.is_draining(); }
    [[nodiscard]] hawser::admin::node_status status() override;
    [[nodiscard]] std::optional<hawser::admin::pool_status> pool(std::string_view name) override;
    [[nodiscard]] std::vector<hawser::admin::override_status> overrides() const override;
    [[nodiscard]] std::string metrics() override { return node_.metrics().scrape(); }
    [[nodiscard]] const std::vector<std::string>& allowed_hosts() const override {
        return node_.settings().admin.allowed_hosts;
    }
    [[nodiscard]] const config::description& server_settings() const override {
        return config::description_of<server>();
    }

    [[nodiscard]] result<outcome> reload(const caller& by) override;
    [[nodiscard]] result<outcome> set_state(server_name which, upstream::admin_state wanted,
                                            const caller& by) override;
    [[nodiscard]] result<outcome> set_weight(server_name which, std::uint32_t wanted,
                                             const caller& by) override;
    [[nodiscard]] result<outcome> add_server(server_name which, const config::node& written,
                                             const caller& by) override;
    [[nodiscard]] result<outcome> remove_server(server_name which, const caller& by) override;
    [[nodiscard]] result<outcome> lift(server_name which, std::optional<std::string_view> field,
                                       const caller& by) override;

  private:
    /// The fields that were set, by pool and server.
    using marks =
        std::map<std::pair<std::string_view, std::string_view>, std::vector<std::string_view>>;

    [[nodiscard]] marks marked() const;
    [[nodiscard]] hawser::admin::pool_status status_of(const upstream::pool& pool,
                                                       const registry::report& sessions,
                                                       const marks& set) const;
    [[nodiscard]] result<> find(server_name which) const;
    [[nodiscard]] set_value begin(server_name which, override_field field, const caller& by) const;
    [[nodiscard]] result<outcome> set(set_value one, const caller& by);
    [[nodiscard]] result<outcome> apply(app::overrides next, std::string_view what,
                                        const caller& by);
    [[nodiscard]] std::string_view source_of(const std::string& pool,
                                             const std::string& server) const;
    [[nodiscard]] std::optional<hawser::admin::discovery_status> discovery_of(
        const std::string& pool) const;

    node& node_;
    service& service_;
};

}  // namespace hawser::app
