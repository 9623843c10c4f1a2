// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/configuration/checks.h"
#include "app/configuration/reach.h"
#include "base/limits.h"
#include "config/suggest.h"
#include "proxy/text_template.h"

namespace hawser::app {
namespace {

using config::diagnostics;
using config::node;

template <typename Map>
std::vector<std::string_view> names_of(const Map& all) {
    std::vector<std::string_view> names;
    for (const auto& one : all) names.push_back(one.first);
    return names;
}

/// As `share_one`, but "everything" and one name differ: the name is more specific and wins.
bool share_equally(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return a.empty() == b.empty() && share_one(a, b);
}

/// `/api` and `/api/` are one prefix.
std::string_view comparable(std::string_view path) {
    const bool is_prefix = path.size() > 1 && path.ends_with('/') && !path.starts_with('=');
    return is_prefix ? path.substr(0, path.size() - 1) : path;
}

/// Nothing but the path tells the two apart.
bool are_equal_but_for_path(const route& a, const route& b) {
    return share_equally(a.listener, b.listener) && share_equally(a.host, b.host) &&
           share_equally(a.method, b.method) && a.header == b.header && a.query == b.query;
}

/// What a route leads to: exactly one of three.
std::string wrong_outcome(const route& one) {
    const int outcomes =
        int(!one.pool.empty()) + int(one.redirect.has_value()) + int(one.respond.has_value());
    if (outcomes == 0) return "leads nowhere: it needs a `pool`, a `redirect` or a `respond`";
    if (outcomes > 1) return "needs one of `pool`, `redirect` and `respond`, not several";
    const bool is_for_servers = !one.rewrite_path.empty() || one.compress ||
                                !one.set_request_headers.all.empty() ||
                                !one.remove_request_headers.empty();
    if (one.pool.empty() && is_for_servers)
        return "changes what goes to a server or comes from one, but leads to no `pool`";
    return {};
}

/// Texts with places for what a request says.
void check_templates(const configuration& given, const node& written, diagnostics& out) {
    for (std::size_t i = 0; i < given.routes.size(); ++i) {
        const route& one = given.routes[i];
        const auto number = std::to_string(i);
        const auto groups = groups_of_path(one);
        if (one.redirect) {
            const auto parsed = proxy::text_template::parse(one.redirect->to, groups);
            if (!parsed)
                out.error(written.place({"routes", number, "redirect", "to"}),
                          "`to`: " + parsed.error().context);
        }
        if (one.rewrite_path.empty()) continue;
        const auto parsed = proxy::text_template::parse(one.rewrite_path, groups);
        const auto at = written.place({"routes", number, "rewrite-path"});
        if (!parsed)
            out.error(at, "`rewrite-path`: " + parsed.error().context);
        else if (!parsed->has_groups_alone())
            out.error(at,
                      "`rewrite-path`: only groups of the path's pattern, `{1}` to `{9}`, can "
                      "be named in it");
    }
}

void check_names(const configuration& given, std::size_t index, const node& written,
                 diagnostics& out) {
    const auto& one = given.routes[index];
    const auto number = std::to_string(index);
    if (const auto why = wrong_outcome(one); !why.empty())
        out.error(written.place({"routes", number}), why);
    if (!one.pool.empty() && !given.pools.contains(one.pool)) {
        out.error(written.place({"routes", number, "pool"}),
                  "there is no pool `" + one.pool + "`" +
                      config::did_you_mean(one.pool, names_of(given.pools)));
    }
    for (std::size_t i = 0; i < one.listener.size(); ++i) {
        if (given.listeners.contains(one.listener[i])) continue;
        out.error(written.place({"routes", number, "listener", std::to_string(i)}),
                  "there is no listener `" + one.listener[i] + "`" +
                      config::did_you_mean(one.listener[i], names_of(given.listeners)));
    }
}

/// Only a pool's affinity knows sessions.
void check_rates(const configuration& given, std::size_t index, const node& written,
                 diagnostics& out) {
    const auto& one = given.routes[index];
    const auto pool = given.pools.find(one.pool);
    const bool has_sessions = pool != given.pools.end() && !pool->second.affinity.empty();
    for (std::size_t i = 0; i < one.rate_limit.size(); ++i) {
        if (one.rate_limit[i].key.by != proxy::limit_key::session || has_sessions) continue;
        out.error(written.place(
                      {"routes", std::to_string(index), "rate-limit", std::to_string(i), "key"}),
                  "the route leads to no pool with an `affinity`, which would know sessions");
    }
}

void check_patterns(const configuration& given, const node& written, diagnostics& out) {
    std::set<std::string_view> patterns;
    for (std::size_t i = 0; i < given.routes.size(); ++i) {
        if (!given.routes[i].path.starts_with('~')) continue;
        patterns.insert(given.routes[i].path);
        if (patterns.size() <= limits::patterns_max) continue;
        out.error(written.place({"routes", std::to_string(i), "path"}),
                  "is one pattern more than " + std::to_string(limits::patterns_max));
        return;
    }
}

/// A pattern is asked behind every prefix of its host: beside `/` it is never reached.
void warn_of_unreached(const configuration& given, const node& written, diagnostics& out) {
    const auto takes_all_of = [](const route& one, const route& other) {
        return one.path == "/" && one.method.empty() && one.header.all.empty() &&
               one.query.all.empty() && (one.listener.empty() || one.listener == other.listener) &&
               one.host == other.host;
    };
    for (std::size_t i = 0; i < given.routes.size(); ++i) {
        const route& one = given.routes[i];
        if (!one.path.starts_with('~')) continue;
        const auto taker = std::ranges::find_if(
            given.routes, [&](const route& each) { return takes_all_of(each, one); });
        if (taker == given.routes.end()) continue;
        const auto number = std::to_string(taker - given.routes.begin());
        out.warning(written.place({"routes", std::to_string(i), "path"}), "unreached-pattern",
                    "a prefix goes before a pattern, so the route in " +
                        written.place({"routes", number}).text() +
                        " takes every request: leave out its `path: /`");
    }
}

/// Only where all else is right: a name with a typo leaves the right one unused.
void warn_of_unused(const configuration& given, const node& written, diagnostics& out) {
    const auto& routes = given.routes;
    for (const auto& [name, one] : given.pools) {
        if (std::ranges::find(routes, name, &route::pool) != routes.end()) continue;
        out.warning(written.place({"pools", name}), "unused-pool",
                    "no route leads to pool `" + name + "`");
    }
    for (const auto& [name, one] : given.listeners) {
        const bool is_used = std::ranges::any_of(
            routes, [&](const route& each) { return share_one(each.listener, {name}); });
        if (is_used) continue;
        out.warning(written.place({"listeners", name}), "unused-listener",
                    "no route begins at listener `" + name + "`: it answers 404 to everything");
    }
}

}  // namespace

void check_routes(const configuration& given, const node& written, diagnostics& out) {
    std::map<std::string_view, std::vector<std::size_t>> of_path;
    for (std::size_t i = 0; i < given.routes.size(); ++i) {
        check_names(given, i, written, out);
        check_rates(given, i, written, out);
        auto& rivals = of_path[comparable(given.routes[i].path)];
        const auto equal = std::ranges::find_if(rivals, [&](std::size_t before) {
            return are_equal_but_for_path(given.routes[before], given.routes[i]);
        });
        if (equal != rivals.end()) {
            out.error(written.place({"routes", std::to_string(i)}),
                      "matches the same requests as the route in " +
                          written.place({"routes", std::to_string(*equal)}).text());
        }
        rivals.push_back(i);
    }
    check_patterns(given, written, out);
    check_templates(given, written, out);
    if (out.has_errors()) return;
    warn_of_unreached(given, written, out);
    warn_of_unused(given, written, out);
}

}  // namespace hawser::app
