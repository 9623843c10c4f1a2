// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/checked_server.h"
#include "app/configuration.h"
#include "async/event.h"
#include "async/scope.h"
#include "async/stop.h"
#include "crypto/random.h"
#include "io/worker.h"
#include "observe/counter.h"
#include "observe/exposition.h"
#include "proxy/snapshot.h"
#include "tls/work_room.h"

namespace hawser::app {

/// The checks of all servers, on the control thread: each server is asked once, for all workers.
///
/// So many run at once (`limits::checks_at_once_max`); those that are due beyond that wait, the
/// longest due first. Servers in maintenance are left alone until they are out of it.
class health_checks {
  public:
    /// Checks run on `on`, in `around`, until `over` stops; the scope is joined before this dies.
    health_checks(io::worker& on, scope& around, stop_source& over);
    health_checks(const health_checks&) = delete;
    health_checks& operator=(const health_checks&) = delete;

    /// Checks a pool as it is served from now on. Checks of servers for which nothing changes go
    /// on.
    void follow(const proxy::pool_setup& served, const pool_health& health);
    /// A pool that is served no longer.
    void forget(std::string_view pool);

    /// Another process asks servers, and tells what it finds: nobody is asked from here, and what
    /// was found stays.
    void rest();
    /// Asks again, from the next `follow` of each pool on.
    void resume() noexcept { is_resting_ = false; }
    [[nodiscard]] bool is_resting() const noexcept { return is_resting_; }

    /// Calls `told` with the name of a pool when a server of it has asked for another state.
    void on_wish(std::function<void(const std::string& pool)> told) { wished_ = std::move(told); }

    /// Of the server at that place of its pool; null: it is not checked.
    [[nodiscard]] const checked_server* find(const upstream::pool& pool, std::size_t place) const;
    /// Its agent; null: it has none.
    [[nodiscard]] const checked_server* find_agent(const upstream::pool& pool,
                                                   std::size_t place) const;
    void collect(observe::exposition& into) const;

  private:
    /// What all checks of a pool go by. As long as it is the same, nothing is looked at anew.
    struct terms {
        std::shared_ptr<const upstream::pool> servers;
        pool_health health;
        proxy::server_protocol protocol = proxy::server_protocol::http1;
        std::shared_ptr<const tls::client_context> tls;
        std::vector<std::string> tls_names;
        proxy::host_policy host = proxy::host_policy::preserve;
        std::string host_text;

        [[nodiscard]] health::way way_to(std::size_t place) const;
        [[nodiscard]] check_plan check_of(std::size_t place) const;
        [[nodiscard]] check_plan agent_of(std::size_t place) const;
        [[nodiscard]] static terms of(const proxy::pool_setup& setup, const pool_health& health);
        [[nodiscard]] bool are_of(const proxy::pool_setup& setup, const pool_health& given) const;
    };
    using server_list = std::vector<std::shared_ptr<checked_server>>;  ///< in the pool's order
    using standing_table = std::map<std::uint32_t, std::shared_ptr<health::standing>>;
    struct checked_pool {
        terms by;
        server_list checks;  ///< empty: there are none
        server_list agents;
        observe::request_histogram durations;
    };

    void change_pool(checked_pool& pool, terms by);
    void follow(server_list& all, const terms& by, check_plan (terms::*plan_of)(std::size_t) const,
                const std::shared_ptr<const health::check>& asked, standing_table& standings);
    void end_all(server_list& all);
    void end(checked_server& one);
    void wish(checked_server& one, upstream::admin_state wanted);
    [[nodiscard]] static const checked_server* at(const server_list& all, std::size_t place);

    task<> run();
    void begin_due();
    task<> check(std::shared_ptr<checked_server> one);
    void take(checked_server& one, const health::outcome& found, steady_time began);
    void judge(checked_server& one, const health::outcome& found);
    void believe(checked_server& one, const health::agent_report& said);
    void wait_for(std::shared_ptr<checked_server> one, steady_time due);
    [[nodiscard]] double draw();

    io::worker& on_;
    scope& around_;
    stop_source& over_;
    tls::work_room room_;
    crypto::random_stock random_;
    std::map<std::string, checked_pool, std::less<>> pools_;
    std::multimap<steady_time, std::shared_ptr<checked_server>> queue_;
    event stirred_;  ///< the queue's front is another one, or there is a place
    std::size_t running_ = 0;
    bool is_resting_ = false;
    bool is_short_ = false;  ///< there were more due than places
    std::uint64_t delayed_ = 0;
    std::function<void(const std::string&)> wished_ = [](const auto&) {};
};

}  // namespace hawser::app
