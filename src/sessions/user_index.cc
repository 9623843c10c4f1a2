// SPDX-License-Identifier: Apache-2.0
#include "sessions/user_index.h"

#include <algorithm>

namespace hawser::sessions {

user_index::claim user_index::add(std::uint64_t user, const session& one, std::size_t most,
                                  user_full answer) {
    const std::scoped_lock held(lock_);
    auto& all = by_user_[user];
    claim made;
    if (most != 0 && all.size() >= most) {
        if (answer == user_full::refuse) return {.is_granted = false};
        const auto surplus = std::ptrdiff_t(all.size() - most + 1);
        for (auto each = all.begin(); each != all.begin() + surplus; ++each)
            made.give_way.push_back(each->one);
        all.erase(all.begin(), all.begin() + surplus);
        for (const auto& each : made.give_way) user_of_.erase(each[0]);
    }
    put(user, {.one = one, .created = no_deadline});
    return made;
}

void user_index::restore(std::uint64_t user, const session& one, steady_time created) {
    const std::scoped_lock held(lock_);
    put(user, {.one = one, .created = created});
}

void user_index::put(std::uint64_t user, const place& what) {
    auto& all = by_user_[user];
    all.insert(std::ranges::upper_bound(all, what.created, {}, &place::created), what);
    user_of_[what.one[0]] = user;
    size_.store(user_of_.size(), std::memory_order_relaxed);
}

void user_index::remove(const session& one) {
    if (size() == 0) return;
    const std::scoped_lock held(lock_);
    const auto found = user_of_.find(one[0]);
    if (found == user_of_.end()) return;
    const auto all = by_user_.find(found->second);
    std::erase_if(all->second, [&](const place& each) { return each.one == one; });
    if (all->second.empty()) by_user_.erase(all);
    user_of_.erase(found);
    size_.store(user_of_.size(), std::memory_order_relaxed);
}

std::vector<user_index::session> user_index::of(std::uint64_t user) const {
    const std::scoped_lock held(lock_);
    std::vector<session> all;
    if (const auto found = by_user_.find(user); found != by_user_.end())
        for (const auto& each : found->second) all.push_back(each.one);
    return all;
}

}  // namespace hawser::sessions
