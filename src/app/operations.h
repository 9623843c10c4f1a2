// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/operations.h"
#include "app/hypothesis.h"
#include "app/node.h"
#include "app/overrides.h"
#include "app/session_steering.h"
#include "app/shown_node.h"

namespace hawser::app {

class service;

/// What operators may do, over the running node and the service around it.
class operations final : public hawser::admin::operations {
  public:
    using drain_status = hawser::admin::drain_status;
    using drain_wanted = hawser::admin::drain_wanted;
    using order = hawser::admin::order;
    using outcome = hawser::admin::outcome;
    using server_name = hawser::admin::server_name;

    operations(node& served, service& around);

    [[nodiscard]] const std::vector<std::string>& allowed_hosts() const override;
    [[nodiscard]] const hawser::admin::access_terms& access() const override;
    [[nodiscard]] std::string revision() const override;
    [[nodiscard]] bool requires_if_match() const override {
        return node_.settings().file().admin.require_if_match;
    }
    [[nodiscard]] std::optional<std::uint64_t> confirm_above() const override {
        return node_.settings().file().admin.confirm_above;
    }
    [[nodiscard]] const config::description& server_settings() const override {
        return config::description_of<server>();
    }
    void record(const hawser::admin::audit_record& change) override;

    [[nodiscard]] bool is_ready() const override { return !node_.is_draining(); }
    [[nodiscard]] hawser::admin::node_status status() override { return shown_.whole(); }
    [[nodiscard]] std::optional<hawser::admin::pool_status> pool(std::string_view name) override {
        return shown_.pool(name);
    }
    [[nodiscard]] std::vector<hawser::admin::override_status> overrides() const override {
        return shown_.overrides();
    }
    [[nodiscard]] hawser::admin::log_status log() const override;
    [[nodiscard]] std::string configuration() const override;
    [[nodiscard]] std::string metrics() override { return node_.metrics().scrape(); }
    [[nodiscard]] task<hawser::admin::movement> would_move(
        std::vector<hawser::admin::abandoned> homes) override;
    [[nodiscard]] task<result<hawser::admin::session_page>> sessions(
        hawser::admin::page_wanted wanted) override {
        return steering_.page(std::move(wanted));
    }

    [[nodiscard]] explanations explanations_of(std::string_view request_id) const override {
        const auto* shelf = node_.explained();
        return shelf != nullptr ? shelf->find(request_id) : explanations();
    }
    [[nodiscard]] result<proxy::explanation> explain(
        const hawser::admin::explain_wanted& asked) override {
        return app::explain(node_, asked);
    }

    [[nodiscard]] result<outcome> reload(const order& by) override;
    [[nodiscard]] result<outcome> begin_upgrade(const std::string& binary,
                                                const order& by) override;
    [[nodiscard]] hawser::admin::upgrade_status upgrade() const override;
    [[nodiscard]] result<outcome> set_state(server_name which,
                                            const hawser::admin::state_wanted& wanted,
                                            const order& by) override;
    [[nodiscard]] result<outcome> drain(server_name which, const drain_wanted& how,
                                        const order& by) override;
    [[nodiscard]] result<drain_status> drain_of(server_name which) override;
    [[nodiscard]] result<outcome> set_weight(server_name which, std::uint32_t wanted,
                                             const order& by) override;
    [[nodiscard]] result<outcome> add_server(server_name which, const config::node& written,
                                             const order& by) override;
    [[nodiscard]] result<outcome> remove_server(server_name which, const order& by) override;
    [[nodiscard]] result<outcome> lift(server_name which, std::optional<std::string_view> field,
                                       const order& by) override;
    [[nodiscard]] task<result<outcome>> change_sessions(hawser::admin::session_filter which,
                                                        hawser::admin::session_change what,
                                                        const order& by) override;
    [[nodiscard]] result<outcome> set_log(const hawser::admin::log_wanted& wanted,
                                          const order& by) override;
    [[nodiscard]] result<outcome> lift_log(const order& by) override;

  private:
    [[nodiscard]] std::uint64_t generation() const;
    [[nodiscard]] result<> find(server_name which) const;
    [[nodiscard]] set_value begin(server_name which, override_field field, const order& by) const;
    [[nodiscard]] result<outcome> set(set_value one, const order& by);
    [[nodiscard]] result<outcome> apply(app::overrides next, std::string_view what,
                                        const order& by);

    node& node_;
    service& service_;
    shown_node shown_;
    session_steering steering_;
    const std::string mark_;  ///< of this process, in revisions
};

}  // namespace hawser::app
