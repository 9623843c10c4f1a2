// SPDX-License-Identifier: Apache-2.0
// What leaves for another process or the next one, and what comes from one, over all shards.

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/limits.h"
#include "registry/registry.h"
#include "registry/shard.h"

namespace hawser::registry {

namespace {

/// After `now` by what `until` is after `wall`; `now` if that has passed.
tick later_by(tick now, std::uint32_t wall, std::uint32_t until) {
    if (!affinity::is_later(until, wall)) return now;
    constexpr std::uint32_t most = 1u << 29;  // 17 years
    return now + static_cast<tick_span>(std::min(until - wall, most) * ticks_a_second);
}

}  // namespace

std::size_t registry::copy(cursor& from, std::span<record> into, const instant& now) const {
    std::size_t count = 0;
    while (count < into.size() && !from.done) {
        count += shards_[from.shard]->copy(from.number, into.subspan(count), now);
        if (from.number == 0) from.done = ++from.shard == shards_.size();
    }
    return count;
}

bool registry::restore(const record& told, const instant& now, origin from) {
    if (why_over(told.pool, told.home.session) != affinity::cause::none) return false;
    return shard_of(name(told.name_low, told.name_high)).restore(told, now, from);
}

void registry::restore(const ending& told, const instant& now) {
    const tick at = tick_of(now.steady);
    const tick until = later_by(at, affinity::seconds_of(now.wall), told.until);
    if (told.why != affinity::cause::none && until != at)
        (void)ended_.add({told.pool, told.session}, told.why, until, at);
    const name key(told.name_low, told.name_high);
    if (told.name_low != 0 || told.name_high != 0) shard_of(key).end_told(key, told.session, at);
}

/// What is not told any more where the other process hangs, ends there by itself.
void registry::note(const ending& told) {
    if (!is_shared()) return;
    const std::scoped_lock held(endings_lock_);
    if (endings_.size() < hawser::limits::sessions_ended_max) endings_.push_back(told);
}

std::vector<ending> registry::take_endings() {
    const std::scoped_lock held(endings_lock_);
    return std::exchange(endings_, {});
}

void registry::note_changes(noted what) {
    for (const auto& one : shards_) one->note_changes(what);
    is_shared_.store(true, std::memory_order_relaxed);
}

void registry::end_changes() {
    rounds_.close();
    is_shared_.store(false, std::memory_order_relaxed);
    for (const auto& one : shards_) one->end_changes();
    (void)take_endings();
}

std::size_t registry::changes(cursor& from, std::span<record> into, const instant& now) {
    std::size_t count = 0;
    while (count < into.size() && !from.done) {
        count += shards_[from.shard]->changes(from.number, into.subspan(count), now);
        if (from.number == 0) from.done = ++from.shard == shards_.size();
    }
    return count;
}

}  // namespace hawser::registry
