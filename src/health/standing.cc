// SPDX-License-Identifier: Apache-2.0
#include "health/standing.h"

#include <utility>

namespace hawser::health {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

}  // namespace

standing::change standing::passed(upstream::server& who, standing_rules by,
                                  wall_time now) noexcept {
    who.has_passed_checks.store(true, relaxed);
    if (!std::exchange(last_passed_, true)) run_ = 0;
    if (who.health.is_up() || (is_told_unfit_ && !is_failing_)) {
        run_ = 0;
        was_gone_ = false;
        return change::none;
    }
    if (++run_ < by.rise) return change::none;
    decided_by_ = std::exchange(run_, 0);
    is_failing_ = false;
    return raise(who, now) ? change::came_up : change::none;
}

standing::change standing::failed(upstream::server& who, standing_rules by, bool is_gone) noexcept {
    if (std::exchange(last_passed_, false)) run_ = 0;
    was_gone_ |= is_gone;
    if (is_failing_) {
        run_ = 0;
        return change::none;
    }
    if (++run_ < (who.has_passed_checks.load(relaxed) ? by.fall : 1)) return change::none;
    decided_by_ = std::exchange(run_, 0);
    is_failing_ = true;
    return who.health.take_down() ? change::went_down : change::none;
}

standing::change standing::told(upstream::server& who, bool is_fit, wall_time now) noexcept {
    if (std::exchange(is_told_unfit_, !is_fit) == !is_fit) return change::none;
    if (!is_fit) return who.health.take_down() ? change::went_down : change::none;
    return who.health.is_down() && raise(who, now) ? change::came_up : change::none;
}

void standing::forget_checks(upstream::server& who) noexcept {
    is_failing_ = false;
    run_ = 0;
    who.has_passed_checks.store(false, relaxed);
    if (who.health.is_down()) raise(who, {});
}

void standing::forget_agent(upstream::server& who) noexcept {
    is_told_unfit_ = false;
    if (who.health.is_down()) raise(who, {});
}

/// Only where nothing speaks against it any more.
bool standing::raise(upstream::server& who, wall_time now) noexcept {
    if (is_failing_ || is_told_unfit_) return false;
    const bool traffic_saw_it = who.outliers.was_gone.exchange(false, relaxed);
    const bool is_new = std::exchange(was_gone_, false) || traffic_saw_it;
    return who.health.raise(now, is_new);
}

}  // namespace hawser::health
