// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/status.h"
#include "base/result.h"
#include "config/settings.h"
#include "upstream/server.h"

namespace hawser::admin {

/// Who asks for a change, as `status` and the log name them.
struct caller {
    std::string who;   ///< `uid 0`, a token's name; `local`: whoever reaches the endpoint
    std::string from;  ///< an address, or `unix`
};

struct server_name {
    std::string_view pool;
    std::string_view server;
};

/// What a change has led to.
struct outcome {
    std::uint64_t generation = 0;  ///< of what the node serves by now
    std::string warning = {};      ///< why it will not outlive the process; empty: it will
};

/// What an operator can ask of the running node and do to it. The process implements it; all calls
/// come from the control thread and return at once.
///
/// What is set of servers holds until it is lifted, over reloads and restarts, or until the file
/// changes that very value. Errors: `not_found` where there is no such pool or server, `invalid`
/// what makes no sense, `exhausted` beyond a limit, `unavailable` while the node stops.
class operations {
  public:
    virtual ~operations() = default;

    /// False once the node drains: whoever sends it traffic should stop.
    [[nodiscard]] virtual bool is_ready() const = 0;
    [[nodiscard]] virtual node_status status() = 0;
    /// None: there is no such pool.
    [[nodiscard]] virtual std::optional<pool_status> pool(std::string_view name) = 0;
    [[nodiscard]] virtual std::vector<override_status> overrides() const = 0;
    /// In the Prometheus text format.
    [[nodiscard]] virtual std::string metrics() = 0;
    /// Hosts by which the endpoint may be asked besides those of the loopback.
    [[nodiscard]] virtual const std::vector<std::string>& allowed_hosts() const = 0;
    /// How a server is written, in the file and by whoever adds one.
    [[nodiscard]] virtual const config::description& server_settings() const = 0;

    /// Reads the configuration again and serves by it. On failure nothing has changed, and the
    /// error says what is wrong, a line each.
    [[nodiscard]] virtual result<outcome> reload(const caller& by) = 0;

    [[nodiscard]] virtual result<outcome> set_state(server_name which, upstream::admin_state wanted,
                                                    const caller& by) = 0;
    [[nodiscard]] virtual result<outcome> set_weight(server_name which, std::uint32_t wanted,
                                                     const caller& by) = 0;
    /// `written` is read as the file's `servers` are. `invalid` too if there is such a server.
    [[nodiscard]] virtual result<outcome> add_server(server_name which, const config::node& written,
                                                     const caller& by) = 0;
    [[nodiscard]] virtual result<outcome> remove_server(server_name which, const caller& by) = 0;
    /// What was set at run time of a server, or one field of it, is as the file says again.
    [[nodiscard]] virtual result<outcome> lift(server_name which,
                                               std::optional<std::string_view> field,
                                               const caller& by) = 0;
};

}  // namespace hawser::admin
