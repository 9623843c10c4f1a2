// SPDX-License-Identifier: Apache-2.0
#include "proxy/router.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/limits.h"
#include "http/uri.h"

namespace hawser::proxy {

namespace {

std::string_view host_without_port(std::string_view authority) {
    const auto parts = http::split_authority(authority);
    return parts ? parts->host : std::string_view();
}

/// The most specific first.
void sort(std::vector<route>& routes) {
    // A pattern has the place of the first route that has it.
    std::map<std::pair<std::string, std::string>, std::size_t> first_with;
    for (std::size_t i = 0; i < routes.size(); ++i)
        if (const auto& when = routes[i].when; when.path.starts_with('~'))
            first_with.emplace(std::pair(when.host, when.path), i);
    std::vector<std::pair<route_rank, std::size_t>> order;
    order.reserve(routes.size());
    for (std::size_t i = 0; i < routes.size(); ++i) {
        auto rank = rank_of(routes[i].when);
        const auto there = first_with.find({routes[i].when.host, routes[i].when.path});
        if (there != first_with.end()) rank.path_length = routes.size() - there->second;
        order.emplace_back(rank, i);
    }
    std::ranges::sort(order, [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });

    std::vector<route> sorted;
    sorted.reserve(routes.size());
    for (const auto& [rank, place] : order) sorted.push_back(std::move(routes[place]));
    routes = std::move(sorted);
}

}  // namespace

router::router(std::vector<route> routes) : routes_(std::move(routes)) {
    sort(routes_);
    for (std::uint32_t i = 0; i < routes_.size(); ++i) {
        const route_conditions& when = routes_[i].when;
        index_of(when.host).add(when.path, i);
        asks_for_hosts_ |= !when.host.empty();
        asks_for_paths_ |= !when.path.empty();
    }
    any_host_.compile();
    for (auto& [host, index] : hosts_) index.compile();
    wildcards_.each([](path_index& index) { index.compile(); });
}

path_index& router::index_of(std::string_view host) {
    if (host.empty()) return any_host_;
    if (host.starts_with("*.")) return wildcards_.at(parent_labels(host));
    return hosts_[std::string(host)];
}

result<const route*> router::find(std::string_view listener, const http::request_head& head) const {
    // The parser's limits bound both texts.
    std::array<char, limits::request_head_max> host_space;
    std::array<char, limits::request_head_max> path_space;
    std::string_view path;
    if (asks_for_paths_) {
        const auto normal = http::normal_path(head.path, path_space);
        if (!normal) return fail(errc::malformed, "path");
        path = *normal;
    }
    std::optional<std::uint32_t> found;
    const auto look_into = [&](const path_index& index) {
        found = index.find(path, [&](std::uint32_t each) {
            return meets_others(routes_[each].when, listener, head);
        });
        return found.has_value();
    };
    const auto look_by_host = [&] {
        const auto host = http::fold_host(host_without_port(head.host), host_space);
        const auto exact = hosts_.find(host);
        return (exact != hosts_.end() && look_into(exact->second)) ||
               wildcards_.find(parent_labels(host), look_into);
    };
    if ((asks_for_hosts_ && look_by_host()) || look_into(any_host_)) return &routes_[*found];
    return nullptr;
}

}  // namespace hawser::proxy
