// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/drain_status.h"
#include "admin/drain_wanted.h"
#include "admin/identity.h"
#include "admin/session_status.h"
#include "admin/session_wanted.h"
#include "admin/status.h"
#include "admin/wanted.h"
#include "async/task.h"
#include "base/ids.h"
#include "base/result.h"
#include "config/settings.h"
#include "proxy/explanation.h"
#include "upstream/server.h"

namespace hawser::admin {

/// Who orders a change, as `status` and the audit log name them.
struct order {
    std::string who;        ///< as `identity` has it
    std::string from;       ///< an address, or `unix`
    bool is_trial = false;  ///< nothing is to change: it is asked what would
};

struct server_name {
    std::string_view pool;
    std::string_view server;
};

/// A server whose sessions have to go elsewhere.
struct abandoned {
    pool_id pool;
    server_id server;
};

/// What a change has led to, or what it would lead to.
struct outcome {
    std::uint64_t generation = 0;  ///< of what the node serves by now
    std::string warning = {};      ///< why it will not outlive the process; empty: it will
    std::vector<abandoned> homes = {};
    std::vector<std::string> differences = {};  ///< of a reload: a line each
    /// Of a change of sessions: those that it is about.
    std::optional<movement> sessions = {};
    std::string_view becomes = "move";  ///< what becomes of sessions
    /// How many of what the session service keeps in them have ended; none: it was not about that.
    std::optional<std::uint64_t> records_ended = {};
};

/// One change that was asked for, for the audit log.
struct audit_record {
    const order& by;
    level may;
    std::string_view method;
    std::string_view target;
    std::string_view body;
    unsigned status = 0;  ///< of the answer
};

/// What an operator can ask of the running node and do to it. The process implements it; all calls
/// come from the control thread.
///
/// What is set of servers holds until it is lifted, over reloads and restarts, or until the file
/// changes that very value. Errors: `not_found` where there is no such pool or server, `invalid`
/// what makes no sense, `exhausted` beyond a limit, `unavailable` while the node stops.
class operations {
  public:
    virtual ~operations() = default;

    // How the endpoint itself is to behave.

    /// Hosts by which the endpoint may be asked besides those of the loopback.
    [[nodiscard]] virtual const std::vector<std::string>& allowed_hosts() const = 0;
    [[nodiscard]] virtual const access_terms& access() const = 0;
    /// Names what the node serves by, in this process: another one after each change.
    [[nodiscard]] virtual std::string revision() const = 0;
    [[nodiscard]] virtual bool requires_if_match() const = 0;
    /// A change that moves more sessions has to be forced; none: any may be made.
    [[nodiscard]] virtual std::optional<std::uint64_t> confirm_above() const = 0;
    /// How a server is written, in the file and by whoever adds one.
    [[nodiscard]] virtual const config::description& server_settings() const = 0;
    virtual void record(const audit_record& change) = 0;

    // What is shown.

    /// False once the node drains: whoever sends it traffic should stop.
    [[nodiscard]] virtual bool is_ready() const = 0;
    [[nodiscard]] virtual node_status status() = 0;
    /// None: there is no such pool.
    [[nodiscard]] virtual std::optional<pool_status> pool(std::string_view name) = 0;
    /// The server's present drain or its last.
    [[nodiscard]] virtual result<drain_status> drain_of(server_name which) = 0;
    [[nodiscard]] virtual std::vector<override_status> overrides() const = 0;
    [[nodiscard]] virtual log_status log() const = 0;
    /// Every effective value, as a JSON document; secrets are hidden.
    [[nodiscard]] virtual std::string configuration() const = 0;
    /// In the Prometheus text format.
    [[nodiscard]] virtual std::string metrics() = 0;
    /// Looks at all sessions, a slice at a time.
    [[nodiscard]] virtual task<movement> would_move(std::vector<abandoned> homes) = 0;
    /// The next sessions that are wanted; a page may be short though there are more. `invalid`:
    /// what is wanted makes no sense.
    [[nodiscard]] virtual task<result<session_page>> sessions(page_wanted wanted) = 0;

    /// Why requests that were watched were answered by whom they were, the latest first.
    using explanations = std::vector<std::shared_ptr<const proxy::explanation>>;
    [[nodiscard]] virtual explanations explanations_of(std::string_view request_id) const = 0;
    /// What would become of a request. `invalid`: it would be none.
    [[nodiscard]] virtual result<proxy::explanation> explain(const explain_wanted& asked) = 0;

    // What is changed.

    /// Reads the configuration again and serves by it. On failure nothing has changed, and the
    /// error says what is wrong, a line each.
    [[nodiscard]] virtual result<outcome> reload(const order& by) = 0;
    /// Starts a new process, by the file `binary` or that of the present one, which takes over.
    /// Returns at once; `upgrade` tells how far it is. `invalid` if the file may not be run,
    /// `unavailable` too while another upgrade is under way.
    [[nodiscard]] virtual result<outcome> begin_upgrade(const std::string& binary,
                                                        const order& by) = 0;
    [[nodiscard]] virtual upgrade_status upgrade() const = 0;
    [[nodiscard]] virtual result<outcome> set_state(server_name which, const state_wanted& wanted,
                                                    const order& by) = 0;
    /// Begins a drain of the server, in the place of one that it has.
    [[nodiscard]] virtual result<outcome> drain(server_name which, const drain_wanted& how,
                                                const order& by) = 0;
    [[nodiscard]] virtual result<outcome> set_weight(server_name which, std::uint32_t wanted,
                                                     const order& by) = 0;
    /// `written` is read as the file's `servers` are. `invalid` too if there is such a server.
    [[nodiscard]] virtual result<outcome> add_server(server_name which, const config::node& written,
                                                     const order& by) = 0;
    [[nodiscard]] virtual result<outcome> remove_server(server_name which, const order& by) = 0;
    /// What was set at run time of a server, or one field of it, is as the file says again.
    [[nodiscard]] virtual result<outcome> lift(server_name which,
                                               std::optional<std::string_view> field,
                                               const order& by) = 0;
    /// Of all sessions that `which` selects; in a trial it only counts them.
    [[nodiscard]] virtual task<result<outcome>> change_sessions(session_filter which,
                                                                session_change what,
                                                                const order& by) = 0;
    [[nodiscard]] virtual result<outcome> set_log(const log_wanted& wanted, const order& by) = 0;
    /// The log is as the file says again.
    [[nodiscard]] virtual result<outcome> lift_log(const order& by) = 0;
};

}  // namespace hawser::admin
