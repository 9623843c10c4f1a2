// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "affinity/chain.h"
#include "balance/balancer.h"
#include "clients/access_list.h"
#include "clients/network_table.h"
#include "http/h1/parser.h"
#include "io/ip_address.h"
#include "observe/counters.h"
#include "proxy/explanation.h"
#include "proxy/guess_watch.h"
#include "proxy/request_limit.h"
#include "proxy/request_marks.h"
#include "proxy/route.h"
#include "proxy/router.h"
#include "proxy/watch.h"
#include "tls/client_context.h"
#include "tls/server_context.h"
#include "upstream/pool.h"

namespace hawser::sessions {
class record_link;
}

namespace hawser::proxy {

enum class forwarded_policy : std::uint8_t {
    by_trust,  ///< replaced; appended to for trusted proxies
    append,
    replace,
    off,  ///< passed on as it came
};

/// What happens to Forwarded (RFC 7239), beside X-Forwarded-*.
enum class forwarded_field_policy : std::uint8_t {
    off,      ///< not written; a trusted proxy's goes on as it came
    write,    ///< written as X-Forwarded-For is
    believe,  ///< and a trusted proxy's names the client, not its X-Forwarded-For
};

/// Whether trusted proxies say by a PROXY header whose connection they bring.
enum class announcement_policy : std::uint8_t { off, optional, required };

/// How a listener treats its clients. Immutable; a reload publishes another.
struct listener_settings {
    std::string name;
    std::chrono::milliseconds head_timeout = std::chrono::seconds(10);
    std::chrono::milliseconds body_timeout = std::chrono::seconds(60);
    std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);
    std::chrono::milliseconds write_timeout = std::chrono::seconds(60);
    std::uint64_t body_rate_min = 100;  ///< bytes a second, after ten seconds (E60)
    forwarded_policy forwarded = forwarded_policy::by_trust;
    forwarded_field_policy forwarded_field = forwarded_field_policy::off;
    announcement_policy announcements = announcement_policy::off;
    clients::network_set trusted_proxies;  ///< whose PROXY header and X-Forwarded-* are believed
    std::shared_ptr<const clients::access_list> access;  ///< who may come; null: everybody
    bool adds_via = false;
    bool http2 = true;  ///< by prior knowledge
    http::h1::request_limits limits;
    std::size_t connections_max = 0;                 ///< of one worker; 0: no limit
    std::size_t connections_of_source_max = 0;       ///< over all workers; 0: no limit
    std::shared_ptr<const error_pages> pages;        ///< null: none
    std::optional<marking> marks;                    ///< nothing: requests go on as they came
    std::shared_ptr<const tls::server_context> tls;  ///< null: clients speak in clear
    std::size_t handshakes_max = 0;                  ///< at once, of one worker; 0: no limit
    std::size_t handshakes_of_source_max = 0;        ///< the same, of one source
    std::string subject_field;      ///< tells servers the subject of a client's certificate
    std::string fingerprint_field;  ///< the same of its fingerprint
    /// The fields of all listeners that tell of certificates: no client may send one (E129).
    std::vector<std::string> certificate_fields;
    std::shared_ptr<const request_limits> rates;  ///< null: none
    std::string hsts;                             ///< the line of answers over TLS; empty: none
    std::shared_ptr<const route> to_https;        ///< where all else is sent; null: nowhere

    [[nodiscard]] bool trusts(const io::ip_address& peer) const noexcept {
        return !trusted_proxies.empty() && trusted_proxies.contains(peer);
    }
};

enum class host_policy : std::uint8_t { preserve, server, text };

/// What a pool's servers speak.
enum class server_protocol : std::uint8_t {
    http1,
    h2c,  ///< HTTP/2 without TLS, by prior knowledge
    h2,   ///< HTTP/2 over TLS, agreed on by ALPN
};

/// A pool as the proxy uses it: its servers, and how each worker makes its own parts for it.
struct pool_setup {
    std::shared_ptr<const upstream::pool> servers;
    server_protocol protocol = server_protocol::http1;
    std::shared_ptr<const tls::client_context> tls;  ///< null: in clear
    std::vector<std::string> tls_names;              ///< of the servers, in their order
    host_policy host = host_policy::preserve;
    std::string host_text;                   ///< with host_policy::text
    std::size_t idle_connections_max = 256;  ///< to each server, of each worker
    std::chrono::milliseconds idle_connection_time = std::chrono::seconds(60);
    std::uint64_t session_salt = 0;            ///< for the hash of a session that logs show
    std::shared_ptr<const error_pages> pages;  ///< null: none
    /// The settings that `make_balancer` and `make_affinity` close over, as text: workers keep what
    /// they made as long as it is the same.
    std::string kinds;
    std::function<std::unique_ptr<balance::balancer>(balance::worker_seed)> make_balancer;
    /// For one worker, by its index, and clients in clear or over TLS. Null when the pool has no
    /// affinity.
    std::function<std::unique_ptr<affinity::chain>(unsigned, bool)> make_affinity;
    std::shared_ptr<guess_watch> guesses;  ///< null: nobody watches
    /// To what the application keeps in its sessions here; null: nobody knows.
    std::shared_ptr<const sessions::record_link> record;
    observe::counters::pool_row counters;
    std::vector<observe::counters::server_row> server_counters;  ///< in the order of the servers
};

/// The counters of requests from one listener, by where they go.
struct traffic_rows {
    observe::counters::traffic_row without_pool;
    std::vector<observe::counters::traffic_row> pools;  ///< by the pool's place in the snapshot

    [[nodiscard]] observe::traffic_counters& of(std::size_t pool, unsigned worker) const {
        const bool is_known = pool < pools.size() && pools[pool] != nullptr;
        return (is_known ? pools[pool] : without_pool)->of(worker);
    }
};

struct listener_setup {
    std::shared_ptr<const listener_settings> settings;
    observe::counters::listener_row counters;
    std::shared_ptr<const traffic_rows> traffic;
};

/// Everything a request is served by, at one moment. Immutable, shared by all workers.
///
/// Two snapshots share what is the same in both, so that the next one costs whoever makes it, and
/// each worker, what differs: a pool keeps its place, and its setup as long as nothing of it
/// changes.
struct snapshot {
    std::uint64_t number = 0;
    std::vector<listener_setup> listeners;
    std::vector<std::shared_ptr<const pool_setup>> pools;  ///< null: a pool was there once
    std::shared_ptr<const router> routes = std::make_shared<const router>();
    bool logs_ends = false;                  ///< the access log tells both ends of both connections
    std::shared_ptr<const watches> watched;  ///< null: nothing is watched
    /// Where what is watched is explained; null as long as nothing has ever been.
    std::shared_ptr<explanation_shelf> explained;
    std::string debug_field;  ///< name of the response field that tells the verdict; empty: none

    [[nodiscard]] const listener_setup* find_listener(std::string_view name) const noexcept {
        for (const auto& each : listeners)
            if (each.settings->name == name) return &each;
        return nullptr;
    }
};

}  // namespace hawser::proxy
