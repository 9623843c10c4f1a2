// SPDX-License-Identifier: Apache-2.0
#include "registry/ended_sessions.h"

#include <algorithm>
#include <cstring>

namespace hawser::registry {

namespace {

/// That are looked at under one lock.
constexpr std::size_t slice = 256;

}  // namespace

std::size_t ended_sessions::spread::operator()(const key& one) const noexcept {
    std::uint64_t bits = 0;
    std::memcpy(&bits, one.session.bytes.data() + 8, sizeof bits);
    return static_cast<std::size_t>(bits ^ static_cast<std::uint64_t>(one.pool));
}

affinity::cause ended_sessions::part::find(const key& one) const {
    const std::lock_guard held(lock);
    const auto found = all.find(one);
    return found != all.end() ? found->second : affinity::cause::none;
}

bool ended_sessions::add(const key& one, affinity::cause why, tick until, tick now) {
    part& here = parts_[one.session.bytes[0] % parts];
    const std::lock_guard held(here.lock);
    here.drop_lapsed(now);
    if (here.all.contains(one)) return true;
    const bool is_asked_for = why == affinity::cause::ended;
    if (here.all.size() >= (is_asked_for ? most_of_part_ : most_of_part_ / 2)) return false;
    here.all.emplace(one, why);
    (is_asked_for ? here.asked_for : here.revoked).all.emplace_back(until, one);
    here.count.store(here.all.size(), std::memory_order_relaxed);
    return true;
}

std::vector<ending> ended_sessions::copy(std::size_t number, const instant& now) const {
    const part& here = parts_[number];
    std::vector<ending> made;
    for (const auto* of : {&here.asked_for, &here.revoked})
        for (std::uint64_t next = 0; here.copy(*of, next, now, made);) {
        }
    return made;
}

bool ended_sessions::part::copy(const queue& of, std::uint64_t& next, const instant& now,
                                std::vector<ending>& into) const {
    const std::lock_guard held(lock);
    next = std::max(next, of.dropped);
    const auto end = of.dropped + of.all.size();
    for (const auto stop = std::min<std::uint64_t>(end, next + slice); next < stop; ++next) {
        const auto& [until, one] = of.all[next - of.dropped];
        const auto left = seconds_between(tick_of(now.steady), until);
        into.push_back({.pool = one.pool,
                        .session = one.session,
                        .why = all.at(one),
                        .until = affinity::seconds_of(now.wall + left)});
    }
    return next < end;
}

void ended_sessions::drop_lapsed(tick now) {
    part& here = parts_[next_.fetch_add(1, std::memory_order_relaxed) % parts];
    if (here.count.load(std::memory_order_relaxed) == 0) return;
    const std::lock_guard held(here.lock);
    here.drop_lapsed(now);
}

void ended_sessions::part::drop_lapsed(tick now) {
    drop_lapsed(asked_for, now);
    drop_lapsed(revoked, now);
    count.store(all.size(), std::memory_order_relaxed);
}

/// One that stays for longer keeps those that came after it for as long: they lead nowhere either.
void ended_sessions::part::drop_lapsed(queue& of, tick now) {
    // A visit drops as much as one that ends sessions may add.
    for (std::size_t n = 0; n < slice && !of.all.empty(); ++n) {
        if (between(of.all.front().first, now) <= 0) break;
        all.erase(of.all.front().second);
        of.all.pop_front();
        ++of.dropped;
    }
}

}  // namespace hawser::registry
