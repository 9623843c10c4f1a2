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

std::vector<hawser::admin::abandoned> abandoned_by(const configuration& before,
                                                   const configuration& after) {
    std::vector<hawser::admin::abandoned> all;
    for (const auto& [pool_name, pool] : before.pools) {
        const auto next = after.pools.find(pool_name);
        for (const auto& [name, one] : pool.servers) {
            const server* there = nullptr;
            if (next != after.pools.end())
                if (const auto found = next->second.servers.find(name);
                    found != next->second.servers.end())
                    there = &found->second;
            if (is_left(one, there))
                all.push_back({pool_id_of(pool_name), server_id_of(pool_name, name)});
        }
    }
    return all;
}

}  // namespace hawser::app
