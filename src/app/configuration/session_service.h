// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/configuration/addresses.h"
#include "app/configuration/door_tls.h"
#include "app/configuration/tls.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "config/settings.h"
#include "sessions/limits.h"
#include "sessions/reconcile.h"
#include "sessions/user_index.h"
#include "store/record.h"
#include "store/space.h"

namespace hawser::store {

constexpr std::array<config::word<when_full>, 2> choices(when_full) {
    return {{{"refuse", when_full::refuse, "whoever wants to add a record is told so"},
             {"evict", when_full::evict, "the record that was idle for the longest time ends"}}};
}

constexpr std::array<config::word<when_failing>, 2> choices(when_failing) {
    return {{{"refuse", when_failing::refuse, "whoever wants to change something is told so"},
             {"serve", when_failing::serve,
              "changes are made in memory, and kept once that is possible again"}}};
}

constexpr std::array<config::word<durability>, 3> choices(durability) {
    return {{{"memory", durability::memory, "none: records end with the process"},
             {"interval", durability::interval,
              "the process's end, and a power cut but for the last two seconds"},
             {"sync", durability::sync, "a power cut too: answers wait for the disk"}}};
}

}  // namespace hawser::store

namespace hawser::sessions {

constexpr std::array<config::word<save_policy>, 3> choices(save_policy) {
    return {{{"last-writer", save_policy::last_writer, "it takes the place of the others"},
             {"merge", save_policy::merge,
              "both changes are kept: fields of JSON objects, items appended to arrays; a value "
              "that both have changed is as in the later one"},
             {"reject", save_policy::reject, "it is answered with an error"}}};
}

constexpr std::array<config::word<user_full>, 2> choices(user_full) {
    return {{{"refuse", user_full::refuse, "whoever wants one more is told so"},
             {"end-oldest", user_full::end_oldest, "the user's oldest session ends"}}};
}

}  // namespace hawser::sessions

namespace hawser::app {

enum class session_store : std::uint8_t { embedded, memory };

constexpr std::array<config::word<session_store>, 2> choices(session_store) {
    return {{{"embedded", session_store::embedded, "in memory, and on the disk below `state`"},
             {"memory", session_store::memory, "in memory: they end with the process"}}};
}

/// What one application may keep.
struct namespace_limits {
    std::size_t sessions = limits::namespace_sessions;
    byte_count bytes{limits::namespace_bytes};
    byte_count record_bytes{limits::record_bytes};
    std::size_t user_sessions = 0;  ///< 0: any number

    static void describe(config::fields<namespace_limits>& field);
    friend bool operator==(const namespace_limits&, const namespace_limits&) = default;
};

/// Sessions that are worth more than others: what makes them so, and what their data outlives.
struct valuable_data {
    store::durability durability = store::durability::sync;
    bool authenticated = false;
    std::string user_field;  ///< empty: nothing in it says whose it is
    byte_count bytes{0};     ///< 0: its size says nothing

    static void describe(config::fields<valuable_data>& field);
    friend bool operator==(const valuable_data&, const valuable_data&) = default;
};

/// One application's sessions, and how they live.
struct session_namespace {
    std::vector<std::string> session_keys{"sess:*", "koa:sess:*", "PHPREDIS_SESSION:*"};
    std::vector<std::string> lock_keys{"*_LOCK", "*.lock", "*_Write_Lock"};
    hawser::sessions::save_policy saves = hawser::sessions::save_policy::last_writer;
    std::string mark_field;                                ///< empty: data goes out as it is
    std::optional<std::chrono::seconds> idle_timeout;      ///< none: as all sessions
    std::optional<std::chrono::seconds> absolute_timeout;  ///< the same
    std::chrono::milliseconds end_remembered = limits::session_end_remembered;
    namespace_limits limits;
    store::when_full when_full = store::when_full::refuse;
    hawser::sessions::user_full when_user_full = hawser::sessions::user_full::refuse;
    std::optional<store::durability> durability;  ///< none: see `durability_of`
    std::optional<valuable_data> valuable;        ///< none: all are treated alike
    store::when_failing when_store_fails = store::when_failing::refuse;
    std::string notify_keyspace_events;  ///< empty: none are told

    static void describe(config::fields<session_namespace>& field);
    friend bool operator==(const session_namespace&, const session_namespace&) = default;
};

/// Who may come in at a door, and to which namespace.
struct session_user {
    std::string to;  ///< a namespace
    file_path password_file;

    static void describe(config::fields<session_user>& field);
    friend bool operator==(const session_user&, const session_user&) = default;
};

/// The door for libraries that keep their sessions in Redis.
struct resp_door {
    std::vector<listen_address> bind;
    std::optional<door_tls> tls;
    std::map<std::string, session_user, std::less<>> users;
    std::string open_to;  ///< a namespace; empty: nobody comes in who does not say who it is
    std::size_t connections = limits::resp_connections;

    static void describe(config::fields<resp_door>& field);
    friend bool operator==(const resp_door&, const resp_door&) = default;
};

/// The door for applications that work with sessions by themselves, over HTTP.
struct api_door {
    std::vector<listen_address> bind;
    std::optional<door_tls> tls;
    std::map<std::string, session_user, std::less<>> users;
    std::string open_to;  ///< a namespace; empty: nobody comes in who does not say who it is
    std::string key_prefix = "sess:";

    static void describe(config::fields<api_door>& field);
    friend bool operator==(const api_door&, const api_door&) = default;
};

struct configuration;
struct sessions;

/// Which losses the records of `one` outlive.
[[nodiscard]] store::durability durability_of(const sessions& all, const session_namespace& one);

/// Whether some of its records may outlive this process.
[[nodiscard]] bool reaches_disk(const sessions& all, const session_namespace& one);

/// Fills in what the small case leaves out: one namespace, and who comes in without a password.
void complete_session_service(configuration& given);
/// What no field of it can know alone.
void check_session_service(const configuration& given, const config::node& written,
                           config::diagnostics& out);

}  // namespace hawser::app
