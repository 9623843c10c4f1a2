// SPDX-License-Identifier: Apache-2.0
// Times that cannot both be meant. Each stands in the file for itself and is fine; together they
// lead to what nobody wants. All are warnings: somebody may know better.
#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>

#include "affinity/cookie.h"
#include "app/configuration/checks.h"
#include "config/units.h"

namespace hawser::app {
namespace {

using config::diagnostics;
using config::node;
using config::text_of;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// WebSockets are kept alive by pings, of the libraries in use every 15 to 30 seconds.
constexpr milliseconds ping_interval = seconds(30);

/// The pool whose times are looked at, in its file.
struct looked_at {
    const std::string& name;
    const pool& one;
    const configuration& given;
    const node& written;
    diagnostics& out;

    [[nodiscard]] config::position place(std::string_view part, std::string_view key) const {
        return written.place({"pools", name, part, key});
    }
};

/// Of an entry of the pool's list of affinities.
void check_cookie(const looked_at& at, std::size_t number, const affinity::cookie::settings& by) {
    const auto& sessions = at.given.sessions;
    const auto place = [&](std::string_view key) {
        return at.written.place(
            {"pools", at.name, "affinity", std::to_string(number), "cookie", key});
    };
    if (by.ttl < sessions.idle_timeout)
        at.out.warning(place("ttl"), "short-affinity",
                       "a client that comes back after " + text_of(by.ttl) +
                           " has lost its home, but its session would have waited for it " +
                           text_of(sessions.idle_timeout) + " (`sessions.idle-timeout`)");
    if (by.absolute < sessions.absolute_timeout)
        at.out.warning(place("absolute"), "short-affinity",
                       "a client loses its home after " + text_of(by.absolute) +
                           ", but its session may last " + text_of(sessions.absolute_timeout) +
                           " (`sessions.absolute-timeout`)");
}

void check_affinity(const looked_at& at) {
    for (std::size_t i = 0; i < at.one.affinity.size(); ++i)
        if (const auto* cookie = at.one.affinity[i].settings_if<affinity::cookie>())
            check_cookie(at, i, *cookie);
}

void check_pace(const looked_at& at) {
    const pool_health& by = at.one.health;
    constexpr auto slow =
        "a check may take as long as the time to the next one: let `timeout` be less than ";
    if (by.check && by.timeout >= by.interval)
        at.out.warning(at.place("health", "timeout"), "slow-check",
                       std::string(slow) + "`interval`");
    else if (by.check && by.fast_interval && by.timeout >= *by.fast_interval)
        at.out.warning(at.place("health", "timeout"), "slow-check",
                       std::string(slow) + "`fast-interval`");
    if (by.agent && by.agent->timeout >= by.agent->interval)
        at.out.warning(at.written.place({"pools", at.name, "health", "agent", "timeout"}),
                       "slow-check", std::string(slow) + "`interval`");
}

bool is_written(const node& file, std::initializer_list<std::string_view> path) {
    const node* at = &file;
    for (const auto key : path)
        if (at = at->find(key); at == nullptr) return false;
    return true;
}

/// What a rule waits for must come before the drain is over; a short drain alone is no fault.
void check_drain(const looked_at& at) {
    const drain_settings& by = at.one.drain;
    const auto look = [&](std::string_view key, seconds after) {
        if (after == upstream::leave_rule::never || after <= by.deadline) return;
        if (!is_written(at.written, {"pools", at.name, "drain", key})) return;
        at.out.warning(at.place("drain", key), "late-drain-rule",
                       "a drain is over after " + text_of(by.deadline) +
                           " (`deadline`): nobody is idle for " + text_of(after) + " by then");
    };
    look("tentative", by.tentative.idle);
    look("idle", by.idle.idle);
    look("active", by.active.idle);
}

void check_rebalance(const looked_at& at) {
    const bool waits = at.one.rebalance && at.one.session_data == session_data_place::own;
    if (!waits || at.one.rebalance->idle < at.given.sessions.idle_timeout) return;
    at.out.warning(at.place("rebalance", "idle"), "late-rebalance",
                   "a session ends when it is idle for " + text_of(at.given.sessions.idle_timeout) +
                       " (`sessions.idle-timeout`): nobody moves who must be idle for " +
                       text_of(at.one.rebalance->idle));
}

void check_tunnel(const looked_at& at) {
    if (at.one.timeouts.tunnel > ping_interval) return;
    at.out.warning(at.place("timeouts", "tunnel"), "short-tunnel",
                   "a WebSocket that is silent for " + text_of(at.one.timeouts.tunnel) +
                       " is ended, but most are pinged every 15 to 30 seconds");
}

/// Where a server is another listener of this file, it is known how long that keeps connections.
void check_keep_alive(const looked_at& at) {
    for (const auto& [server_name, server] : at.one.servers) {
        const auto where = io::endpoint::parse(server.address.text);
        if (!where) continue;
        for (const auto& [name, listener] : at.given.listeners) {
            const bool is_there = std::ranges::find(listener.bind, *where,
                                                    &listen_address::where) != listener.bind.end();
            if (!is_there || listener.timeouts.idle > at.one.timeouts.idle) continue;
            at.out.warning(at.place("timeouts", "idle"), "short-keep-alive",
                           "server `" + server_name + "` is the listener `" + name +
                               "`, which closes an idle connection after " +
                               text_of(listener.timeouts.idle) +
                               ": let the pool keep it for less than that, not for " +
                               text_of(at.one.timeouts.idle));
        }
    }
}

/// A route's limit for a whole request, beside what else ends or delays one.
void check_route(const configuration& given, std::size_t number, const node& written,
                 diagnostics& out) {
    const route& one = given.routes[number];
    const auto to = given.pools.find(one.pool);
    if (!one.timeout || to == given.pools.end()) return;
    const milliseconds longest = *one.timeout;
    const auto warn = [&](std::string_view id, const std::string& why) {
        out.warning(written.place({"routes", std::to_string(number), "timeout"}), id, why);
    };
    const auto cut_by = [&](milliseconds end, std::string_view key, std::string_view what) {
        if (longest <= end) return;
        warn("cut-requests", "a request may take " + text_of(longest) + ", but " +
                                 std::string(what) + " cuts it after " + text_of(end) + " (`" +
                                 std::string(key) + "`)");
    };
    cut_by(to->second.drain.deadline, "drain.deadline", "the drain of a server");
    cut_by(given.stop_timeout, "stop-timeout", "a stop");
    cut_by(given.upgrade_timeout, "upgrade-timeout", "an upgrade");
    const auto& queue = to->second.queue;
    if (queue && longest <= queue->timeout)
        warn("no-time-after-queue", "a request ends after " + text_of(longest) +
                                        ", while it may wait " + text_of(queue->timeout) +
                                        " for a place (`queue.timeout` of its pool): who waits so "
                                        "long is not served any more");
    const milliseconds connect = to->second.timeouts.connect;
    if (to->second.retries > 0 && longest <= connect)
        warn("no-time-to-retry", "a request ends after " + text_of(longest) +
                                     ", while a server that does not answer is waited for " +
                                     text_of(connect) +
                                     " (`timeouts.connect` of its pool): no other one is tried");
}

}  // namespace

void check_timeouts(const configuration& given, const node& written, diagnostics& out) {
    for (const auto& [name, one] : given.pools) {
        const looked_at at{name, one, given, written, out};
        check_affinity(at);
        check_pace(at);
        check_drain(at);
        check_rebalance(at);
        check_tunnel(at);
        check_keep_alive(at);
    }
    for (std::size_t i = 0; i < given.routes.size(); ++i) check_route(given, i, written, out);
}

}  // namespace hawser::app
