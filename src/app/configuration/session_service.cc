// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/session_service.h"

#include <algorithm>
#include <string_view>

#include "affinity/application_cookie.h"
#include "app/configuration.h"
#include "app/configuration/list_checks.h"
#include "sessions/events.h"
#include "sessions/name_space.h"

namespace hawser::app {
namespace {

using namespace std::chrono_literals;
using config::diagnostics;
using config::node;

bool is_local(const listen_address& one) {
    return one.where.family() == io::endpoint::kind::unix_path || one.where.ip().is_loopback();
}

/// As a name it stands unquoted in PHP's format.
std::string wrong_mark_field(const std::string& name) {
    const bool is_name = std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    });
    if (is_name && name.size() <= limits::mark_field_max) return {};
    return "a name has letters, digits and `_`, at most " + std::to_string(limits::mark_field_max);
}

std::string wrong_events(const std::string& letters) {
    if (hawser::sessions::event_kinds::read(letters)) return {};
    return "events are of `g$lshzxetd`, or `A` for all of them, with `K`, `E` or both";
}

/// `name` is the door's key in the file.
template <typename Door>
void check_way_in(const Door& door, std::string_view name, const node& written, diagnostics& out) {
    const auto at = written.place({"sessions", name, "bind"});
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

template <typename Door>
void check_names(const sessions& given, const Door& door, std::string_view name,
                 const node& written, diagnostics& out) {
    const auto check = [&](const std::string& space, const config::position& at) {
        if (!given.namespaces.contains(space))
            out.error(at, "there is no namespace `" + space + "` in `sessions.namespaces`");
    };
    if (!door.open_to.empty()) check(door.open_to, written.place({"sessions", name, "open-to"}));
    for (const auto& [called, user] : door.users)
        check(user.to, written.place({"sessions", name, "users", called, "namespace"}));
    if (door.open_to.empty() && door.users.empty())
        out.error(written.place({"sessions", name}),
                  "there are several namespaces: say by `open-to` or `users` who gets to which");
}

/// Whether names of `one` that begin so are sessions, whose ends are final.
bool is_session(const session_namespace& one, const std::string& prefix) {
    const hawser::sessions::terms by{.session_keys = one.session_keys, .lock_keys = one.lock_keys};
    return by.is_session(prefix + "0123456789abcdefABCDEF");
}

/// That by which the pool's application says which session it is; empty: none.
std::string cookie_of(const pool& one) {
    for (const auto& each : one.affinity)
        if (const auto* cookie = each.settings_if<affinity::application_cookie>())
            return cookie->name;
    return {};
}

void check_key_prefix(const sessions& given, const node& written, diagnostics& out) {
    const auto& door = *given.api;
    const auto check = [&](const std::string& space) {
        const auto found = given.namespaces.find(space);
        if (found == given.namespaces.end()) return;
        if (!is_session(found->second, door.key_prefix))
            out.error(written.place({"sessions", "api", "key-prefix"}),
                      "`session-keys` of the namespace `" + space + "` has no name that begins so");
    };
    if (!door.open_to.empty()) check(door.open_to);
    for (const auto& [called, user] : door.users) check(user.to);
}

/// What all doors have, and how `users` of this one say who they are.
template <typename Door>
void describe_way_in(config::fields<Door>& field, std::string_view users) {
    field("bind", &Door::bind, "Addresses to accept on.")
        .required()
        .check(not_empty())
        .check(no_more_than<limits::addresses_of_listener_max>());
    field("tls", &Door::tls,
          "Clients speak TLS, and must show a certificate of `client-ca` if there is one.");
    field("users", &Door::users, users);
    field("open-to", &Door::open_to,
          "The namespace of those who do not say who they are. Default: the only namespace, if "
          "there are no `users`; else such clients get nothing.");
    field.shorthand("bind");
}

template <typename Door>
void complete_door(Door& door, const sessions& given) {
    if (door.open_to.empty() && door.users.empty() && given.namespaces.size() == 1)
        door.open_to = given.namespaces.begin()->first;
}

}  // namespace

void namespace_limits::describe(config::fields<namespace_limits>& field) {
    using self = namespace_limits;
    field("sessions", &self::sessions, "Records, sessions and all others.").minimum(1);
    field("bytes", &self::bytes, "All of them together, names and what is kept beside included.");
    field("record-bytes", &self::record_bytes, "Name and value of one record.");
    field("user-sessions", &self::user_sessions,
          "Sessions of one user, as the JSON door knows them; 0: any number.");
}

void valuable_data::describe(config::fields<valuable_data>& field) {
    using self = valuable_data;
    field("durability", &self::durability, "Which losses they outlive.");
    field("authenticated", &self::authenticated,
          "A session whose user is known is: the JSON door was told, or `user-field` says so.");
    field("user-field", &self::user_field,
          "A field of sessions in JSON, such as `passport.user`, that says something once somebody "
          "has logged in; with dots between a field and those inside it.");
    field("bytes", &self::bytes, "A session whose data has grown to so much is; 0: never by that.");
}

