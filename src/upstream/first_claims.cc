// SPDX-License-Identifier: Apache-2.0
#include "upstream/first_claims.h"

#include <algorithm>
#include <span>

namespace hawser::upstream {

server_id first_claims::claim(const claimant& who, server_id wanted,
                              std::chrono::milliseconds lasting, steady_time now) {
    const auto& [client, session] = who;
    const std::size_t place = place_of(client);
    const std::scoped_lock held(locks_[place % locks]);
    claimed& mine = all_[place];
    if (mine.client != client || mine.home == no_server_id || now - mine.since >= lasting)
        mine = {.client = client, .home = wanted, .since = now};
    const auto known = std::span(mine.sessions).first(mine.count);
    const bool is_new = session != key{} && std::ranges::find(known, session) == known.end();
    if (is_new && mine.count < sessions_max) mine.sessions[mine.count++] = session;
    return mine.home;
}

void first_claims::replace(const claimant& who, server_id before, server_id wanted) {
    const std::size_t place = place_of(who.client);
    const std::scoped_lock held(locks_[place % locks]);
    claimed& mine = all_[place];
    if (mine.client == who.client && mine.home == before) mine.home = wanted;
}

std::vector<first_claims::key> first_claims::settle(const key& client, const key& session) {
    const std::size_t place = place_of(client);
    const std::scoped_lock held(locks_[place % locks]);
    claimed& mine = all_[place];
    std::vector<key> others;
    if (mine.client != client) return others;
    for (const key& each : std::span(mine.sessions).first(mine.count))
        if (each != session) others.push_back(each);
    mine.count = 0;
    return others;
}

}  // namespace hawser::upstream
