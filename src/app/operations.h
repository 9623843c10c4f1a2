// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/operations.h"
#include "app/node.h"

namespace hawser::app {

class service;

/// What operators may do, over the running node and the service around it.
class operations final : public hawser::admin::operations {
  public:
    operations(node& served, service& around) : node_(served), service_(around) {}

    [[nodiscard]] bool is_ready() const override { return !node_.is_draining(); }
    [[nodiscard]] hawser::admin::node_status status() override;
    [[nodiscard]] std::string metrics() override { return node_.metrics().scrape(); }
    [[nodiscard]] const std::vector<std::string>& allowed_hosts() const override {
        return node_.settings().admin.allowed_hosts;
    }
    [[nodiscard]] result<> reload() override;
    [[nodiscard]] result<> set_state(std::string_view pool, std::string_view server,
                                     upstream::admin_state wanted) override;

  private:
    [[nodiscard]] hawser::admin::pool_status status_of(const upstream::pool& pool,
                                                       const registry::report& sessions) const;

    node& node_;
    service& service_;
};

}  // namespace hawser::app
