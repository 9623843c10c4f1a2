// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hawser::admin {

/// One value that a person set at run time, over what the file says.
struct override_status {
    std::string pool;
    std::string server;
    std::string_view field;  ///< `added`, `removed`, `state`, `weight`
    std::string value;
    std::string file;  ///< what the file says of it; empty: nothing
    std::string who;
    std::string when;  ///< `2026-11-24T12:00:00Z`
};

/// A server's last check.
struct check_status {
    std::string_view kind;  ///< `http`, `tcp`, ..., `agent`
    bool passed = false;
    std::string result;  ///< `L7 503`, `connect refused`
    std::chrono::milliseconds took{0};
    std::chrono::milliseconds age{0};  ///< since its end
};

/// How many sessions would get another home, each counted once: by the first of these that it is.
struct movement {
    std::uint64_t with_tunnel = 0;
    std::uint64_t active = 0;
    std::uint64_t idle = 0;
    std::uint64_t tentative = 0;
    std::uint64_t of = 0;  ///< all of the pools that are concerned

    [[nodiscard]] std::uint64_t total() const noexcept {
        return with_tunnel + active + idle + tentative;
    }
};

/// Requests that the log tells more of, for a time. What is empty is any.
struct watch_status {
    std::string session;
    std::string pool;
    std::string client;
    std::string until;  ///< `2026-11-24T12:00:00Z`
};

/// What the error log tells.
struct log_status {
    std::string_view level = {};
    std::string_view level_of_file = {};
    std::string until = {};  ///< when the level is the file's again; empty: it is
    std::vector<watch_status> watches = {};
};

/// How far a server that drains is.
struct drain_progress {
    std::optional<std::uint64_t> left = {};                ///< sessions; none: not counted yet
    std::optional<std::chrono::seconds> expected_in = {};  ///< none: nobody can tell
    std::chrono::seconds deadline_in{0};
};

/// One server as operators see it.
struct server_status {
    std::string name;
    std::string address;
    std::string_view state;  ///< `ready`, `drain`, `maintenance`, `down`
    std::uint32_t weight = 1;
    std::uint32_t connections_max = 0;  ///< 0: no limit
    std::uint32_t sessions_max = 0;     ///< 0: no limit
    unsigned warmth = 100;              ///< percent of its weight that it has got to
    std::uint64_t waiting = 0;          ///< requests whose home it is, for a place
    std::uint64_t established = 0;      ///< sessions whose key has come back
    std::uint64_t tentative = 0;        ///< sessions that may never come back
    std::uint64_t in_flight = 0;
    std::uint64_t connections = 0;
    std::uint64_t requests = 0;                     ///< since start
    std::uint64_t errors = 0;                       ///< failed attempts since start
    std::vector<std::string_view> overridden = {};  ///< fields that were set at run time
    std::optional<check_status> check = {};
    std::optional<check_status> agent = {};    ///< its report, in place of a result
    unsigned reported = 100;                   ///< percent of its weight that the server asks for
    std::string_view source = "file";          ///< who names it: `file`, `discovery`, `operator`
    std::optional<drain_progress> drain = {};  ///< while it is under way
};

/// How the servers of a pool are found.
struct discovery_status {
    std::string kind;  ///< `dns`, `file`; several where releases are found in several ways
    std::string where;
    std::uint64_t found = 0;                       ///< looks that found somebody
    std::uint64_t failed = 0;                      ///< those that found nobody
    std::optional<std::chrono::seconds> age = {};  ///< since somebody was found
    std::string trouble = {};  ///< what the last look could not see; empty: it saw everything
    std::size_t leaving = 0;   ///< servers that are found no more and still have sessions
};

/// Who waits for a place at a server of the pool, and what the pool has to do at once.
struct crowd_status {
    std::uint64_t waiting = 0;
    std::uint32_t waiting_max = 0;   ///< 0: nobody may
    std::uint32_t requests_max = 0;  ///< with servers at once; 0: no limit
    std::uint32_t retries_max = 0;   ///< 0: no limit
};

struct pool_status {
    std::string name;
    crowd_status crowd = {};
    std::optional<discovery_status> discovery = {};
    /// While its sessions are spread anew: what the busiest server has of its share, 1 or more.
    std::optional<double> rebalancing = {};
    std::vector<server_status> servers;

    /// Null when there is none of that name.
    [[nodiscard]] const server_status* find(std::string_view server) const noexcept {
        for (const auto& each : servers)
            if (each.name == server) return &each;
        return nullptr;
    }
};

struct listener_status {
    std::string name;
    std::string address;
};

/// What applications keep in their sessions here, all namespaces together.
struct data_status {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t clients = 0;  ///< connections to the doors
    std::string store = {};     ///< `memory`, or how the disk does
};

/// How far an upgrade of the binary is: what `GET /v1/upgrade` shows.
struct upgrade_status {
    std::int64_t process = 0;  ///< who answers
    std::string_view phase;    ///< `none`, `starts`, `finishes`, `follows`, `failed`
    std::int64_t other = 0;    ///< the process at the other end; 0: none
    std::string why;           ///< it failed
};

/// The node at one moment: what `GET /v1/status` shows.
struct node_status {
    std::string_view version;
    std::string_view state;  ///< `serving`, `draining`
    std::chrono::seconds uptime{0};
    std::uint64_t generation = 0;  ///< of the configuration: 1 at start, one more each reload
    std::uint64_t reloads = 0;     ///< tried
    bool last_reload_succeeded = true;
    std::size_t workers = 0;
    std::vector<listener_status> listeners;
    std::vector<pool_status> pools;
    std::vector<override_status> overrides;
    std::optional<data_status> data = {};  ///< none: there is no session service
};

}  // namespace hawser::admin
