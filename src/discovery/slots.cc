// SPDX-License-Identifier: Apache-2.0
#include "discovery/slots.h"

#include <set>
#include <utility>

namespace hawser::discovery {

std::vector<std::size_t> slots::assign(std::span<const std::string> all) {
    std::map<std::string, std::size_t> next;
    std::set<std::size_t> in_use;
    for (const auto& each : all) {
        const auto before = taken_.find(each);
        if (before == taken_.end()) continue;
        next.insert(*before);
        in_use.insert(before->second);
    }
    std::size_t lowest = 1;
    for (const auto& each : all) {
        if (next.contains(each)) continue;
        while (in_use.contains(lowest)) ++lowest;
        in_use.insert(lowest);
        next.emplace(each, lowest);
    }
    taken_ = std::move(next);

    std::vector<std::size_t> given;
    for (const auto& each : all) given.push_back(taken_.at(each));
    return given;
}

}  // namespace hawser::discovery
