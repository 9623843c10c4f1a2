// SPDX-License-Identifier: Apache-2.0
#include "app/difference.h"

#include <algorithm>

#include "base/hash.h"
#include "config/write.h"

namespace hawser::app {

namespace {

using config::node;

/// Follows maps down to what differs; lists are one thing.
void compare(const std::string& path, const node& before, const node& after,
             std::vector<std::string>& into) {
    const auto below = [&](const std::string& key) {
        return path.empty() ? key : path + "." + key;
    };
    if (before.is_map() && after.is_map()) {
        for (const auto& each : before.entries()) {
            if (const auto* there = after.find(each.key))
                compare(below(each.key), each.value, *there, into);
            else
                into.push_back(below(each.key) + ": removed");
        }
        for (const auto& each : after.entries())
            if (before.find(each.key) == nullptr) into.push_back(below(each.key) + ": added");
        return;
    }
    if (before.is_scalar() && after.is_scalar()) {
        if (before.text() != after.text())
            into.push_back(path + ": " + before.text() + " -> " + after.text());
        return;
    }
    if (config::to_json(before) != config::to_json(after)) into.push_back(path + ": changed");
}

/// Of two maps, which are in the order of their names.
template <typename Map, typename IsOther>
std::vector<std::string> names_changed(const Map& before, const Map& after, IsOther&& is_other) {
    std::vector<std::string> found;
    auto next = after.begin();
    for (const auto& [name, was] : before) {
        for (; next != after.end() && next->first < name; ++next) found.push_back(next->first);
        const bool is_there = next != after.end() && next->first == name;
        if (!is_there || is_other(name, was, next->second)) found.push_back(name);
        if (is_there) ++next;
    }
    for (; next != after.end(); ++next) found.push_back(next->first);
    return found;
}

bool is_left(const server& before, const server* after) {
    if (after == nullptr) return true;
    return after->state == upstream::admin_state::maintenance &&
           before.state != upstream::admin_state::maintenance;
}

}  // namespace

std::vector<std::string> differences(const node& before, const node& after) {
    std::vector<std::string> all;
    compare({}, before, after, all);
    return all;
}

std::vector<hawser::admin::abandoned> abandoned_by(const effective& before, const effective& after,
                                                   std::span<const std::string> changed) {
    std::vector<hawser::admin::abandoned> all;
    for (const auto& pool_name : changed) {
        const pool* was = before.find(pool_name);
        if (was == nullptr) continue;
        const pool* next = after.find(pool_name);
        for (const auto& [name, one] : was->servers) {
            const server* there = nullptr;
            if (next != nullptr)
                if (const auto found = next->servers.find(name); found != next->servers.end())
                    there = &found->second;
            if (is_left(one, there))
                all.push_back({pool_id_of(pool_name), server_id_of(pool_name, name)});
        }
    }
    return all;
}

changed_parts parts_changed(const effective& before, const effective& after) {
    const auto is_other_pool = [&](const std::string& name, const pool& was, const pool& is) {
        const auto over = before.laid_over(name);
        const auto over_next = after.laid_over(name);
        if (!over && !over_next) return was != is;
        return over != over_next && (over ? *over : was) != (over_next ? *over_next : is);
    };
    const auto is_other_listener = [](const std::string&, const listener& was, const listener& is) {
        return was != is;
    };
    const configuration& was = before.file();
    const configuration& is = after.file();
    return {.pools = names_changed(was.pools, is.pools, is_other_pool),
            .listeners = names_changed(was.listeners, is.listeners, is_other_listener),
            .routes = was.routes != is.routes,
            .sessions = was.sessions != is.sessions};
}

}  // namespace hawser::app