void session_namespace::describe(config::fields<session_namespace>& field) {
    using self = session_namespace;
    field("session-keys", &self::session_keys,
          "Names of records that are sessions, `*` for any bytes: they live by the limits below, "
          "and their end is final. Locks, indexes and all others live as the application says.")
        .check(no_more_than<limits::session_keys_patterns_max>());
    field("lock-keys", &self::lock_keys,
          "Names of records that are locks, which are no sessions whatever `session-keys` says: "
          "they are had in turn, and freed when the connection goes that has taken them.")
        .check(no_more_than<limits::lock_keys_patterns_max>());
    field("saves", &self::saves,
          "What becomes of a session's save that is based on a read before another save.");
    field(
        "mark-field", &self::mark_field,
        "A field that sessions in JSON or in PHP's formats go out with, and come back with: by it "
        "a save is known to be based on which read, whatever the connection. It is not kept. "
        "Default: none; a save is based on what its connection has read.")
        .check(wrong_mark_field);
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
    field("when-user-full", &self::when_user_full,
          "What happens when a user has `limits.user-sessions` sessions.");
    field("durability", &self::durability,
          "Which losses records outlive. Default: `interval`, or `memory` with `store: memory`.");
    field("valuable", &self::valuable,
          "Sessions that outlive more than `durability` says, once they have earned it; "
          "docs/policies.md. Default: none do.");
    field("when-store-fails", &self::when_store_fails,
          "What happens while nothing can be kept, as the disk is full or broken. What is there is "
          "read all the same.");
    field(
        "notify-keyspace-events", &self::notify_keyspace_events,
        "Which events are told to subscribers of the RESP door, in the letters of Redis: `Egx` for "
        "Spring Session. Clients may say otherwise by CONFIG SET, until a reload does. Default: "
        "none.")
        .check(wrong_events);
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
    describe_way_in(
        field,
        "Who may come in, by the name that AUTH gives; `default` is who gives a password only.");
    field("connections", &self::connections, "Clients at once; more are told so.").minimum(1);
}

store::durability durability_of(const sessions& all, const session_namespace& one) {
    const bool has_disk = all.store == session_store::embedded;
    return one.durability.value_or(has_disk ? store::durability::interval
                                            : store::durability::memory);
}

bool reaches_disk(const sessions& all, const session_namespace& one) {
    const auto least = durability_of(all, one);
    return (one.valuable ? std::max(least, one.valuable->durability) : least) !=
           store::durability::memory;
}

void api_door::describe(config::fields<api_door>& field) {
    using self = api_door;
    describe_way_in(field,
                    "Who may come in: the password is the token of `Authorization: Bearer`.");
    field("key-prefix", &self::key_prefix,
          "What a session's name has before its id, at the RESP door too.");
}

void complete_session_service(configuration& given) {
    auto& sessions = given.sessions;
    if (!sessions.resp && !sessions.api) return;
    if (sessions.namespaces.empty()) sessions.namespaces["default"] = {};
    if (sessions.resp) complete_door(*sessions.resp, sessions);
    if (sessions.api) complete_door(*sessions.api, sessions);
    for (auto& [name, one] : given.pools)
        if (one.sessions && one.sessions->cookie.empty()) one.sessions->cookie = cookie_of(one);
}

/// What the application keeps in the sessions of a pool.
void check_link(const sessions& given, const session_link& link, const config::position& at,
                diagnostics& out) {
    if (!given.resp && !given.api)
        return out.error(at, "there is no session service: `sessions.resp` or `sessions.api`");
    const auto found = given.namespaces.find(link.name_space);
    if (found == given.namespaces.end())
        return out.error(
            at, "there is no namespace `" + link.name_space + "` in `sessions.namespaces`");
    if (link.cookie.empty())
        out.error(at, "say by `cookie` which one has the session's id");
    else if (!is_session(found->second, link.key_prefix))
        out.error(at, "`session-keys` of the namespace `" + link.name_space +
                          "` has no name that begins with `key-prefix`");
}

void check_session_service(const configuration& given, const node& written, diagnostics& out) {
    for (const auto& [name, one] : given.pools)
        if (one.sessions)
            check_link(given.sessions, *one.sessions, written.place({"pools", name, "sessions"}),
                       out);
    for (const auto& [name, one] : given.sessions.namespaces) {
        const auto idle = one.idle_timeout.value_or(given.sessions.idle_timeout);
        const auto absolute = one.absolute_timeout.value_or(given.sessions.absolute_timeout);
        if (idle > absolute)
            out.error(written.place({"sessions", "namespaces", name, "idle-timeout"}),
                      "`idle-timeout` is longer than `absolute-timeout`");
        const auto place = [&](std::string_view key) {
            return written.place({"sessions", "namespaces", name, key});
        };
        const auto least = durability_of(given.sessions, one);
        if (given.sessions.store == session_store::memory && reaches_disk(given.sessions, one))
            out.error(place(least != store::durability::memory ? "durability" : "valuable"),
                      "`store: memory` outlives nothing: leave `durability` out, or say `memory`");
        else if (one.valuable && one.valuable->durability <= least)
            out.error(place("valuable"),
                      "valuable sessions outlive no more than the others: lower `durability`, or "
                      "raise that of `valuable`");
    }
    if (const auto& door = given.sessions.resp) {
        check_names(given.sessions, *door, "resp", written, out);
        check_way_in(*door, "resp", written, out);
    }
    if (const auto& door = given.sessions.api) {
        check_names(given.sessions, *door, "api", written, out);
        check_way_in(*door, "api", written, out);
        check_key_prefix(given.sessions, written, out);
    }
}

}  // namespace hawser::app
