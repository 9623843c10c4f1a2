// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "async/scope.h"
#include "async/stop.h"
#include "clients/rate_limiter.h"
#include "clients/source_counts.h"
#include "crypto/random.h"
#include "http/date.h"
#include "http/message.h"
#include "io/worker.h"
#include "observe/access_log.h"
#include "observe/counters.h"
#include "proxy/admission.h"
#include "proxy/arrival.h"
#include "proxy/departure.h"
#include "proxy/open_tunnels.h"
#include "proxy/snapshot.h"
#include "proxy/waiting_room.h"
#include "registry/registry.h"
#include "tls/work_room.h"
#include "upstream/idle_connections.h"
#include "upstream/retry_budget.h"

namespace hawser::proxy {

class client_connection;
class h2_upstream;
class station;

/// How one worker speaks TLS to one server.
struct secured_way {
    std::shared_ptr<const tls::client_context> by;
    std::string name;  ///< that the server must prove to have
    std::shared_ptr<tls::session_shelf> sessions = std::make_shared<tls::session_shelf>();
};

/// One worker's connections to one server, and its counters of it. Lives while a request or a
/// snapshot needs it.
struct server_post {
    server_post(std::shared_ptr<upstream::server> to, observe::server_counters& counted,
                upstream::worker_load& loaded, std::size_t idle_max,
                std::chrono::milliseconds idle_time, crypto::random_stock& random)
        : server(std::move(to)),
          counters(counted),
          load(loaded),
          tunnels_part(server_drained, random),
          answers_part(server_drained, random),
          idle(idle_max, idle_time),
          address_text(server->address().text()) {}

    std::shared_ptr<upstream::server> server;
    observe::server_counters& counters;
    upstream::worker_load& load;
    departure tunnels_part;  ///< from the server: each goes elsewhere
    departure answers_part;  ///< the same of answers whose head has gone to the client
    upstream::idle_connections idle;
    std::vector<std::shared_ptr<h2_upstream>> shared;  ///< with HTTP/2: each carries many exchanges
    std::string address_text;
    std::shared_ptr<const secured_way> secured;  ///< null: in clear
    /// From now on by these terms: what is kept open by others ends.
    void speak_by(const std::shared_ptr<const tls::client_context>& terms, std::string_view name);
    /// One of `shared` that another exchange may use; null: none.
    [[nodiscard]] std::shared_ptr<h2_upstream> find_shared() const;
    /// Nothing is kept open that carries no exchange.
    void close_unused();
    void part(const parting& what);
    bool is_retired = false;  ///< no longer in the configuration: nothing is kept open
};

/// What one worker has made for one pool; kept as long as the kinds' settings stay the same.
struct pool_tools {
    std::string kinds;
    std::unique_ptr<balance::balancer> balancer;
    balance::needs needs;  ///< the balancer's
    // Null: none. One for clients in clear, and one for those over TLS (E156).
    std::unique_ptr<affinity::chain> affinity;
    std::unique_ptr<affinity::chain> affinity_over_tls;
    upstream::retry_budget budget;
    std::vector<upstream::server*> candidates;  ///< room for one pick
};

/// One pool as one worker serves it; of all editions whose snapshots have the same setup.
struct pool_post {
    std::shared_ptr<const pool_setup> setup;
    std::shared_ptr<pool_tools> tools;
    std::vector<std::shared_ptr<server_post>> servers;  ///< in the pool's order
    observe::pool_counters* counters = nullptr;

    [[nodiscard]] server_post& post_of(const upstream::server& one) const;
    [[nodiscard]] std::shared_ptr<server_post> share(const server_post& one) const;
};

/// A snapshot with the worker's own parts for it. A request keeps the edition that it began with.
struct edition {
    std::shared_ptr<const snapshot> what;
    std::vector<std::shared_ptr<pool_post>> pools;  ///< by place
};

/// One listener on one worker: its sockets and the connections that came through it.
struct listener_post {
    std::string name;
    std::shared_ptr<const listener_settings> settings;
    observe::listener_counters* counters = nullptr;
    observe::counters::listener_row row;
    std::shared_ptr<const traffic_rows> traffic;
    std::size_t open = 0;  ///< connections
    std::size_t shaking_hands = 0;
    bool is_removed = false;  ///< no longer in the configuration: its connections end

    void serve_by(const listener_setup& setup, unsigned worker);
};

/// A connection that is in, and of which nobody has made a `client_connection` yet: counted for as
/// long as this lives.
class newcomer {
  public:
    newcomer(station& at, listener_post& through);
    ~newcomer();
    newcomer(const newcomer&) = delete;
    newcomer& operator=(const newcomer&) = delete;

  private:
    station& station_;
    listener_post& listener_;
};

/// One worker's part of the proxy: what its connections share. Used on its thread only.
class station {
  public:
    struct shared {
        registry::registry& sessions;
        observe::access_lane& access;
        observe::worker_counters& counters;
        proxy::admission& admission;
    };

    station(io::worker& on, shared with);
    ~station();

