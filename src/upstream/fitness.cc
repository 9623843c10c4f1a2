// SPDX-License-Identifier: Apache-2.0
#include "upstream/fitness.h"

#include "base/ensure.h"
#include "base/limits.h"

namespace hawser::upstream {

namespace {

std::int64_t ticks_of(steady_time moment) noexcept {
    const std::int64_t ticks = moment.time_since_epoch().count();
    ensure(ticks > 0, "moments of the steady clock are after its start");
    return ticks;
}

}  // namespace

bool fitness::take_trial(steady_time now) noexcept {
    std::int64_t seen = word();
    if (seen == up || ticks_of(now) < moment_of(seen)) return false;
    return word_.compare_exchange_strong(seen, -ticks_of(now + limits::trial_time_max));
}

bool fitness::take_out(steady_time until) noexcept {
    std::int64_t seen = up;
    if (!word_.compare_exchange_strong(seen, ticks_of(until))) return false;
    tell(false);
    return true;
}

void fitness::undo_take_out() noexcept {
    std::int64_t seen = word();
    if (seen != up && seen != down) word_.compare_exchange_strong(seen, up);
}

bool fitness::end_trial(steady_time until) noexcept {
    std::int64_t seen = word();
    return seen < up && word_.compare_exchange_strong(seen, ticks_of(until));
}

bool fitness::bring_back(wall_time wall, bool is_new_instance) noexcept {
    const std::int64_t seen = word();
    return seen != up && seen != down && come_up(seen, wall, is_new_instance);
}

bool fitness::take_down() noexcept {
    if (word_.exchange(down) == down) return false;
    tell(false);
    return true;
}

bool fitness::raise(wall_time wall, bool is_new_instance) noexcept {
    std::int64_t seen = word();
    // Traffic may change it meanwhile, from out to trial and back; it ends up all the same.
    while (seen != up && !come_up(seen, wall, is_new_instance)) seen = word();
    return seen != up;
}

bool fitness::come_up(std::int64_t seen, wall_time wall, bool is_new_instance) noexcept {
    // Before the word: whoever sees the server up also sees since when.
    if (is_new_instance)
        came_back_.store(wall.time_since_epoch().count(), std::memory_order_relaxed);
    if (!word_.compare_exchange_strong(seen, up)) return false;
    tell(true);
    return true;
}

}  // namespace hawser::upstream
