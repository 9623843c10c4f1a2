// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/assembly.h"
#include "app/certificates.h"
#include "app/crew.h"
#include "app/descriptions.h"
#include "app/doors.h"
#include "app/drains.h"
#include "app/effective.h"
#include "app/keeper.h"
#include "app/overload.h"
#include "app/rate_limits.h"
#include "app/rebalancing.h"
#include "app/server_news.h"
#include "app/session_service.h"
#include "base/result.h"
#include "config/node.h"
#include "observe/access_log.h"
#include "observe/counters.h"
#include "observe/exposition.h"
#include "proxy/open_tunnels.h"
#include "registry/questions.h"
#include "registry/registry.h"
#include "upstream/fleet.h"

namespace hawser::app {

/// One running Hawser: everything that lives as long as the process serves, wired once.
///
/// Used by the control thread; workers see it only through what they were handed.
class node {
  public:
    /// What was there before this process.
    struct beginnings {
        passed_sockets passed = {};
        /// Puts what another process knows into the registry and the servers; empty: the snapshot
        /// of the last one is read.
        std::function<result<>(registry::registry&, const upstream::snapshot&)> learn = {};
    };

    /// Opens logs, keys, registry, sockets and workers. On failure nothing is left.
    /// `written` is what `given` was read from: errors name the place. Sockets that were `passed`
    /// are used instead of new ones. Nobody is served before `accept`.
    static result<std::unique_ptr<node>> start(const effective& given, const config::node& written,
                                               beginnings& from);
    ~node();

    /// Begins to serve: the workers accept.
    void accept();

    /// Serves by `next` from now on, which differs from `settings` in what has `changed`: nothing
    /// else is touched. All of it, or nothing.
    [[nodiscard]] result<> change_to(const effective& next, changed_parts changed,
                                     const config::node& written);

    /// Serves these pools as `next` has them, where nothing but their servers differs. Reads no
    /// file, and only looks up what a new name needs. All of it, or nothing.
    [[nodiscard]] result<> change_servers(const effective& next, std::span<const std::string> pools,
                                          const config::node& written);

    /// Whether `change_servers` would.
    [[nodiscard]] result<> check_servers(const effective& next, std::span<const std::string> pools,
                                         const config::node& written) const;

    /// Has the error log tell of requests; an empty list ends that.
    void watch(proxy::watches what);

    /// Ends accepting, idle connections, and, when `is_quiet`, everything (E175). The clients of
    /// WebSockets are told to go, all within `farewell`.
    void drain(std::chrono::milliseconds farewell);
    /// Another process accepts now, and keeps what is known: this one serves what it has to its
    /// end, but for clients of the session service. Idle connections may still bring a request,
    /// their last; WebSockets go within `farewell`.
    void retire(std::chrono::milliseconds farewell);
    [[nodiscard]] bool is_draining() const noexcept { return draining_; }
    [[nodiscard]] bool is_quiet() { return crew_->is_quiet(); }
    /// The WebSockets of these sessions are told to go.
    void part(std::span<const proxy::tunnel_owner> owners, const proxy::goodbye& why);
    void reopen_logs();
    /// Sees how near the process is to its limits, and lets go of what is idle when memory is
    /// short.
    void look_at_limits();
    /// The process before this one has let go of the directory of snapshots: takes it, if that has
    /// not been done, and has one written.
    void hold_state();
    /// Has a snapshot written when one is due.
    void keep();
    /// Writes the last one, once nothing is under way any more.
    void keep_last();
    /// Tells servers how many sessions they are home of, in pools that balance by that or limit it.
    void count_sessions();
    /// Lets the weights of servers grow that have come or come back.
    void warm_up();
    /// Tells servers how many sessions they may give to others in the next second.
    void rebalance() { rebalancing_->look(*fleet_.current()); }
    /// Looks for how long sessions have been idle, a slice at a time.
    void look_at_idle_times(steady_time now);
    /// While another process serves beside this one, in an upgrade: what both know of servers.
    [[nodiscard]] server_news& shared_servers() noexcept { return shared_servers_; }
    void share_servers(server_news::side as) {
        shared_servers_.begin(as, *fleet_.current(), settings_);
    }
    /// A server has asked for another state.
    void look_at_wish(const std::string& pool) {
        drains_->look_into(pool);
        shared_servers_.follow(*fleet_.current(), settings_);
    }
    /// Sees how far the drains of servers are.
    void look_at_drains() { drains_->look(*fleet_.current(), read_clocks().steady); }

    /// Calls `told` with the names of pools that have changed, come or gone, whenever any have.
    void on_change(std::function<void(std::span<const std::string> pools)> told) {
        changed_ = std::move(told);
    }

