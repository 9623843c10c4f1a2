// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "admin/endpoint.h"
#include "app/admin_door.h"
#include "app/circuits.h"
#include "app/configuration/load.h"
#include "app/discoveries.h"
#include "app/health_checks.h"
#include "app/more_log.h"
#include "app/node.h"
#include "app/operations.h"
#include "app/outlier_windows.h"
#include "app/override_file.h"
#include "app/overrides.h"
#include "app/signals.h"
#include "app/succession.h"
#include "app/takeover.h"
#include "async/scope.h"
#include "async/stop.h"
#include "io/worker.h"

namespace hawser::app {

/// The control thread of `hawser run`: signals, reload, the stop, and the admin endpoint beside
/// the node.
class service {
  public:
    /// Reads the configuration anew for a reload; messages are for people.
    using reader = std::function<loaded()>;

    /// What the node was started with: what its configuration was read from, and what people have
    /// set over it.
    struct beginnings {
        config::node written;
        std::string origin;
        overrides set;
        admin_door::opened admin;
    };

    service(node& served, signals& told, io::worker& control, discoveries& finders,
            reader read_again, beginnings from);
    ~service();

    /// Serves until a signal ends it. Returns the exit status.
    int run();

    /// Reads the configuration again and serves by it. The error tells what is wrong, a line each.
    /// While an upgrade is under way it is only noted: whoever serves afterwards does it.
    [[nodiscard]] result<> reload();

    /// What `reload` would lead to.
    [[nodiscard]] result<hawser::admin::outcome> try_reload();

    /// Serves by `next` instead of what people have set so far. Returns a warning where that will
    /// not outlive the process. On failure nothing has changed.
    [[nodiscard]] result<std::string> override_with(overrides next);
    [[nodiscard]] const overrides& overridden() const noexcept { return overrides_; }
    /// The configuration as it was read last, without what people have set and without the servers
    /// that were found.
    [[nodiscard]] const configuration& written() const noexcept { return node_.settings().file(); }
    [[nodiscard]] const discoveries& finders() const noexcept { return finders_; }
    /// These pools, over the file, as they are served where people have set `set`.
    [[nodiscard]] effective with_servers(const overrides& set,
                                         std::span<const std::string> pools) const;
    [[nodiscard]] const config::node& tree() const noexcept { return written_; }
    [[nodiscard]] app::more_log& more_log() noexcept { return more_log_; }
    [[nodiscard]] audit_log& audit() noexcept { return admin_.audit(); }
    /// Starts a new process that takes over; `binary` as `succession::begin` has it. This one
    /// serves until that does, and goes on if it never does.
    [[nodiscard]] result<pid_t> begin_upgrade(std::string binary);
    [[nodiscard]] upgrade_status upgrade_state() const;

    /// This process was started so: it follows what the old one still has to tell. Before `run`.
    void take_over(takeover& from);

    [[nodiscard]] steady_time started() const noexcept { return started_; }
    [[nodiscard]] const admin_door& admin() const noexcept { return admin_; }
    [[nodiscard]] const health_checks& checks() const noexcept { return checks_; }
    [[nodiscard]] std::uint64_t reloads() const noexcept { return reloads_; }
    [[nodiscard]] bool last_reload_succeeded() const noexcept { return last_reload_succeeded_; }

  private:
    enum class phase : std::uint8_t { serves, retires, drains, over };

    void signalled(int number);
    void begin_stop(std::optional<std::chrono::milliseconds> limit);
    result<> change_to(loaded& read, steady_time& compared);
    [[nodiscard]] std::string keep_overrides() const;
    [[nodiscard]] effective over(configuration file, const overrides& set) const;
    [[nodiscard]] result<> change_servers(const overrides& set, std::span<const std::string> pools);
    void check(std::span<const std::string> pools);
    task<> follow_finders();
    void let_leavers_go();
    void remember_ended_drains();
    [[nodiscard]] std::optional<earlier_drain> earlier_drain_of(const std::string& pool,
                                                                const std::string& server) const;
    void collect(observe::exposition& into) const;
    void retire(pid_t successor);
    void write_audited();
    void look_at_upgrade();
    void lose_former();
    void heed_overrides();
    void heed_reload();
    void lose_successor();
    void check_all();
    void ask_for(const std::shared_ptr<upstream::server>& which, const std::string& pool,
                 upstream::admin_state wanted);
    void look_at_end(steady_time now);
    [[nodiscard]] succession::hooks hooks();
    task<> keep_house();

    node& node_;
    io::worker& control_;
    discoveries& finders_;
    reader read_again_;
    config::node written_;
    /// In an old process: pools with the servers that the new one has read of since.
    std::map<std::string, pool, std::less<>> heeded_;
    overrides overrides_;
    override_file override_file_;
    phase phase_ = phase::serves;
    steady_time stop_end_ = no_deadline;
    stop_source over_;
    context conditions_{.stop = &over_};
    scope chores_;
    health_checks checks_;
    outlier_windows windows_;
    circuits circuits_;
    app::more_log more_log_;
    operations operations_;
    hawser::admin::endpoint endpoint_;
    admin_door admin_;
    succession upgrade_;
    pid_t successor_ = 0;         ///< once it serves
    bool reload_is_due_ = false;  ///< asked for while an upgrade was under way
    pid_t former_ = 0;            ///< the process that this one has taken over from, while it lives
    takeover* taken_from_ = nullptr;  ///< the way to it
    std::uint64_t drains_ended_ = 0;
    steady_time started_;
    std::uint64_t reloads_ = 0;
    bool last_reload_succeeded_ = true;
};

}  // namespace hawser::app
