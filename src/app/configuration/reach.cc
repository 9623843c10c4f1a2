// SPDX-License-Identifier: Apache-2.0
#include "app/configuration/reach.h"

#include <algorithm>

namespace hawser::app {

namespace {

bool is_wildcard_of(std::string_view wildcard, std::string_view host) {
    return wildcard.starts_with("*.") && host.ends_with(wildcard.substr(1));
}

}  // namespace

bool share_one(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    if (a.empty() || b.empty()) return true;
    return std::ranges::any_of(
        a, [&](const std::string& one) { return std::ranges::find(b, one) != b.end(); });
}

bool share_a_host(const route& a, const route& b) {
    if (!share_one(a.listener, b.listener)) return false;
    if (share_one(a.host, b.host)) return true;
    for (const auto& mine : a.host) {
        for (const auto& other : b.host) {
            if (is_wildcard_of(mine, other) || is_wildcard_of(other, mine)) return true;
        }
    }
    return false;
}

bool lead_to_one_host(const configuration& given, std::string_view pool, std::string_view other) {
    return std::ranges::any_of(given.routes, [&](const route& a) {
        return a.pool == pool && std::ranges::any_of(given.routes, [&](const route& b) {
                   return b.pool == other && share_a_host(a, b);
               });
    });
}

bool is_reached_in_clear(const configuration& given, const route& way) {
    return std::ranges::any_of(given.listeners, [&](const auto& each) {
        const auto& [name, door] = each;
        if (door.tls) return false;
        // One that redirects serves only the routes that name it.
        return share_one(way.listener, {name}) && !(door.redirect_to_https && way.listener.empty());
    });
}

bool is_reached_in_clear(const configuration& given, std::string_view pool) {
    return std::ranges::any_of(given.routes, [&](const route& way) {
        return way.pool == pool && is_reached_in_clear(given, way);
    });
}

}  // namespace hawser::app