    [[nodiscard]] const effective& settings() const noexcept { return settings_; }
    [[nodiscard]] const proxy::snapshot& served() const noexcept { return assembly_.present(); }
    /// A pool as it is served now; null: there is none.
    [[nodiscard]] std::shared_ptr<const proxy::pool_setup> find_setup(std::string_view pool) const {
        return assembly_.find(pool);
    }
    [[nodiscard]] const doors& listening() const noexcept { return doors_; }
    /// All sockets that it listens on, by place.
    [[nodiscard]] std::vector<std::vector<int>> sockets() const { return doors_.sockets(); }
    /// Has the service manager keep them.
    void keep_sockets() const { doors_.keep_in_store(); }
    [[nodiscard]] const upstream::fleet& servers() const noexcept { return fleet_; }
    [[nodiscard]] registry::registry& sessions() noexcept { return *registry_; }
    /// What applications keep in their sessions; none: there is no session service.
    [[nodiscard]] std::optional<session_totals> kept_data() const { return data_.totals(); }
    [[nodiscard]] const session_service& data() const noexcept { return data_; }
    [[nodiscard]] std::vector<hawser::sessions::audited> take_audited() {
        return data_.take_audited();
    }
    /// Once retired: what of it only this process has goes to the new one by that other end.
    [[nodiscard]] std::optional<state::channel> hand_over_data() { return data_.hand_over(); }
    /// In the new process: what the old one's `hand_over_data` gave, or that nothing will come.
    void take_over_data(std::optional<state::channel> from) { data_.take_over(std::move(from)); }
    /// What sessions are named by.
    [[nodiscard]] const std::shared_ptr<const issuers>& marks() const noexcept { return marks_; }
    /// By which the control thread asks for what each worker has of its own.
    [[nodiscard]] unsigned control_index() const noexcept { return unsigned(crew_->size()); }
    /// Of requests that were watched; null: none ever was.
    [[nodiscard]] const proxy::explanation_shelf* explained() const noexcept {
        return explained_.get();
    }
    [[nodiscard]] crew& workers() noexcept { return *crew_; }
    [[nodiscard]] app::drains& drains() noexcept { return *drains_; }
    [[nodiscard]] const app::rebalancing& evening() const noexcept { return *rebalancing_; }
    [[nodiscard]] observe::metrics& metrics() noexcept { return metrics_; }
    /// Requests sent to one server, retries included, and failed attempts at it: since the start,
    /// and in the processes that gave their place to this one.
    [[nodiscard]] std::uint64_t requests_of(std::string_view pool,
                                            const upstream::server& server) const;
    [[nodiscard]] std::uint64_t errors_of(std::string_view pool, std::string_view server);

  private:
    [[nodiscard]] std::uint64_t counted_before(std::string_view family, std::string_view pool,
                                               std::string_view server) const;
    explicit node(std::size_t workers);

    result<> recall(const beginnings& from);
    result<> open_logs(const configuration& given);
    result<> change_logs(const configuration& next);
    void collect(observe::exposition& into) const;
    std::shared_ptr<const issuers> marks_of(keeper::ring ring);
    void publish(std::shared_ptr<proxy::snapshot> next);
    [[nodiscard]] result<upstream::fleet::change> describe(const effective& next,
                                                           std::span<const std::string> pools,
                                                           const config::node& written,
                                                           known_addresses& known) const;
    void serve(const upstream::fleet::change& pools, changed_parts changed,
               const effective& before);
    void add_secured(changed_parts& changed, bool have_marks_changed) const;
    void set_lives(const proxy::pool_setup& pool);
    void note_needs(const std::string& pool);

    effective settings_ = configuration();
    secured_terms secured_;
    std::shared_ptr<const proxy::watches> watched_;  ///< null: nothing
    std::shared_ptr<proxy::explanation_shelf> explained_;
    known_addresses addresses_;  ///< as of the last reload
    observe::counters counters_;
    observe::metrics metrics_;
    rate_limits rates_{counters_};
    proxy::admission admission_;
    overload overload_{admission_};
    steady_time relieved_{};
    upstream::fleet fleet_;
    std::unique_ptr<observe::access_log> access_;
    std::unique_ptr<registry::registry> registry_;
    std::unique_ptr<keeper> keeper_;
    keeper::ring ring_;
    steady_time kept_{};
    registry::idle_question idle_;
    steady_time idle_asked_{};  ///< when all had been looked at
    std::shared_ptr<const issuers> marks_;
    app::assembly assembly_;
    std::function<void(std::span<const std::string>)> changed_ = [](const auto&) {};
    std::vector<std::pair<crypto::key_id, wall_time>> ring_keys_;
    session_service data_;
    doors doors_{data_};
    doors::opened prepared_;  ///< until `accept`
    std::unique_ptr<crew> crew_;
    std::optional<app::drains> drains_;  ///< once there are workers
    std::optional<rebalancing> rebalancing_;
    std::set<std::string> warming_;   ///< pools whose servers begin slowly
    std::set<std::string> counting_;  ///< pools whose servers are told of their sessions
    server_news shared_servers_;
    bool draining_ = false;
    bool retired_ = false;
};

}  // namespace hawser::app
