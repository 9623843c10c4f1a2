// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/session_service.h"

#include <algorithm>

#include "app/configuration.h"
#include "app/configuration/list_checks.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;
using config::diagnostics;
using config::node;

bool is_local(const listen_address& one) {
    return one.where.family() == io::endpoint::kind::unix_path || one.where.ip().is_loopback();
}

void check_doors_way_in(const resp_door& door, const node& written, diagnostics& out) {
    const auto at = written.place({"sessions", "resp", "bind"});
    const auto far = std::ranges::find_if_not(door.bind, is_local);
    if (far == door.bind.end()) return;
    const bool asks_for_certificates = door.tls && !door.tls->client_ca.path.empty();
    if (!door.open_to.empty() && !asks_for_certificates)
        out.error(at, "whoever reaches `" + far->text +
                          "` could read and change sessions: name `users` and no `open-to`, or "
                          "`tls` with a `client-ca`, or listen on the loopback or a unix socket");
    if (!door.users.empty() && !door.tls)
        out.warning(at, "clear-passwords",
                    "passwords and sessions are sent to `" + far->text + "` in clear: add `tls`");
}

void check_names(const sessions& given, const node& written, diagnostics& out) {
    const auto check = [&](const std::string& name, const config::position& at) {
        if (!given.namespaces.contains(name))
            out.error(at, "there is no namespace `" + name + "` in `sessions.namespaces`");
    };
    const resp_door& door = *given.resp;
    if (!door.open_to.empty()) check(door.open_to, written.place({"sessions", "resp", "open-to"}));
    for (const auto& [name, user] : door.users)
        check(user.to, written.place({"sessions", "resp", "users", name, "namespace"}));
    if (door.open_to.empty() && door.users.empty())
        out.error(written.place({"sessions", "resp"}),
                  "there are several namespaces: say by `open-to` or `users` who gets to which");
}

}  // namespace

void namespace_limits::describe(config::fields<namespace_limits>& field) {
    using self = namespace_limits;
    field("sessions", &self::sessions, "Records, sessions and all others.").minimum(1);
    field("bytes", &self::bytes, "All of them together, names and what is kept beside included.");
    field("record-bytes", &self::record_bytes, "Name and value of one record.");
}

void session_namespace::describe(config::fields<session_namespace>& field) {
    using self = session_namespace;
    field("session-keys", &self::session_keys,
          "Names of records that are sessions, `*` for any bytes: they live by the limits below, "
          "and their end is final. Locks, indexes and all others live as the application says.")
        .check(no_more_than<limits::session_keys_patterns_max>());
    field("idle-timeout", &self::idle_timeout,
          "How long a session lives without being read or saved, whatever the application says. "
          "Default: `sessions.idle-timeout`.")
        .minimum(1s);
    field("absolute-timeout", &self::absolute_timeout,
          "How long a session lives at most. Default: `sessions.absolute-timeout`.")
        .minimum(1s);
    field("end-remembered", &self::end_remembered,
          "How long the end of a session keeps off saves that were under way.")
        .maximum(limits::session_end_remembered_max);
    field("limits", &self::limits, "What the application may keep.");
    field("when-full", &self::when_full, "What happens when a limit is reached.");
    field("durability", &self::durability,
          "Which losses records outlive. Default: `interval`, or `memory` with `store: memory`.");
    field("when-store-fails", &self::when_store_fails,
          "What happens while nothing can be kept, as the disk is full or broken. What is there is "
          "read all the same.");
}

void session_user::describe(config::fields<session_user>& field) {
    using self = session_user;
    field("namespace", &self::to, "The application whose sessions it reaches.").required();
    field("password-file", &self::password_file,
          "File of its password, at least 16 characters, readable by its owner only.")
        .required();
}

void resp_door::describe(config::fields<resp_door>& field) {
    using self = resp_door;
    field("bind", &self::bind, "Addresses to accept on.")
        .required()
        .check(not_empty())
        .check(no_more_than<limits::addresses_of_listener_max>());
    field("tls", &self::tls,
          "Clients speak TLS, and must show a certificate of `client-ca` if there is one.");
    field("users", &self::users,
          "Who may come in, by the name that AUTH gives; `default` is who gives a password only.");
    field("open-to", &self::open_to,
          "The namespace of those who do not say who they are. Default: the only namespace, if "
          "there are no `users`; else such clients get nothing.");
    field("connections", &self::connections, "Clients at once; more are told so.").minimum(1);
    field.shorthand("bind");
}

store::durability durability_of(const sessions& all, const session_namespace& one) {
    const bool has_disk = all.store == session_store::embedded;
    return one.durability.value_or(has_disk ? store::durability::interval
                                            : store::durability::memory);
}

void complete_session_service(configuration& given) {
    auto& sessions = given.sessions;
    if (!sessions.resp) return;
    if (sessions.namespaces.empty()) sessions.namespaces["default"] = {};
    auto& door = *sessions.resp;
    if (door.open_to.empty() && door.users.empty() && sessions.namespaces.size() == 1)
        door.open_to = sessions.namespaces.begin()->first;
}

void check_session_service(const configuration& given, const node& written, diagnostics& out) {
    for (const auto& [name, one] : given.sessions.namespaces) {
        const auto idle = one.idle_timeout.value_or(given.sessions.idle_timeout);
        const auto absolute = one.absolute_timeout.value_or(given.sessions.absolute_timeout);
        if (idle > absolute)
            out.error(written.place({"sessions", "namespaces", name, "idle-timeout"}),
                      "`idle-timeout` is longer than `absolute-timeout`");
        if (given.sessions.store == session_store::memory &&
            durability_of(given.sessions, one) != store::durability::memory)
            out.error(written.place({"sessions", "namespaces", name, "durability"}),
                      "`store: memory` outlives nothing: leave `durability` out, or say `memory`");
    }
    if (!given.sessions.resp) return;
    check_names(given.sessions, written, out);
    check_doors_way_in(*given.sessions.resp, written, out);
}

}  // namespace hawser::app
