// SPDX-License-Identifier: Apache-2.0
#include "balance/turns.h"

#include <algorithm>

#include "base/limits.h"

namespace hawser::balance {

server& turns::next(candidates usable) {
    // Owners that left are forgotten with all others, which costs at most one uneven round.
    if (accounts_.size() > 2 * limits::servers_of_pool_max) accounts_.clear();
    const std::size_t first = seed_ % usable.size();
    server* chosen = usable[first];
    std::size_t payer = 0;
    std::int64_t gained_by_all = 0;

    // Accounts stand in the order of the candidates, so each is found right after the last one.
    std::size_t expected = first;
    for (std::size_t step = 0; step < usable.size(); ++step) {
        const std::size_t at = first + step;
        server& one = *usable[at < usable.size() ? at : at - usable.size()];
        const std::int64_t weight = one.weight();
        if (weight == 0) continue;

        const std::size_t mine = account_of(one.id(), expected);
        expected = mine + 1 < accounts_.size() ? mine + 1 : 0;
        accounts_[mine].credit += weight;
        const bool is_first = gained_by_all == 0;
        gained_by_all += weight;
        if (is_first || accounts_[mine].credit > accounts_[payer].credit) {
            payer = mine;
            chosen = &one;
        }
    }
    if (gained_by_all > 0) accounts_[payer].credit -= gained_by_all;
    return *chosen;
}

std::size_t turns::account_of(server_id owner, std::size_t expected) {
    if (expected < accounts_.size() && accounts_[expected].owner == owner) return expected;
    const auto at = std::ranges::find(accounts_, owner, &account::owner);
    const auto place = static_cast<std::size_t>(at - accounts_.begin());
    if (at == accounts_.end()) accounts_.push_back({owner});
    return place;
}

}  // namespace hawser::balance
