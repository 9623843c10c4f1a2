// SPDX-License-Identifier: Apache-2.0
#include "proxy/route.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/limits.h"
#include "http/uri.h"

namespace hawser::proxy {

namespace {

using text_pair = std::pair<std::string, std::string>;

bool is_wildcard(std::string_view host) { return host.starts_with("*."); }
bool is_exact(std::string_view path) { return path.starts_with('='); }

/// Greater is more specific.
auto rank(const route_conditions& when) {
    const int host = when.host.empty() ? 0 : is_wildcard(when.host) ? 1 : 2;
    const int path = when.path.empty() ? 0 : is_exact(when.path) ? 2 : 1;
    const std::size_t others = when.headers.size() + when.query.size() +
                               std::size_t(!when.methods.empty()) +
                               std::size_t(!when.listener.empty());
    return std::tuple(host, when.host.size(), path, when.path.size(), others);
}

bool matches_host(std::string_view wanted, std::string_view host) {
    if (wanted.empty()) return true;
    if (!is_wildcard(wanted)) return wanted == host;
    const std::string_view below = wanted.substr(1);  // with its dot
    return host.size() > below.size() && host.ends_with(below);
}

/// A prefix ends at a segment's edge: `/api` and `/api/` match `/api` and `/api/x`, not `/apix`.
bool matches_path(std::string_view wanted, std::string_view path) {
    if (wanted.empty()) return true;
    if (is_exact(wanted)) return wanted.substr(1) == path;
    if (wanted.ends_with('/')) wanted.remove_suffix(1);
    return path.starts_with(wanted) && (path.size() == wanted.size() || path[wanted.size()] == '/');
}

bool matches_headers(const std::vector<text_pair>& wanted, const http::request_head& head) {
    return std::ranges::all_of(wanted, [&](const text_pair& pair) {
        return std::ranges::any_of(head.fields, [&](const http::field& field) {
            return http::equal_ignoring_case(field.name, pair.first) &&
                   (pair.second.empty() || field.value == pair.second);
        });
    });
}

bool has_parameter(std::string_view query, const text_pair& wanted) {
    while (!query.empty()) {
        const std::string_view part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), part.size() + 1));
        const std::size_t equals = part.find('=');
        if (part.substr(0, equals) != wanted.first) continue;
        const auto value = equals == part.npos ? std::string_view() : part.substr(equals + 1);
        if (wanted.second.empty() || value == wanted.second) return true;
    }
    return false;
}

bool matches_query(const std::vector<text_pair>& wanted, std::string_view query) {
    return std::ranges::all_of(wanted,
                               [&](const text_pair& pair) { return has_parameter(query, pair); });
}

bool matches_method(const std::vector<std::string>& wanted, std::string_view method) {
    return wanted.empty() || std::ranges::find(wanted, method) != wanted.end();
}

std::string_view host_without_port(std::string_view authority) {
    const auto parts = http::split_authority(authority);
    return parts ? parts->host : std::string_view();
}

}  // namespace

bool head_edits::touches(std::string_view name) const noexcept {
    const auto is_it = [&](std::string_view each) { return http::equal_ignoring_case(each, name); };
    return std::ranges::any_of(remove, is_it) ||
           std::ranges::any_of(set, is_it, &std::pair<std::string, std::string>::first);
}

void head_edits::append_to(std::string& lines) const {
    for (const auto& [name, value] : set)
        lines.append(name).append(": ").append(value).append("\r\n");
}

bool is_more_specific(const route_conditions& a, const route_conditions& b) noexcept {
    return rank(a) > rank(b);
}

router::router(std::vector<route> routes) : routes_(std::move(routes)) {
    std::ranges::sort(routes_, is_more_specific, &route::when);
    for (const route& each : routes_) {
        asks_for_hosts_ |= !each.when.host.empty();
        asks_for_paths_ |= !each.when.path.empty();
    }
}

result<const route*> router::find(std::string_view listener, const http::request_head& head) const {
    // The parser's limits bound both texts.
    std::array<char, limits::request_head_max> host_space;
    std::array<char, limits::request_head_max> path_space;
    std::string_view host;
    std::string_view path;
    if (asks_for_hosts_) host = http::fold_host(host_without_port(head.host), host_space);
    if (asks_for_paths_) {
        const auto normal = http::normal_path(head.path, path_space);
        if (!normal) return fail(errc::malformed, "path");
        path = *normal;
    }
    for (const route& each : routes_) {
        const route_conditions& when = each.when;
        if ((when.listener.empty() || when.listener == listener) && matches_host(when.host, host) &&
            matches_path(when.path, path) && matches_method(when.methods, head.method) &&
            matches_headers(when.headers, head) && matches_query(when.query, head.query))
            return &each;
    }
    return nullptr;
}

}  // namespace hawser::proxy
