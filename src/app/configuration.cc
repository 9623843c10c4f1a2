// SPDX-License-Identifier: Apache-2.0
#include "app/configuration.h"

#include "app/configuration/list_checks.h"
#include "http/field_settings.h"

namespace hawser::app {
namespace {

std::string wrong_header(const config::switchable<std::string>& name) {
    if (!name) return {};
    if (!is_token(*name)) return "`" + *name + "` is no name of a header field";
    return http::why_reserved(*name);
}

}  // namespace

void configuration::describe(config::fields<configuration>& field) {
    using self = configuration;
    field("listeners", &self::listeners, "Addresses to accept on.")
        .required()
        .check(not_empty())
        .check(no_more_than<limits::listeners_max>());
    field("pools", &self::pools, "Application servers that may stand in for each other.")
        .required()
        .check(not_empty());
    field("routes", &self::routes, "Rules from request to pool; the most specific one wins.")
        .required()
        .check(not_empty())
        .check(no_more_than<limits::routes_max>());
    field("sessions", &self::sessions, "How long sessions live, and how many.");
    field("limits", &self::limits, "What the process as a whole may hold.");
    field("admin", &self::admin, "The operator's endpoint.");
    field("log", &self::log, "What is written where.");
    field("state", &self::state,
          "Directory of what this node remembers over a restart; each node has its own. Default: "
          "`$STATE_DIRECTORY`, else `$XDG_STATE_HOME/hawser`.");
    field("keys", &self::keys,
          "File of the keys that seal cookies, shared by all nodes; made if it is missing. "
          "Default: `keys` in the directory `state`.");
    field(
        "snapshot-interval", &self::snapshot_interval,
        "How often sessions and what is known of servers are written to `state`, besides at a stop; "
        "`off`: never, and nothing is read at the start.")
        .check([](const config::switchable<std::chrono::milliseconds>& given) {
            return given && *given < std::chrono::seconds(1) ? "must be at least 1s, or `off`" : "";
        });
    field("workers", &self::workers,
          "Threads that serve; `auto`: one for each processor that the process may use.");
    field("stop-timeout", &self::stop_timeout,
          "How long a graceful stop waits for what is in flight.");
    field("upgrade-timeout", &self::upgrade_timeout,
          "How long, after `hawser upgrade`, the former process may serve what it still has.");
    field("debug-header", &self::debug_header,
          "Field of every answer that tells verdict, cause and server, such as "
          "`Hawser-Verdict`.")
        .check(wrong_header);
}

}  // namespace hawser::app
