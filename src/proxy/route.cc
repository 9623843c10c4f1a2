// SPDX-License-Identifier: Apache-2.0
#include "proxy/route.h"

#include <algorithm>

namespace hawser::proxy {

namespace {

using text_pair = std::pair<std::string, std::string>;

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

route_rank rank_of(const route_conditions& when) noexcept {
    using host_kind = route_rank::host_kind;
    using path_kind = route_rank::path_kind;
    route_rank rank;
    if (!when.host.empty())
        rank.host = when.host.starts_with("*.") ? host_kind::wildcard : host_kind::exact;
    rank.host_length = when.host.size();
    if (when.path.starts_with('=')) {
        rank.path = path_kind::exact;
    } else if (when.path.starts_with('~')) {
        rank.path = path_kind::pattern;
    } else if (!when.path.empty()) {
        rank.path = path_kind::prefix;
        // `/api` and `/api/` are one prefix.
        rank.path_length = when.path.size() - std::size_t(when.path.ends_with('/'));
    }
    rank.others = when.headers.size() + when.query.size() + std::size_t(!when.methods.empty()) +
                  std::size_t(!when.listener.empty());
    return rank;
}

bool meets_others(const route_conditions& when, std::string_view listener,
                  const http::request_head& head) {
    return (when.listener.empty() || when.listener == listener) &&
           matches_method(when.methods, head.method) && matches_headers(when.headers, head) &&
           matches_query(when.query, head.query);
}

}  // namespace hawser::proxy
