// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/checks.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "balance/least_sessions.h"
#include "base/hash.h"
#include "base/limits.h"
#include "health/grpc_check.h"
#include "health/tls_check.h"

namespace hawser::app {
namespace {

using config::diagnostics;
using config::node;
using config::position;

/// An address that is taken, and by whom.
struct taken {
    const listen_address* address;
    std::string by;
    position at;
};

/// Two sockets would listen at the same place: `:80` is every address of the machine.
bool overlap(const io::endpoint& a, const io::endpoint& b) {
    using kind = io::endpoint::kind;
    if (a == b) return true;
    if (a.family() == kind::unix_path || b.family() == kind::unix_path) return false;
    const auto is_any = [](const io::ip_address& one) {
        static const auto v4_any = io::ip_address::parse("0.0.0.0");
        return one.is_none() || one == v4_any;
    };
    return a.port() == b.port() && (is_any(a.ip()) || is_any(b.ip()));
}

void take(std::vector<taken>& all, taken more, diagnostics& out) {
    constexpr auto most = limits::listeners_max * limits::addresses_of_listener_max;
    if (all.size() > most) return;  // which has been told
    for (const auto& one : all) {
        if (!overlap(one.address->where, more.address->where)) continue;
        out.error(more.at, "`" + more.address->text + "` of " + more.by + " is taken already by " +
                               one.by + " (" + one.at.text() + ")");
        return;
    }
    all.push_back(std::move(more));
}

void check_limits(const std::string& name, const listener& one, const node& written,
                  diagnostics& out) {
    if (one.limits.request_line > one.limits.head) {
        out.error(written.place({"listeners", name, "limits", "request-line"}),
                  "`request-line` is larger than `head`, which it is a part of");
    }
    if (one.redirect_to_https && one.tls) {
        out.error(written.place({"listeners", name, "redirect-to-https"}),
                  "`redirect-to-https` is for a listener without `tls`");
    }
    if (one.hsts && !one.tls) {
        out.error(written.place({"listeners", name, "hsts"}),
                  "`hsts` needs `tls`: browsers heed it over TLS only");
    }
    const bool believes = one.forwarded_for == proxy::forwarded_policy::append ||
                          one.forwarded_for == proxy::forwarded_policy::off;
    if (believes && one.trusted_proxies.empty()) {
        out.warning(written.place({"listeners", name, "forwarded-for"}), "forged-addresses",
                    "clients can write any address into `X-Forwarded-For`: name "
                    "`trusted-proxies`, or use `by-trust`");
    }
}

void check_announcements(const std::string& name, const listener& one, const node& written,
                         diagnostics& out) {
    if (one.proxy_protocol == proxy::announcement_policy::off || !one.trusted_proxies.empty())
        return;
    out.error(written.place({"listeners", name, "proxy-protocol"}),
              "a PROXY header counts only from `trusted-proxies`: name them");
}

/// A listener asks before it is known whose request it is.
void check_listener_rates(const std::string& name, const listener& one, const node& written,
                          diagnostics& out) {
    for (std::size_t i = 0; i < one.rate_limit.size(); ++i) {
        if (one.rate_limit[i].key.by != proxy::limit_key::session) continue;
        out.error(written.place({"listeners", name, "rate-limit", std::to_string(i), "key"}),
                  "sessions belong to a pool: limit them at the routes that lead to it");
    }
}

void check_admin(const admin& given, const node& written, diagnostics& out) {
    const auto at = written.place({"admin", "bind"});
    if (const auto why = why_open(given); !why.empty()) out.error(at, why);
    const auto& where = given.bind->where;
    const bool is_unix = where.family() == io::endpoint::kind::unix_path;
    if (!given.tokens.path.empty() && !given.tls && !is_unix && !where.ip().is_loopback())
        out.warning(at, "clear-tokens",
                    "tokens are sent to `" + given.bind->text + "` in clear: add `tls`");
    const bool knows_certificates = given.tls && !given.tls->client_ca.path.empty();
    if (!given.certificates.empty() && !knows_certificates)
        out.error(written.place({"admin", "certificates"}),
                  "`certificates` need `tls` with a `client-ca`");
    if (given.tls && is_unix)
        out.error(written.place({"admin", "tls"}), "a unix socket needs no `tls`");
    if (!given.users.empty() && !is_unix)
        out.error(written.place({"admin", "users"}), "`users` are known at a unix socket only");
}

/// Ids are hashes of names and travel in cookies: two of one value would mix sessions up.
class known_ids {
  public:
    void add(std::uint64_t id, std::string name, const position& at, diagnostics& out) {
        const auto [there, is_new] = all_.emplace(id, std::move(name));
        if (is_new) return;
        out.error(at, "its name has the same hash as " + there->second + ": rename one of them");
    }

