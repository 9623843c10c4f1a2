// SPDX-License-Identifier: Apache-2.0
#include "discovery/membership.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace hawser::discovery {

namespace {

std::string_view name_of(const membership::member& one) noexcept { return one.seen.name; }

/// Whoever is there has a place before those who leave; of these the first to go went first.
void keep_within_bounds(std::vector<membership::member>& all) {
    if (all.size() <= limits::servers_of_pool_max) return;
    std::ranges::sort(all, std::ranges::greater(), [](const membership::member& one) {
        return one.gone_since.value_or(steady_time::max());
    });
    all.resize(limits::servers_of_pool_max);
}

}  // namespace

void membership::begin_with(std::vector<sighting> servers) {
    members_.clear();
    for (auto& each : servers) members_.push_back({.seen = std::move(each)});
    std::ranges::sort(members_, {}, name_of);
}

void membership::give_releases(const std::function<std::string(const sighting&)>& release_of) {
    for (auto& each : members_) each.seen.release = release_of(each.seen);
}

bool membership::take(std::vector<sighting> servers, farewell how, steady_time now) {
    std::vector<member> next;
    std::ranges::sort(servers, {}, &sighting::name);
    for (auto& each : servers) next.push_back({.seen = std::move(each)});
    const auto end_of_seen = std::ptrdiff_t(next.size());
    for (const auto& before : members_) {
        const auto seen_end = next.begin() + end_of_seen;
        const bool is_there =
            std::ranges::binary_search(next.begin(), seen_end, name_of(before), {}, name_of);
        if (is_there || how == farewell::drop) continue;
        next.push_back({before.seen, before.gone_since.value_or(now)});
    }
    keep_within_bounds(next);
    std::ranges::sort(next, {}, name_of);
    const bool is_same = next == members_;
    members_ = std::move(next);
    return !is_same;
}

bool membership::let_go(const std::function<bool(std::string_view)>& is_drained) {
    return std::erase_if(members_, [&](const member& one) {
               return one.gone_since && is_drained(one.seen.name);
           }) > 0;
}

std::size_t membership::leaving() const noexcept {
    return std::size_t(std::ranges::count_if(
        members_, [](const member& one) { return one.gone_since.has_value(); }));
}

}  // namespace hawser::discovery
