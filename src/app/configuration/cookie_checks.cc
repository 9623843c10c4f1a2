// SPDX-License-Identifier: Apache-2.0
// Cookies: those of pools, and those that routes write themselves, as browsers treat them.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "affinity/application_cookie.h"
#include "affinity/bearer.h"
#include "affinity/cookie.h"
#include "app/configuration/checks.h"
#include "app/configuration/reach.h"
#include "base/limits.h"
#include "http/cookie.h"
#include "http/message.h"

namespace hawser::app {
namespace {

using config::diagnostics;
using config::node;
using config::position;

/// A pool's cookie, and where it is set.
struct owned_cookie {
    std::string_view pool;
    std::string name;           ///< in clear
    std::string name_over_tls;  ///< over TLS
    position at;
};

void check_overwriting(const configuration& given, const std::vector<owned_cookie>& all,
                       diagnostics& out) {
    for (const auto& one : all) {
        for (const auto& before : all) {
            if (&before == &one) break;
            if (before.name != one.name && before.name_over_tls != one.name_over_tls) continue;
            if (before.pool == one.pool || !lead_to_one_host(given, before.pool, one.pool))
                continue;
            out.error(one.at, "pool `" + std::string(before.pool) + "` gives the cookie `" +
                                  one.name +
                                  "` on the same host too, and each would overwrite the "
                                  "other's: name them differently");
        }
    }
}

bool marks_values(const affinity::choice& one) {
    const auto* settings = one.settings_if<affinity::application_cookie>();
    return settings != nullptr && settings->carried_by == affinity::carrier::prefix;
}

/// The cookie of ours that an affinity gives, as its settings; null: it gives none.
std::shared_ptr<const affinity::cookie::settings> cookie_of(const affinity::choice& one) {
    if (const auto* settings = one.settings_if<affinity::cookie>())
        return std::make_shared<affinity::cookie::settings>(*settings);
    const auto* settings = one.settings_if<affinity::application_cookie>();
    if (settings == nullptr || settings->carried_by != affinity::carrier::shadow) return nullptr;
    return std::make_shared<affinity::cookie::settings>();
}

/// What browsers keep of one cookie: its name and value (RFC 6265bis 5.7).
constexpr std::size_t kept_bytes_max = 4096;

/// A cookie's attributes, as somebody wrote them.
struct written_cookie {
    std::string_view name;
    std::size_t size = 0;  ///< of name and value
    std::string_view same_site = {};
    std::string_view domain = {};
    std::string_view path = {};
    std::string_view max_age = {};
    bool is_secure = false;
    bool is_partitioned = false;
};

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

written_cookie read(std::string_view line) {
    const auto pair = trimmed(line.substr(0, line.find(';')));
    written_cookie made{.name = http::name_set_by(line), .size = pair.size()};
    while (line.contains(';')) {
        line.remove_prefix(line.find(';') + 1);
        const auto one = trimmed(line.substr(0, line.find(';')));
        const auto equals = std::min(one.find('='), one.size());
        const auto key = trimmed(one.substr(0, equals));
        const auto value = trimmed(one.substr(std::min(equals + 1, one.size())));
        const auto is = [&](std::string_view name) { return http::equal_ignoring_case(key, name); };
        if (is("SameSite")) made.same_site = value;
        if (is("Domain")) made.domain = value;
        if (is("Path")) made.path = value;
        if (is("Max-Age")) made.max_age = value;
        made.is_secure |= is("Secure");
        made.is_partitioned |= is("Partitioned");
    }
    return made;
}

bool is_longer_than_kept(std::string_view max_age) {
    std::int64_t seconds = 0;
    std::from_chars(max_age.data(), max_age.data() + max_age.size(), seconds);
    return std::chrono::seconds(seconds) > limits::binding_age_max;
}

/// Why a browser would drop the cookie, or not keep it as it was written; empty: it would keep it.
std::string why_dropped(const written_cookie& one, bool in_clear) {
    if (one.is_secure && in_clear)
        return "a browser takes no `Secure` cookie from a listener without `tls`";
    if (!one.is_secure && http::equal_ignoring_case(one.same_site, "none"))
        return "`SameSite=None` needs `Secure`";
    if (!one.is_secure && one.is_partitioned) return "`Partitioned` needs `Secure`";
    if (!one.is_secure && one.name.starts_with("__Secure-")) return "`__Secure-` needs `Secure`";
    if (one.name.starts_with("__Host-") &&
        (!one.is_secure || !one.domain.empty() || one.path != "/"))
        return "`__Host-` needs `Secure` and `Path=/`, and no `Domain`";
    if (one.size > kept_bytes_max) return "name and value are longer than 4096 bytes";
    if (is_longer_than_kept(one.max_age)) return "no browser keeps a cookie beyond 400 days";
    return {};
}

struct linted {
    const configuration& given;
    const node& written;
    const std::vector<owned_cookie>& ours;
    diagnostics& out;
};

bool gives_ours(const linted& in, std::string_view pool) {
    return std::ranges::find(in.ours, pool, &owned_cookie::pool) != in.ours.end();
}

/// Whether shared caches are told that they may keep answers.
bool lets_caches_keep(std::string_view cache_control) {
    for (std::string_view rest = cache_control; !rest.empty();) {
        const auto one = trimmed(rest.substr(0, rest.find(',')));
        rest.remove_prefix(std::min(rest.find(','), rest.size() - 1) + 1);
        if (http::equal_ignoring_case(one, "public") ||
            http::equal_ignoring_case(one.substr(0, one.find('=')), "s-maxage"))
            return true;
    }
    return false;
}

/// What a route writes into answers.
void lint_route(const linted& in, std::size_t index) {
    const route& one = in.given.routes[index];
    const auto at = in.written.place({"routes", std::to_string(index), "set-response-headers"});
    bool is_kept = false;
    bool sets_cookie = gives_ours(in, one.pool);
    for (const auto& [name, value] : one.set_response_headers.all) {
        if (http::equal_ignoring_case(name, "Cache-Control")) is_kept |= lets_caches_keep(value);
        if (!http::equal_ignoring_case(name, "Set-Cookie")) continue;
        sets_cookie = true;
        const auto cookie = read(value);
        if (const auto why = why_dropped(cookie, is_reached_in_clear(in.given, one)); !why.empty())
            in.out.warning(at, "dropped-cookie", "`" + std::string(cookie.name) + "`: " + why);
        for (const auto& each : in.ours)
            if ((cookie.name == each.name || cookie.name == each.name_over_tls) &&
                lead_to_one_host(in.given, each.pool, one.pool))
                in.out.warning(at, "overwritten-cookie",
                               "`" + std::string(cookie.name) + "` is the cookie by which pool `" +
                                   std::string(each.pool) + "` knows its sessions");
    }
    if (is_kept && sets_cookie)
        in.out.warning(at, "cached-cookie",
                       "shared caches may keep these answers, and a cookie with them: one client "
                       "would get another one's");
}

/// Two applications under one host whose cookies have one name: a browser sends both, or the later
/// has replaced the former, as their paths and domains are.
void lint_applications(const linted& in) {
    std::vector<owned_cookie> all;
    for (const auto& [name, one] : in.given.pools) {
        for (std::size_t i = 0; i < one.affinity.size(); ++i) {
            const auto* settings = one.affinity[i].settings_if<affinity::application_cookie>();
            if (settings == nullptr) continue;
            const auto at = in.written.place({"pools", name, "affinity", std::to_string(i)});
            for (const auto& before : all) {
                const auto& other = in.given.pools.at(std::string(before.pool));
                const bool is_one =
                    !one.application.empty() && one.application == other.application;
                if (before.name != settings->name || before.pool == name || is_one ||
                    !lead_to_one_host(in.given, before.pool, name))
                    continue;
                in.out.warning(at, "shared-cookie",
                               "the applications of pool `" + std::string(before.pool) +
                                   "` and of this one both set `" + settings->name +
                                   "` on one host: give their cookies other paths or names");
            }
            all.push_back({name, settings->name, {}, at});
        }
    }
}

void lint(const linted& in) {
    for (std::size_t i = 0; i < in.given.routes.size(); ++i) lint_route(in, i);
    lint_applications(in);
}

}  // namespace

void check_cookies(const configuration& given, const node& written, diagnostics& out) {
    std::vector<owned_cookie> all;
    for (const auto& [name, one] : given.pools) {
        bool has_one = false;
        for (std::size_t i = 0; i < one.affinity.size(); ++i) {
            const auto at = written.place({"pools", name, "affinity", std::to_string(i)});
            const auto* token = one.affinity[i].settings_if<affinity::bearer>();
            if (token != nullptr && !token->keys.keys)
                out.warning(at, "unverified-tokens",
                            "without `keys` a client can claim to be anybody, and is served where "
                            "they are");
            const auto settings = cookie_of(one.affinity[i]);
            if (!settings && !marks_values(one.affinity[i])) continue;
            if (has_one)
                out.error(at,
                          "a client can carry one home of a pool: a `cookie`, a `shadow` or a "
                          "`prefix`");
            has_one = true;
            if (!settings) continue;
            const bool always = !is_reached_in_clear(given, name);
            if (const auto why = affinity::cookie::wrong(*settings, always); !why.empty()) {
                out.error(at, std::string(why));
            }
            if (settings->ttl > settings->absolute) {
                out.error(at, "`ttl` is longer than `absolute`");
            }
            all.push_back({name, affinity::cookie::name_in(*settings, name, false),
                           affinity::cookie::name_in(*settings, name, true), at});
        }
    }
    check_overwriting(given, all, out);
    if (!out.has_errors()) lint({.given = given, .written = written, .ours = all, .out = out});
}

}  // namespace hawser::app
