// SPDX-License-Identifier: Apache-2.0
#include "registry/ended_sessions.h"

#include <cstring>

namespace hawser::registry {

std::size_t ended_sessions::spread::operator()(const key& one) const noexcept {
    std::uint64_t bits = 0;
    std::memcpy(&bits, one.session.bytes.data() + 8, sizeof bits);
    return static_cast<std::size_t>(bits ^ static_cast<std::uint64_t>(one.pool));
}

bool ended_sessions::holds(pool_id pool, const session_id& session) const {
    const part& here = parts_[session.bytes[0] % parts];
    if (here.count.load(std::memory_order_relaxed) == 0) [[likely]]
        return false;
    const std::lock_guard held(here.lock);
    return here.all.contains({pool, session});
}

bool ended_sessions::add(pool_id pool, const session_id& session, tick until, tick now) {
    part& here = parts_[session.bytes[0] % parts];
    const std::lock_guard held(here.lock);
    here.drop_lapsed(now);
    const key one{pool, session};
    if (here.all.contains(one)) return true;
    if (here.all.size() >= most_of_part_) return false;
    here.all.insert(one);
    here.in_order.emplace_back(until, one);
    here.count.store(here.all.size(), std::memory_order_relaxed);
    return true;
}

void ended_sessions::drop_lapsed(tick now) {
    part& here = parts_[next_.fetch_add(1, std::memory_order_relaxed) % parts];
    if (here.count.load(std::memory_order_relaxed) == 0) return;
    const std::lock_guard held(here.lock);
    here.drop_lapsed(now);
}

/// One that stays for longer keeps those that came after it for as long: they lead nowhere either.
void ended_sessions::part::drop_lapsed(tick now) {
    // A visit drops as much as one that ends sessions may add.
    constexpr std::size_t most = 256;
    for (std::size_t n = 0; n < most && !in_order.empty(); ++n) {
        if (between(in_order.front().first, now) <= 0) break;
        all.erase(in_order.front().second);
        in_order.pop_front();
    }
    count.store(all.size(), std::memory_order_relaxed);
}

}  // namespace hawser::registry