  private:
    std::map<std::uint64_t, std::string> all_;
};

constexpr auto no_announcing =
    "a PROXY header names one client, but connections of HTTP/2 to a server carry the requests of "
    "many: leave out `proxy-protocol`, or the pool's `protocol`";

/// Limits of a pool's servers, and who waits for room there.
void check_crowding(const std::string& name, const pool& one, const node& written,
                    diagnostics& out) {
    const bool waits_for_home = one.when_home_is_full == upstream::home_full::wait;
    if (waits_for_home && !one.queue)
        out.error(written.place({"pools", name, "when-home-is-full"}),
                  "to `wait` for its home a request needs the pool's `queue`");
    const auto limits_sessions = [](const auto& each) {
        return each.second.max_sessions.has_value();
    };
    if (!one.affinity.empty()) return;
    const auto with_limit = std::ranges::find_if(one.servers, limits_sessions);
    if (with_limit != one.servers.end())
        out.error(written.place({"pools", name, "servers", with_limit->first, "max-sessions"}),
                  "a pool with `affinity: []` has no sessions that `max-sessions` could limit");
    if (one.discovered.max_sessions)
        out.error(written.place({"pools", name, "discovered", "max-sessions"}),
                  "a pool with `affinity: []` has no sessions that `max-sessions` could limit");
}

void check_home_rule(const home_down_settings& rule, const pool& one, const position& at,
                     diagnostics& out) {
    if (rule.waits() && !one.queue)
        out.error(at, "to `wait` for its home a request needs the pool's `queue`");
    if (rule.wait && rule.then == upstream::home_down::wait)
        out.error(at, "`then` is for what comes after the `wait`");
}

/// What becomes of sessions whose home is down, and what that needs.
void check_home_down(const std::string& name, const pool& one, const node& written,
                     diagnostics& out) {
    const auto& rule = one.when_home_is_down;
    const auto at = [&](const char* key) { return written.place({"pools", name, key}); };
    check_home_rule(rule, one, at("when-home-is-down"), out);
    if (one.valuable.when_home_is_down)
        check_home_rule(*one.valuable.when_home_is_down, one, at("valuable"), out);
    const bool has_order = rule.then == upstream::home_down::successor;
    if (one.when_home_is_back == home_back::return_ && !has_order)
        out.error(at("when-home-is-back"),
                  "sessions `return` only from a successor: write `when-home-is-down: successor`");
    for (const auto& [server_name, server] : one.servers) {
        if (server.successor.empty()) continue;
        const auto place = written.place({"pools", name, "servers", server_name, "successor"});
        if (!has_order)
            out.error(place, "a `successor` needs the pool's `when-home-is-down: successor`");
        if (server.successor == server_name)
            out.error(place, "a server cannot take over from itself");
        else if (!one.servers.contains(server.successor) && !one.finds_servers())
            out.error(place, "the pool has no server `" + server.successor + "`");
        const auto next = one.servers.find(server.successor);
        if (next != one.servers.end() && next->second.release != server.release)
            out.error(place, "a `successor` is of the same release");
    }
}

/// Checks of kinds that need something of the pool.
void check_health(const std::string& name, const pool& one, const node& written, diagnostics& out) {
    for (const auto& [server_name, server] : one.servers)
        if (one.health.agent && server.address.text.starts_with("unix:"))
            out.error(written.place({"pools", name, "health", "agent"}),
                      "a socket has no port for an agent: server `" + server_name + "` is at `" +
                          server.address.text + "`");
    if (!one.health.check) return;
    const auto& kind = *one.health.check;
    const auto at = written.place({"pools", name, "health", kind.name()});
    if (kind.settings_if<health::tls_check>() != nullptr && !one.tls)
        out.error(at, "a `tls` check goes by the pool's `tls`, which is missing");
    if (kind.settings_if<health::grpc_check>() != nullptr &&
        one.protocol == proxy::server_protocol::http1)
        out.error(at, "a `grpc` check needs `protocol: h2c`, or `h2` with `tls`");
    if (!one.health.port) return;
    for (const auto& [server_name, server] : one.servers)
        if (server.address.text.starts_with("unix:"))
            out.error(written.place({"pools", name, "health", "port"}),
                      "a socket has no port: server `" + server_name + "` is at `" +
                          server.address.text + "`");
}

void check_servers(const std::string& name, const pool& one, const node& written,
                   diagnostics& out) {
    std::map<std::string_view, std::string_view> addresses;
    for (const auto& [server_name, server] : one.servers) {
        if (server.address.text.empty()) continue;  // which has been told
        const auto [there, is_new] = addresses.emplace(server.address.text, server_name);
        if (is_new) continue;
        out.warning(written.place({"pools", name, "servers", server_name, "address"}),
                    "same-address",
                    "`" + server.address.text + "` is the address of `" +
                        std::string(there->second) + "` too");
    }
    if (one.discovered.proxy_protocol && one.protocol != proxy::server_protocol::http1)
        out.error(written.place({"pools", name, "discovered", "proxy-protocol"}), no_announcing);
    for (const auto& [server_name, server] : one.servers) {
        if (!server.proxy_protocol || one.protocol == proxy::server_protocol::http1) continue;
        out.error(written.place({"pools", name, "servers", server_name, "proxy-protocol"}),
                  no_announcing);
    }
    if (one.source && one.source->address.is_client) {
        const auto at = written.place({"pools", name, "source"});
        if (one.protocol != proxy::server_protocol::http1)
            out.error(at,
                      "connections with a client's address carry that client's requests alone, but "
                      "those of HTTP/2 to a server carry the requests of many: leave out `source`, "
                      "or the pool's `protocol`");
        if (one.source->ports.first != 0)
            out.error(written.place({"pools", name, "source", "ports"}),
                      "the ports of a client's address are not ours to choose: leave out `ports`");
    }
    if (one.servers.empty() && !one.finds_servers())
        out.error(written.place({"pools", name}), "needs at least one server, or `discover`");
    const auto has_weight = [](const auto& each) { return each.second.weight > 0; };
    if (!one.servers.empty() && std::ranges::none_of(one.servers, has_weight)) {
        out.warning(written.place({"pools", name, "servers"}), "no-weight",
                    "every server has the weight 0: nobody takes new sessions");
    }
    if (one.affinity.empty() && one.balance.settings_if<balance::least_sessions>() != nullptr) {
        out.error(written.place({"pools", name, "balance"}),
                  "`least-sessions` needs `affinity`: without it there are no sessions to count");
    }
    check_crowding(name, one, written, out);
    check_home_down(name, one, written, out);
    if (one.first_claim && one.affinity.empty())
        out.error(written.place({"pools", name, "first-claim"}),
                  "a pool with `affinity: []` has no sessions that could be joined");
    check_health(name, one, written, out);
    if (one.health.passive && one.health.passive->out_for > one.health.passive->out_for_at_most) {
        out.error(written.place({"pools", name, "health", "passive", "out-for"}),
                  "`out-for` is longer than `out-for-at-most`");
    }
}

/// HTTP/2 with TLS and without are different protocols, and a server must have a name to prove.
void check_tls(const std::string& name, const pool& one, const node& written, diagnostics& out) {
    const auto at = written.place({"pools", name, "protocol"});
    if (one.protocol == proxy::server_protocol::h2 && !one.tls)
        out.error(at, "`protocol: h2` needs `tls`; without, it is `h2c`");
    if (one.protocol == proxy::server_protocol::h2c && one.tls)
        out.error(at, "`protocol: h2c` is without TLS; with `tls` it is `h2`");
    if (!one.tls) return;
    if (one.tls->certificate.path.empty() && !one.tls->key.path.empty())
        out.error(written.place({"pools", name, "tls", "key"}), "`key` needs a `certificate`");
    if (!one.tls->verify && !one.tls->ca.path.empty())
        out.error(written.place({"pools", name, "tls", "ca"}), "`ca` is for `verify: true`");
    if (!one.tls->verify)
        out.warning(written.place({"pools", name, "tls", "verify"}), "unverified-servers",
                    "anybody between here and the servers can pretend to be one of them");
    for (const auto& [server_name, server] : one.servers) {
        const bool is_named = !one.tls->server_name.empty() || !server.server_name.empty();
        if (is_named || !server.address.text.starts_with("unix:")) continue;
        out.error(written.place({"pools", name, "servers", server_name}),
                  "a socket has no name to prove: `tls` needs a `server-name`");
    }
}

}  // namespace

void check_listeners(const configuration& given, const node& written, diagnostics& out) {
    std::vector<taken> all;
    for (const auto& [name, one] : given.listeners) {
        for (std::size_t i = 0; i < one.bind.size(); ++i) {
            const auto at = written.place({"listeners", name, "bind", std::to_string(i)});
            take(all, {&one.bind[i], "listener `" + name + "`", at}, out);
        }
        check_limits(name, one, written, out);
        check_announcements(name, one, written, out);
        check_listener_rates(name, one, written, out);
    }
    if (const auto& door = given.sessions.resp)
        for (std::size_t i = 0; i < door->bind.size(); ++i) {
            const auto at = written.place({"sessions", "resp", "bind", std::to_string(i)});
            take(all, {&door->bind[i], "the RESP door", at}, out);
        }
    if (const auto& door = given.sessions.api)
        for (std::size_t i = 0; i < door->bind.size(); ++i) {
            const auto at = written.place({"sessions", "api", "bind", std::to_string(i)});
            take(all, {&door->bind[i], "the sessions' JSON door", at}, out);
        }
    if (!given.admin.bind) return;
    take(all, {&*given.admin.bind, "the admin endpoint", written.place({"admin", "bind"})}, out);
    check_admin(given.admin, written, out);
}

void check_pools(const configuration& given, const node& written, diagnostics& out) {
    known_ids pools;
    known_ids servers;
    for (const auto& [name, one] : given.pools) {
        const auto at = written.place({"pools", name});
        pools.add(std::to_underlying(pool_id_of(name)), "pool `" + name + "`", at, out);
        for (const auto& [server_name, server] : one.servers) {
            servers.add(std::to_underlying(server_id_of(name, server_name)),
                        "server `" + name + "/" + server_name + "`",
                        written.place({"pools", name, "servers", server_name}), out);
        }
        check_servers(name, one, written, out);
        check_tls(name, one, written, out);
    }
}

}  // namespace hawser::app
