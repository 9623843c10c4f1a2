// SPDX-License-Identifier: Apache-2.0
#include "clients/source_counts.h"

#include "base/ensure.h"

namespace hawser::clients {

source_counts::source_counts(const crypto::siphash_key& secret) : hash_{secret} {
    for (shard& each : shards_) each.counts = decltype(each.counts)(0, hash_);
}

source_counts::shard& source_counts::shard_of(const io::ip_address& source) noexcept {
    // Other bits than those by which the map chooses its own places.
    return shards_[hash_(source) >> 58];
}

bool source_counts::take(const io::ip_address& client, std::size_t most, counted& place) {
    const io::ip_address source = counted_as(client);
    shard& in = shard_of(source);
    const std::scoped_lock held(in.held);
    const auto [found, is_new] = in.counts.try_emplace(source, 0);
    if (found->second >= most) {
        if (is_new) in.counts.erase(found);
        return false;
    }
    ++found->second;
    place = counted(*this, source);
    return true;
}

void source_counts::give_back(const io::ip_address& source) noexcept {
    shard& in = shard_of(source);
    const std::scoped_lock held(in.held);
    const auto found = in.counts.find(source);
    ensure(found != in.counts.end(), "a source that has a connection has a count");
    if (--found->second == 0) in.counts.erase(found);
}

std::size_t source_counts::sources() const {
    std::size_t sum = 0;
    for (const shard& each : shards_) {
        const std::scoped_lock held(each.held);
        sum += each.counts.size();
    }
    return sum;
}

}  // namespace hawser::clients