    /// Serves by `next` from the next request on. Parts of pools and servers that it does not
    /// change stay; idle connections to servers that left are closed.
    void publish(std::shared_ptr<const snapshot> next);
    /// Accepts on `socket`, bound to `place`, for that listener of the present snapshot; beside
    /// those that were opened for the same place before.
    [[nodiscard]] result<> open(const std::string& listener, const std::string& place,
                                io::listening_socket socket);
    /// Takes what waits in the socket's queue, then closes it (E171).
    void close(const std::string& listener, const std::string& place);

    /// Stops accepting, closes idle connections; what is under way ends with its answer (E175), and
    /// the clients of WebSockets are told to go, all within `farewell` (E149).
    void drain(std::chrono::milliseconds farewell);
    /// Ends what `what` says of all that is under way with `server`.
    void part(const upstream::server& server, const parting& what);
    /// Another process accepts now: as `drain`, but whoever is idle may send one more request, as
    /// it may be on its way.
    void retire(std::chrono::milliseconds farewell);
    /// Ends everything at once.
    void stop();
    /// Lets go of what nobody uses now: idle connections, to clients and to servers, and memory.
    void relieve();
    /// Runs beside all connections; the station is not quiet before it ends.
    void run(task<> work) { running_.spawn(std::move(work)); }
    /// Lets go of what is left, once it is quiet: idle connections end with their loop.
    void put_away();
    /// Nothing is under way any more.
    [[nodiscard]] bool is_quiet() const noexcept { return running_.running() == 0; }

    [[nodiscard]] const std::shared_ptr<edition>& current() const noexcept { return edition_; }
    /// The requests that the error log tells of; mostly null.
    [[nodiscard]] const watches* watched() const noexcept { return edition_->what->watched.get(); }
    [[nodiscard]] bool is_draining() const noexcept { return draining_; }
    [[nodiscard]] bool is_retired() const noexcept { return retired_; }
    /// Stops when `drain` begins: whoever would otherwise go on for hours takes its leave.
    [[nodiscard]] stop_source& leaving() noexcept { return leaving_; }
    /// The same for tunnels, each at its moment.
    [[nodiscard]] departure& tunnels_part() noexcept { return tunnels_part_; }
    [[nodiscard]] instant now() const noexcept { return worker.turns().now(); }
    [[nodiscard]] std::size_t connections() const noexcept { return connection_count_; }

    io::worker& worker;
    registry::registry& sessions;
    observe::access_lane& access;
    observe::worker_counters& counters;
    proxy::admission& admission;
    waiting_room waiting;
    open_tunnels tunnels;
    http::date_clock dates;
    crypto::random_stock random;
    std::size_t compression_memory = 0;  ///< held by answers that are being compressed

    // Room that whoever runs uses until its next wait.
    http::request_head request;
    http::response_head response;
    std::string lines;
    std::vector<char> coded;  ///< a part of a body in its coding
    tls::work_room tls_room;
    clients::source_counts shaking_hands;  ///< by source
    clients::rate_limiter new_keys;        ///< of sessions that clients name themselves, by source
    std::array<char, 96 * 1024> out;

  private:
    friend class client_connection;
    friend class newcomer;

    task<> accept_on(std::shared_ptr<listener_post> post, std::shared_ptr<stop_source> closing,
                     std::unique_ptr<io::listener> from);
    void welcome(const std::shared_ptr<listener_post>& post, std::unique_ptr<io::stream> client);
    task<> hear(std::shared_ptr<listener_post> post, arrival who);
    void meet(const std::shared_ptr<listener_post>& post, arrival who);
    void leave_outside(listener_post& post, const arrival& who, std::string_view counted,
                       std::string_view cause);
    [[nodiscard]] std::string_view why_refused(const listener_post& post,
                                               proxy::admission::place& into);
    [[nodiscard]] bool comes_too_many(const listener_settings& settings, arrival& who);
    void turn_away(listener_post& post, std::unique_ptr<io::stream> client, std::string_view why);
    task<> tell_no_room(std::unique_ptr<io::stream> client);
    bool publish_pools(edition& into);
    bool publish_listeners();
    bool retire_servers(const pool_post& before, const pool_post* after);
    std::shared_ptr<pool_post> post_for(std::shared_ptr<const pool_setup> setup,
                                        const pool_post* before);
    std::shared_ptr<server_post> server_post_for(const pool_setup& setup, std::size_t place);
    std::shared_ptr<pool_tools> tools_for(const pool_setup& setup, const pool_post* before);
    std::shared_ptr<listener_post> listener_for(const std::string& name);

    std::shared_ptr<edition> edition_;
    std::unordered_map<std::uint32_t, std::shared_ptr<server_post>> servers_;  // by serial
    std::unordered_map<std::string, std::shared_ptr<listener_post>> listeners_;
    std::map<std::pair<std::string, std::string>, std::shared_ptr<stop_source>> doors_;
    client_connection* first_connection_ = nullptr;
    std::size_t connection_count_ = 0;
    std::size_t turning_away_ = 0;
    bool draining_ = false;
    bool retired_ = false;
    stop_source leaving_;
    departure tunnels_part_{node_stops, random};
    scope running_;
};

}  // namespace hawser::proxy
