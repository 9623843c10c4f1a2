// SPDX-License-Identifier: Apache-2.0
#include "balance/roster.h"

#include <algorithm>
#include <chrono>

namespace hawser::balance {

bool roster::update(std::span<server* const> all) {
    const bool is_same =
        std::ranges::equal(all, members_, [](const server* one, const member& before) {
            return member{one->id(), one->weight()} == before;
        });
    if (is_same) return false;
    members_.clear();
    for (const server* one : all) members_.push_back({one->id(), one->weight()});
    return true;
}

bool roster::update_weights(candidates usable, steady_time now) {
    if (now < next_look_) return false;
    next_look_ = now + std::chrono::seconds(1);
    bool is_changed = false;
    auto at = members_.begin();
    for (const server* one : usable) {
        at = std::ranges::find(at, members_.end(), one->id(), &member::id);
        if (at == members_.end()) break;  // of a snapshot before, whose requests still go on
        is_changed |= at->weight != one->weight();
        at->weight = one->weight();
    }
    return is_changed;
}

server* roster::find(std::size_t place, candidates usable) const noexcept {
    // Candidates stand in the pool's order: nobody is behind its place, nor further before it than
    // members are missing.
    const std::size_t missing = members_.size() - std::min(members_.size(), usable.size());
    const std::size_t first = place - std::min(place, missing);
    for (std::size_t at = std::min(place + 1, usable.size()); at-- > first;)
        if (usable[at]->id() == members_[place].id) return usable[at];
    return nullptr;
}

}  // namespace hawser::balance
