// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/status.h"
#include "base/result.h"
#include "upstream/server.h"

namespace hawser::admin {

/// What an operator can ask of the running node and do to it. The process implements it; all calls
/// come from the control thread and return at once.
class operations {
  public:
    virtual ~operations() = default;

    /// False once the node drains: whoever sends it traffic should stop.
    [[nodiscard]] virtual bool is_ready() const = 0;
    [[nodiscard]] virtual node_status status() = 0;
    /// In the Prometheus text format.
    [[nodiscard]] virtual std::string metrics() = 0;
    /// Hosts by which the endpoint may be asked besides those of the loopback.
    [[nodiscard]] virtual const std::vector<std::string>& allowed_hosts() const = 0;

    /// Reads the configuration again and serves by it. On failure nothing has changed, and the
    /// error says what is wrong, a line each: `invalid`, or `unavailable` while the node stops.
    [[nodiscard]] virtual result<> reload() = 0;
    /// Puts one server into `wanted`; `not_found` if there is none of that name.
    [[nodiscard]] virtual result<> set_state(std::string_view pool, std::string_view server,
                                             upstream::admin_state wanted) = 0;
};

}  // namespace hawser::admin
