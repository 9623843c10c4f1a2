// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "observe/counter.h"
#include "observe/per_worker.h"

namespace hawser::observe {

class exposition;

/// Counts answers by the class of their code; the first place is for exchanges without an answer.
using code_counters = std::array<counter, 6>;

[[nodiscard]] constexpr std::size_t code_class(unsigned status) noexcept {
    return status >= 100 && status < 600 ? status / 100 : 0;
}

/// What one worker counts of one listener.
struct listener_counters {
    counter connections;                     ///< accepted
    counter connections_closed;              ///< of those
    cause_counters<16> connections_refused;  ///< by reason: `limit`, `descriptors`, ...
    cause_counters<8> handshakes;            ///< of TLS, by version, and `full` or `resumed`
    cause_counters<32> connections_broken;   ///< ended by us for a fault of the client
};

/// What one worker counts of the requests from one listener to one pool; the pool's name is empty
/// for requests that were answered before they had one.
struct traffic_counters {
    code_counters requests;
    counter request_bytes;     ///< heads and bodies, from clients
    counter response_bytes;    ///< heads and bodies, to clients
    cause_counters<96> ended;  ///< refused, aborted, cut: the access record's `ended`
};

/// What one worker counts of one pool.
struct pool_counters {
    request_histogram request_duration;   ///< first byte of the request to last byte of the answer
    request_histogram upstream_duration;  ///< request sent to first byte of the server's answer
    verdict_counters verdicts;            ///< one for each request
    cause_counters<16> retries;           ///< by reason: why the attempt before failed
    cause_counters<4> retries_refused;    ///< by limit: `budget`, `circuit-breaker`
    request_histogram queue_duration;     ///< of requests that waited for a place at a server
    cause_counters<8> queue_waits;        ///< by how they ended: `served`, `queue-timeout`, ...
    cause_counters<16> affinity_invalid;  ///< by reason, and the affinity's kind
    cause_counters<2> guesses;            ///< of session ids, by what became of them
    counter tunnels_opened;               ///< WebSockets and other upgrades
    counter tunnels_closed;
};

/// What one worker has seen of the way to one server.
struct path_counters {
    counter connects;         ///< that stood
    counter connect_time;     ///< microseconds in all
    counter round_trips;      ///< looks at a connection whose round-trip time was known
    counter round_trip_time;  ///< microseconds in all
    counter segments;         ///< sent
    counter retransmits;      ///< of those
};

/// What one worker counts of one server.
struct server_counters {
    code_counters requests;
    counter connections_reused;   ///< requests that found a pooled connection
    cause_counters<16> errors;    ///< by kind: `refused`, `timed-out`, `reset`, `malformed`, ...
    cause_counters<8> ejections;  ///< times that traffic took it out, by the kind that decided
    path_counters path;
};

/// The family of `ejections`, to which others add those that workers do not see.
inline constexpr std::string_view ejections = "server_ejections_total";
inline constexpr std::string_view ejections_help = "How often traffic took a server out.";

/// What one worker counts of one rate limit.
struct limit_counters {
    counter refused;  ///< requests
};

/// What one worker counts of itself.
struct worker_counters {
    cause_counters<32> limits_reached;  ///< by the limit's name
};

/// The names of verdicts and causes by their enumerators' numbers; static.
struct verdict_names {
    std::span<const std::string_view> verdicts;
    std::span<const std::string_view> causes;
};

/// All counters of the process: where a snapshot gets its rows and a scrape reads them.
///
/// A listener, pool, server or route holds its row and, on each worker, adds to `row->of(worker)`.
/// Asking for a row takes a lock, so it is done when a snapshot is built, never for a request.
class counters {
  public:
    counters(std::size_t workers, verdict_names names);

    using listener_row = std::shared_ptr<per_worker<listener_counters>>;
    using traffic_row = std::shared_ptr<per_worker<traffic_counters>>;
    using pool_row = std::shared_ptr<per_worker<pool_counters>>;
    using server_row = std::shared_ptr<per_worker<server_counters>>;
    using limit_row = std::shared_ptr<per_worker<limit_counters>>;

    [[nodiscard]] listener_row listener(std::string_view name);
    [[nodiscard]] traffic_row traffic(std::string_view listener, std::string_view pool);
    [[nodiscard]] pool_row pool(std::string_view name);
    [[nodiscard]] server_row server(std::string_view pool, std::string_view name);
    /// Of a listener or of a route, by what it counts; the other one's name is empty.
    [[nodiscard]] limit_row rate_limit(std::string_view listener, std::string_view route,
                                       std::string_view key);
    [[nodiscard]] worker_counters& worker(std::size_t index) noexcept { return workers_.of(index); }

    /// Adds every counter's sum over the workers to what is being scraped.
    void collect(exposition& into) const;

  private:
    verdict_names names_;
    per_worker<worker_counters> workers_;
    counter_table<listener_counters, 1> listeners_;
    counter_table<traffic_counters, 2> traffic_;
    counter_table<pool_counters, 1> pools_;
    counter_table<server_counters, 2> servers_;
    counter_table<limit_counters, 3> rate_limits_;
};

}  // namespace hawser::observe
