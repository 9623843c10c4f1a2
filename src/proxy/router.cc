// SPDX-License-Identifier: Apache-2.0
#include "proxy/router.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/ensure.h"
#include "base/limits.h"
#include "http/uri.h"

namespace hawser::proxy {

namespace {

std::string_view host_without_port(std::string_view authority) {
    const auto parts = http::split_authority(authority);
    return parts ? parts->host : std::string_view();
}

bool is_wildcard(std::string_view host) { return host.starts_with("*."); }

}  // namespace

router::router(std::vector<route> routes) {
    std::set<std::string, std::less<>> hosts;
    for (const auto& each : routes) hosts.insert(each.when.host);
    *this = with(hosts, std::move(routes));
}

router router::with(const std::set<std::string, std::less<>>& hosts,
                    std::vector<route> routes) const {
    std::map<std::string_view, std::vector<route>> by_host;
    for (const auto& host : hosts) by_host[host];
    for (auto& each : routes) {
        const auto host = by_host.find(each.when.host);
        ensure(host != by_host.end(), "only the routes of these hosts are others");
        host->second.push_back(std::move(each));
    }
    router made = *this;
    changing change;
    for (auto& [host, all] : by_host)
        made.set(host, all.empty() ? nullptr : std::make_shared<const host_routes>(std::move(all)),
                 change);
    for (auto& [place, shelf] : change) *place = shelf->empty() ? nullptr : std::move(shelf);
    if (change.contains(&made.wildcards_)) made.plant_wildcards();
    return made;
}

std::size_t router::shelf_of(std::string_view host) noexcept {
    return text_hash()(host) % std::tuple_size_v<decltype(hosts_)>;
}

/// Null: it has none. A part of the table is copied when it is changed for the first time.
void router::set(std::string_view host, shared_routes routes, changing& change) {
    const auto before = of_host(host);
    asking_for_paths_ += std::size_t(routes && routes->asks_for_paths());
    asking_for_paths_ -= std::size_t(before && before->asks_for_paths());
    if (host.empty()) {
        any_host_ = std::move(routes);
        return;
    }
    hosts_count_ += std::size_t(routes != nullptr);
    hosts_count_ -= std::size_t(before != nullptr);
    auto& place = is_wildcard(host) ? wildcards_ : hosts_[shelf_of(host)];
    auto& next = change[&place];
    if (!next) next = place ? std::make_shared<shelf>(*place) : std::make_shared<shelf>();
    if (routes)
        next->insert_or_assign(std::string(host), std::move(routes));
    else if (const auto there = next->find(host); there != next->end())
        next->erase(there);
}

void router::plant_wildcards() {
    auto tree = std::make_shared<wildcard_tree>();
    if (wildcards_)
        for (const auto& [host, routes] : *wildcards_) tree->at(parent_labels(host)) = routes;
    tree_ = std::move(tree);
}

std::shared_ptr<const host_routes> router::of_host(std::string_view host) const {
    if (host.empty()) return any_host_;
    const auto& place = is_wildcard(host) ? wildcards_ : hosts_[shelf_of(host)];
    if (!place) return nullptr;
    const auto found = place->find(host);
    return found != place->end() ? found->second : nullptr;
}

result<const route*> router::find(std::string_view listener, const http::request_head& head) const {
    // The parser's limits bound both texts.
    std::array<char, limits::request_head_max> host_space;
    std::array<char, limits::request_head_max> path_space;
    std::string_view path;
    if (asking_for_paths_ != 0) {
        const auto normal = http::normal_path(head.path, path_space);
        if (!normal) return fail(errc::malformed, "path");
        path = *normal;
    }
    const route* found = nullptr;
    const auto look_into = [&](const shared_routes& routes) {
        found = routes->find(path, listener, head);
        return found != nullptr;
    };
    const auto look_by_host = [&] {
        const auto host = http::fold_host(host_without_port(head.host), host_space);
        if (const auto& place = hosts_[shelf_of(host)]; place) {
            const auto exact = place->find(host);
            if (exact != place->end() && look_into(exact->second)) return true;
        }
        return tree_ != nullptr && tree_->find(parent_labels(host), look_into);
    };
    if (hosts_count_ != 0 && look_by_host()) return found;
    if (any_host_) look_into(any_host_);
    return found;
}

std::vector<const route*> router::routes() const {
    std::vector<std::pair<route_rank, const host_routes*>> hosts;
    const auto add = [&](const shared_routes& routes) {
        auto rank = route_rank();
        const auto whole = rank_of(routes->routes().front().when);
        rank.host = whole.host;
        rank.host_length = whole.host_length;
        hosts.emplace_back(rank, routes.get());
    };
    for (const auto& place : hosts_)
        if (place)
            for (const auto& [host, routes] : *place) add(routes);
    if (wildcards_)
        for (const auto& [host, routes] : *wildcards_) add(routes);
    if (any_host_) add(any_host_);
    // No request comes to two hosts of one rank: they stand as the configuration has them.
    std::ranges::sort(hosts, [](const auto& a, const auto& b) {
        if (a.first != b.first) return a.first > b.first;
        return a.second->routes().front().number < b.second->routes().front().number;
    });
    std::vector<const route*> all;
    for (const auto& [rank, routes] : hosts)
        for (const auto& each : routes->routes()) all.push_back(&each);
    return all;
}

}  // namespace hawser::proxy
