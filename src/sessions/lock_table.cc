// SPDX-License-Identifier: Apache-2.0
#include "sessions/lock_table.h"

#include <algorithm>
#include <utility>

namespace hawser::sessions {

namespace {

constexpr std::chrono::milliseconds leeway{50};

}  // namespace

bool lock_table::attempt::waits(steady_time now) const {
    if (interval.count() == 0) return false;
    return now - last <= std::min<std::chrono::nanoseconds>(2 * interval + leeway, patience_max);
}

/// Takes out whoever has given up.
void lock_table::drop_gone(lock_state& one, steady_time now) {
    std::erase_if(one.attempts, [now](const attempt& each) {
        return each.interval.count() == 0 ? now - each.last > patience_max : !each.waits(now);
    });
}

/// What is known of it from now on; null: of too many others something is.
lock_table::lock_state* lock_table::known(const place& lock) {
    const auto found = all_.find(lock);
    if (found != all_.end()) return &found->second;
    if (all_.size() == known_max) return nullptr;
    size_.store(all_.size() + 1, std::memory_order_relaxed);
    return &all_[lock];
}

bool lock_table::may_take(const place& lock, std::int64_t connection, steady_time now) {
    const std::scoped_lock held(lock_);
    const auto found = all_.find(lock);
    if (found == all_.end()) return true;
    auto& attempts = found->second.attempts;
    drop_gone(found->second, now);
    for (const auto& each : attempts) {
        if (each.connection == connection) return true;
        if (each.waits(now)) return false;
    }
    return true;
}

void lock_table::take(const place& lock, holder by) {
    const std::scoped_lock held(lock_);
    auto* one = known(lock);
    if (one == nullptr) return;
    std::erase_if(one->attempts,
                  [&](const attempt& each) { return each.connection == by.connection; });
    one->by = std::move(by);
}

void lock_table::refuse(const place& lock, std::int64_t connection, steady_time now) {
    const std::scoped_lock held(lock_);
    auto* one = known(lock);
    if (one == nullptr) return;
    drop_gone(*one, now);
    const auto before = std::ranges::find(one->attempts, connection, &attempt::connection);
    if (before != one->attempts.end()) {
        before->interval =
            std::max<std::chrono::nanoseconds>(now - before->last, std::chrono::nanoseconds(1));
        before->last = now;
    } else if (one->attempts.size() < waiting_max) {
        one->attempts.push_back({.connection = connection, .last = now});
    }
}

void lock_table::prolong(const place& lock, steady_time ends) {
    const std::scoped_lock held(lock_);
    const auto found = all_.find(lock);
    if (found != all_.end() && found->second.by) found->second.by->ends = ends;
}

/// Forgets a lock that nobody has and nobody waits for.
void lock_table::tidy(std::map<place, lock_state>::iterator one, steady_time now) {
    drop_gone(one->second, now);
    if (one->second.by || !one->second.attempts.empty()) return;
    all_.erase(one);
    size_.store(all_.size(), std::memory_order_relaxed);
}

void lock_table::free(const place& lock, steady_time now) {
    const std::scoped_lock held(lock_);
    const auto found = all_.find(lock);
    if (found == all_.end()) return;
    found->second.by.reset();
    tidy(found, now);
}

void lock_table::forget(const place& lock, std::int64_t connection, steady_time now) {
    const std::scoped_lock held(lock_);
    const auto found = all_.find(lock);
    if (found == all_.end()) return;
    std::erase_if(found->second.attempts,
                  [&](const attempt& each) { return each.connection == connection; });
    tidy(found, now);
}

std::vector<lock_table::shown> lock_table::all(steady_time now) const {
    const std::scoped_lock held(lock_);
    std::vector<shown> made;
    for (const auto& [lock, one] : all_) {
        if (!one.by || one.by->ends <= now) continue;
        const auto waiting = std::ranges::count_if(
            one.attempts, [now](const attempt& each) { return each.waits(now); });
        made.push_back({.lock = lock, .by = *one.by, .waiting = std::size_t(waiting)});
    }
    return made;
}

std::size_t lock_table::held(steady_time now) const {
    const std::scoped_lock held(lock_);
    return std::size_t(std::ranges::count_if(
        all_, [now](const auto& one) { return one.second.by && one.second.by->ends > now; }));
}

}  // namespace hawser::sessions
