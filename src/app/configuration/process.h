// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/configuration/addresses.h"
#include "app/configuration/session_service.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "config/settings.h"
#include "observe/access_format.h"
#include "observe/log.h"

namespace hawser::observe {

constexpr std::array<config::word<access_format>, 3> choices(access_format) {
    return {{{"json", access_format::json, "one object a line"},
             {"combined", access_format::combined, "the Combined Log Format, with five more words"},
             {"text", access_format::text, "short lines for people"}}};
}

constexpr std::array<config::word<level>, 5> choices(level) {
    return {{{"error", level::error},
             {"warn", level::warn},
             {"notice", level::notice},
             {"info", level::info},
             {"debug", level::debug}}};
}

}  // namespace hawser::observe

namespace hawser::app {

/// How long sessions live, how many the registry holds, and what applications keep in them.
struct sessions {
    std::chrono::seconds idle_timeout = limits::session_idle;
    std::chrono::seconds absolute_timeout = limits::session_absolute;
    std::size_t capacity = limits::registry_sessions;
    std::size_t tentative_capacity = limits::registry_tentative;
    session_store store = session_store::embedded;
    byte_count memory{limits::sessions_memory};
    std::map<std::string, session_namespace, std::less<>> namespaces;
    std::optional<resp_door> resp;
    std::optional<api_door> api;

    static void describe(config::fields<sessions>& field);
    friend bool operator==(const sessions&, const sessions&) = default;
};

/// What the process as a whole may hold.
struct process_limits {
    std::optional<std::size_t> connections;                ///< none: by the descriptors
    std::optional<config::switchable<byte_count>> memory;  ///< none: the control group's limit

    static void describe(config::fields<process_limits>& field);
    friend bool operator==(const process_limits&, const process_limits&) = default;
};

struct log {
    std::string access = "stdout";  ///< or `stderr`, `off`, a file's path
    observe::access_format format = observe::access_format::json;
    std::string errors = "stderr";  ///< or `stdout`, a file's path
    observe::level level = observe::level::notice;
    bool ends = false;

    static void describe(config::fields<log>& field);
    friend bool operator==(const log&, const log&) = default;
};

/// How many workers: a number, or as many as the process may use processors.
struct worker_count {
    std::size_t number = 0;  ///< 0: `auto`
    friend bool operator==(worker_count, worker_count) = default;
};

}  // namespace hawser::app

namespace hawser::config {

template <>
struct codec<app::worker_count> {
    static bool read(const node& given, app::worker_count& into, diagnostics& out);
    static node show(app::worker_count value);
    static shape type();
};

}  // namespace hawser::config
