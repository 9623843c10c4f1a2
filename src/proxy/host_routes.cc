// SPDX-License-Identifier: Apache-2.0
#include "proxy/host_routes.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <utility>

namespace hawser::proxy {

namespace {

/// The most specific first.
void sort(std::vector<route>& routes) {
    // A pattern has the place of the first route that has it.
    std::map<std::string_view, std::size_t> first_with;
    for (std::size_t i = 0; i < routes.size(); ++i)
        if (const auto& when = routes[i].when; when.path.starts_with('~'))
            first_with.emplace(when.path, i);
    std::vector<std::pair<route_rank, std::size_t>> order;
    order.reserve(routes.size());
    for (std::size_t i = 0; i < routes.size(); ++i) {
        auto rank = rank_of(routes[i].when);
        const auto there = first_with.find(routes[i].when.path);
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

host_routes::host_routes(std::vector<route> routes) : routes_(std::move(routes)) {
    sort(routes_);
    for (std::uint32_t i = 0; i < routes_.size(); ++i) {
        paths_.add(routes_[i].when.path, i);
        asks_for_paths_ |= !routes_[i].when.path.empty();
    }
    paths_.compile();
}

}  // namespace hawser::proxy
